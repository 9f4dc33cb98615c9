package dev.fovea.cpu.vector.winograd;

import static dev.fovea.cpu.kernel.Winograd.PATCH;
import static dev.fovea.cpu.kernel.Winograd.POINTS;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.kernel.Winograd;
import dev.fovea.cpu.vector.microkernel.Lanes;
import dev.fovea.cpu.vector.microkernel.OuterProductTile;
import dev.fovea.cpu.vector.microkernel.Scratch;
import dev.fovea.cpu.vector.packing.FilterTile;
import dev.fovea.cpu.vector.packing.WeightUnpacking;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a convolution's weight receives, by {@link Winograd}: for each of the 36 points the sum over all tiles of a patch's number
 * times an output gradient's, then back to 3x3. A unit is a slab of filters with a slab of channels; it walks over the tiles a few at a
 * time and its sums stay in the core's cache.
 */
public final class WinogradWeightGrad {
  private static final int BLOCK = Layout.BLOCK;

  /** Filters of a unit, and channels where there are many: each tile is transformed once for every unit that reads it. */
  private static final int SLAB = 64;

  /** Tiles at a time. */
  private static final int TILES = 64;

  /** The floats of the sums of a tile of filters with a few channels at one point. */
  private static final int SUMS = OuterProductTile.MOST * 2 * Lanes.COUNT;

  private final Winograd plan;
  private final int images;
  private final List<FilterTile> filters;
  private final int perSlab = SLAB / (2 * Lanes.COUNT);
  private final int filterSlabs;
  private final int channelSlab;
  private final int channelSlabs;
  private final int channelTiles;
  private final int[] positions = IntStream.range(0, TILES).map(k -> k * BLOCK).toArray();

  public WinogradWeightGrad(Winograd plan, int images) {
    this.plan = plan;
    this.images = images;
    filters = FilterTile.of(1, plan.filters(), 2);
    filterSlabs = Math.ceilDiv(filters.size(), perSlab);
    channelSlab = plan.channels() >= 2 * SLAB ? SLAB : SLAB / 2;
    channelSlabs = Math.ceilDiv(plan.channels(), channelSlab);
    channelTiles = channelSlab / OuterProductTile.MOST;
  }

  /** Inputs: the images and the outputs' gradients, both by channels. */
  public Kernel kernel() {
    return (in, out) -> Task.of(filterSlabs * channelSlabs, (m, from, to) -> {
      Walk walk = new Walk(m, in, out);
      for (int unit = from; unit < to; unit++) {
        walk.unit(unit / channelSlabs, unit % channelSlabs * channelSlab);
      }
    });
  }

  /** What one thread knows while it goes through its units. */
  private final class Walk {
    private final OuterProductTile tile = new OuterProductTile();
    private final WinogradTiles transforms = new WinogradTiles(plan);
    private final int pointIn = channelSlab * TILES + WinogradConv.APART;
    private final int pointOut = SLAB * TILES + WinogradConv.APART;
    private final int points = Layout.CACHE_LINE_START;
    private final int gradients = points + POINTS * pointIn;
    private final int sums = gradients + POINTS * pointOut;
    private final int pointSums = perSlab * channelTiles * SUMS + WinogradConv.APART;
    private final float[] scratch = Scratch.floats(POINTS * (pointIn + pointOut + pointSums));
    private final WeightUnpacking filterReturn = new WeightUnpacking();
    private final float[] half = new float[3 * PATCH * 2 * Lanes.COUNT];
    private final float[] windows = new float[channelSlab * Winograd.AREA * 2 * Lanes.COUNT];
    private final float[] x;
    private final float[] dy;
    private final float[] dw;
    private final int xAt;
    private final int dyAt;
    private final int dwAt;

    Walk(Memory m, List<Address> in, Address out) {
      x = m.array(in.get(0).array());
      xAt = in.get(0).offset();
      dy = m.array(in.get(1).array());
      dyAt = in.get(1).offset();
      dw = m.array(out.array());
      dwAt = out.offset();
      tile.numbers = scratch;
      tile.vectors = scratch;
      tile.sums = scratch;
      tile.numberPositions = positions;
      tile.vectorPositions = positions;
    }

    void unit(int slab, int firstChannel) {
      List<FilterTile> own = filters.subList(slab * perSlab, Math.min(filters.size(), (slab + 1) * perSlab));
      int channels = Math.min(channelSlab, plan.channels() - firstChannel);
      Arrays.fill(scratch, sums, sums + POINTS * pointSums, 0);
      int tiles = images * plan.tiles();
      for (int first = 0; first < tiles; first += TILES) {
        int count = Math.min(TILES, tiles - first);
        transform(first, count, firstChannel / BLOCK, Math.ceilDiv(channels, BLOCK), slab * SLAB / BLOCK);
        for (int point = 0; point < POINTS; point++) {
          add(point, own, slab * SLAB, channels, count);
        }
      }
      for (int k = 0; k < own.size(); k++) {
        put(own.get(k), sums + k * channelTiles * SUMS, firstChannel, channels);
      }
    }

    private void transform(int first, int count, int channel, int channels, int filter) {
      int inBlocks = Math.ceilDiv(plan.channels(), BLOCK);
      int outBlocks = Math.ceilDiv(plan.filters(), BLOCK);
      int inMap = plan.inH() * plan.inW() * BLOCK;
      int outMap = plan.outH() * plan.outW() * BLOCK;
      for (int k = 0; k < count; k++) {
        int image = (first + k) / plan.tiles();
        int at = (first + k) % plan.tiles();
        for (int b = 0; b < channels; b++) {
          int map = xAt + (image * inBlocks + channel + b) * inMap;
          transforms.inputs(x, map, at, scratch, points + (b * TILES + k) * BLOCK, pointIn);
        }
        for (int b = 0; b < Math.min(SLAB / BLOCK, outBlocks - filter); b++) {
          int map = dyAt + (image * outBlocks + filter + b) * outMap;
          transforms.gradients(dy, map, at, scratch, gradients + (b * TILES + k) * BLOCK, pointOut);
        }
      }
    }

    private void add(int point, List<FilterTile> own, int firstFilter, int channels, int count) {
      for (int k = 0; k < own.size(); k++) {
        FilterTile f = own.get(k);
        int vectors = gradients + point * pointOut + FilterTile.at(f.first() - firstFilter, TILES);
        tile.step = f.step(TILES);
        tile.sumsAt = sums + point * pointSums + k * channelTiles * SUMS;
        for (int c = 0; c < channels; c += OuterProductTile.MOST) {
          tile.rows[0] = FilterTile.at(c, TILES);
          tile.contiguous(f.vectors(), points + point * pointIn, vectors, count);
          tile.sumsAt += SUMS;
        }
      }
    }

    /** Brings a tile of filters' sums back to windows, and those to the filters. */
    private void put(FilterTile f, int from, int firstChannel, int channels) {
      int lanes = f.lanes();
      for (int c = 0; c < channels; c++) {
        int at = from + c / OuterProductTile.MOST * SUMS + c % OuterProductTile.MOST * lanes;
        WinogradTransforms.windows(scratch, at, pointSums, lanes, half, windows, c * Winograd.AREA * lanes);
      }
      int to = dwAt + plan.weightAt(f.first(), firstChannel, 0);
      filterReturn.put(f, windows, 0, channels * Winograd.AREA, dw, to, plan.weightStrides().filter());
    }
  }
}
