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
 * The weight gradient of a convolution by {@link Winograd}: for each of the 36 points the sum over all tiles of patch times output
 * gradient, and then the transform to 3x3. A unit is a slab of filters with a slab of channels; it loops over the tiles a few at a
 * time, and its sums stay in the core's cache.
 */
public final class WinogradWeightGrad {
  private static final int BLOCK = Layout.BLOCK;

  /** Filters of a unit, and channels if there are many: each tile is transformed once for every unit that reads it. */
  private static final int SLAB_FILTERS = 64;

  /** Tiles at a time. */
  private static final int CHUNK_TILES = 64;

  /** The number of floats of the sums of one call, a tile of filters with a few channels, at one point. */
  private static final int TILE_SUMS = OuterProductTile.MAX_ROWS * 2 * Lanes.COUNT;

  private final Winograd plan;
  private final int images;
  private final List<FilterTile> filters;
  private final int tilesPerSlab = SLAB_FILTERS / (2 * Lanes.COUNT);
  private final int filterSlabs;
  private final int channelSlab;
  private final int channelSlabs;
  private final int channelTiles;
  private final int[] tileOffsets = IntStream.range(0, CHUNK_TILES).map(k -> k * BLOCK).toArray();

  public WinogradWeightGrad(Winograd plan, int images) {
    this.plan = plan;
    this.images = images;
    filters = FilterTile.of(1, plan.filters(), 2);
    filterSlabs = Math.ceilDiv(filters.size(), tilesPerSlab);
    channelSlab = plan.channels() >= 2 * SLAB_FILTERS ? SLAB_FILTERS : SLAB_FILTERS / 2;
    channelSlabs = Math.ceilDiv(plan.channels(), channelSlab);
    channelTiles = channelSlab / OuterProductTile.MAX_ROWS;
  }

  /** Inputs: the images and the output gradients, both in NCHW16c. */
  public Kernel kernel() {
    return (in, out) -> Task.of(filterSlabs * channelSlabs, (m, from, to) -> {
      Worker worker = new Worker(m, in, out);
      for (int unit = from; unit < to; unit++) {
        worker.unit(unit / channelSlabs, unit % channelSlabs * channelSlab);
      }
    });
  }

  /** The state of one thread for its units. */
  private final class Worker {
    private final OuterProductTile tile = new OuterProductTile();
    private final WinogradTiles transforms = new WinogradTiles(plan);
    private final int inputPointStride = channelSlab * CHUNK_TILES + WinogradConv.POINT_PADDING;
    private final int outputPointStride = SLAB_FILTERS * CHUNK_TILES + WinogradConv.POINT_PADDING;
    private final int points = Layout.CACHE_LINE_START;
    private final int gradients = points + POINTS * inputPointStride;
    private final int sums = gradients + POINTS * outputPointStride;
    private final int sumPointStride = tilesPerSlab * channelTiles * TILE_SUMS + WinogradConv.POINT_PADDING;
    private final float[] scratch = Scratch.floats(POINTS * (inputPointStride + outputPointStride + sumPointStride));
    private final WeightUnpacking unpacking = new WeightUnpacking();
    private final float[] half = new float[3 * PATCH * 2 * Lanes.COUNT];
    private final float[] windows = new float[channelSlab * Winograd.AREA * 2 * Lanes.COUNT];
    private final float[] x;
    private final float[] dy;
    private final float[] dw;
    private final int xAt;
    private final int dyAt;
    private final int dwAt;

    Worker(Memory m, List<Address> in, Address out) {
      x = m.array(in.get(0).array());
      xAt = in.get(0).offset();
      dy = m.array(in.get(1).array());
      dyAt = in.get(1).offset();
      dw = m.array(out.array());
      dwAt = out.offset();
      tile.scalars = scratch;
      tile.vectors = scratch;
      tile.sums = scratch;
      tile.scalarOffsets = tileOffsets;
      tile.vectorOffsets = tileOffsets;
    }

    void unit(int slab, int firstChannel) {
      List<FilterTile> own = filters.subList(slab * tilesPerSlab, Math.min(filters.size(), (slab + 1) * tilesPerSlab));
      int channels = Math.min(channelSlab, plan.channels() - firstChannel);
      Arrays.fill(scratch, sums, sums + POINTS * sumPointStride, 0);
      int tiles = images * plan.tiles();
      for (int first = 0; first < tiles; first += CHUNK_TILES) {
        int count = Math.min(CHUNK_TILES, tiles - first);
        transform(first, count, firstChannel / BLOCK, Math.ceilDiv(channels, BLOCK), slab * SLAB_FILTERS / BLOCK);
        for (int point = 0; point < POINTS; point++) {
          add(point, own, slab * SLAB_FILTERS, channels, count);
        }
      }
      for (int k = 0; k < own.size(); k++) {
        unpackTile(own.get(k), sums + k * channelTiles * TILE_SUMS, firstChannel, channels);
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
          transforms.inputs(x, map, at, scratch, points + (b * CHUNK_TILES + k) * BLOCK, inputPointStride);
        }
        for (int b = 0; b < Math.min(SLAB_FILTERS / BLOCK, outBlocks - filter); b++) {
          int map = dyAt + (image * outBlocks + filter + b) * outMap;
          transforms.gradients(dy, map, at, scratch, gradients + (b * CHUNK_TILES + k) * BLOCK, outputPointStride);
        }
      }
    }

    private void add(int point, List<FilterTile> own, int firstFilter, int channels, int count) {
      for (int k = 0; k < own.size(); k++) {
        FilterTile f = own.get(k);
        int vectors = gradients + point * outputPointStride + FilterTile.offset(f.firstChannel() - firstFilter, CHUNK_TILES);
        tile.vectorStep = f.vectorStride(CHUNK_TILES);
        tile.sumsOffset = sums + point * sumPointStride + k * channelTiles * TILE_SUMS;
        for (int c = 0; c < channels; c += OuterProductTile.MAX_ROWS) {
          tile.rowOffsets[0] = FilterTile.offset(c, CHUNK_TILES);
          tile.contiguous(f.vectors(), points + point * inputPointStride, vectors, count);
          tile.sumsOffset += TILE_SUMS;
        }
      }
    }

    /** Transforms the sums of a tile of filters to windows, and unpacks them. */
    private void unpackTile(FilterTile f, int from, int firstChannel, int channels) {
      int lanes = f.lanes();
      for (int c = 0; c < channels; c++) {
        int at = from + c / OuterProductTile.MAX_ROWS * TILE_SUMS + c % OuterProductTile.MAX_ROWS * lanes;
        WinogradTransforms.windows(scratch, at, sumPointStride, lanes, half, windows, c * Winograd.AREA * lanes);
      }
      int to = dwAt + plan.weightAt(f.firstChannel(), firstChannel, 0);
      unpacking.unpack(f, windows, 0, channels * Winograd.AREA, dw, to, plan.weightStrides().filter());
    }
  }
}
