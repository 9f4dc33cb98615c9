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
import dev.fovea.cpu.vector.packing.FilterTile;
import dev.fovea.cpu.vector.packing.WeightUnpacking;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * {@link WinogradWeightGrad} for all tiles at once, for convolutions in which each tile would be transformed for many slabs:
 * {@link WinogradMaps} come first, then at each point the sums over all tiles, then the transform of the sums to 3x3.
 */
public final class WinogradOuterProducts {
  private static final int BLOCK = Layout.BLOCK;

  /** Tiles at a time: what a tile of filters reads of them stays in the first-level cache during the loop over channels. */
  private static final int CHUNK_TILES = 128;

  /** Channels of a unit of the transform to 3x3. */
  private static final int SLAB_CHANNELS = 64;

  /** With fewer channels or filters, tiles are transformed only once or twice. */
  private static final int MIN_CHANNELS = 128;

  private final Winograd plan;
  private final WinogradMaps in;
  private final WinogradMaps out;
  private final List<FilterTile> filters;

  /** The channels, padded to a multiple of the rows of a call. */
  private final int paddedChannels;

  public WinogradOuterProducts(Winograd plan, int images) {
    this.plan = plan;
    in = new WinogradMaps(plan, images, plan.channels());
    out = new WinogradMaps(plan, images, plan.filters());
    filters = FilterTile.of(1, plan.filters(), plan.filters() > 4 * Lanes.COUNT ? OuterProductTile.MAX_VECTORS : 2);
    paddedChannels = Math.ceilDiv(plan.channels(), OuterProductTile.MAX_ROWS) * OuterProductTile.MAX_ROWS;
  }

  public static boolean isApplicable(Winograd plan, int images) {
    WinogradOuterProducts all = new WinogradOuterProducts(plan, images);
    return Math.min(plan.channels(), plan.filters()) >= MIN_CHANNELS
        && Math.max(Math.max(all.in.size(), all.out.size()), all.size()) <= WinogradMaps.MAX_FLOATS;
  }

  public WinogradMaps in() {
    return in;
  }

  public WinogradMaps out() {
    return out;
  }

  private int pointStride() {
    FilterTile last = filters.getLast();
    return (last.laneOffset() + last.lanes()) * paddedChannels + WinogradConv.POINT_PADDING;
  }

  /** The number of floats of the sums. */
  public long size() {
    return (long) POINTS * pointStride();
  }

  /** Inputs: the patches and the output gradients at their points. A unit is a tile of filters at a point. */
  public Kernel sums() {
    return (from, to) -> Task.of(POINTS * filters.size(), (m, first, end) -> {
      OuterProductTile tile = new OuterProductTile();
      tile.scalars = m.array(from.get(0).array());
      tile.vectors = m.array(from.get(1).array());
      tile.sums = m.array(to.array());
      int[] positions = IntStream.range(0, CHUNK_TILES).map(k -> k * BLOCK).toArray();
      tile.scalarOffsets = positions;
      tile.vectorOffsets = positions;
      for (int unit = first; unit < end; unit++) {
        int point = unit / filters.size();
        FilterTile f = filters.get(unit % filters.size());
        int sums = to.offset() + point * pointStride() + f.laneOffset() * paddedChannels;
        Arrays.fill(tile.sums, sums, sums + f.lanes() * paddedChannels, 0);
        int scalars = from.get(0).offset() + point * in.pointStride();
        int vectors = from.get(1).offset() + point * out.pointStride() + FilterTile.offset(f.firstChannel(), out.paddedTiles());
        add(tile, f, scalars, vectors, sums);
      }
    });
  }

  private void add(OuterProductTile tile, FilterTile f, int scalars, int vectors, int sums) {
    tile.vectorStep = f.vectorStride(out.paddedTiles());
    for (int k = 0; k < in.tiles(); k += CHUNK_TILES) {
      int count = Math.min(CHUNK_TILES, in.tiles() - k);
      for (int c = 0; c < paddedChannels; c += OuterProductTile.MAX_ROWS) {
        tile.rowOffsets[0] = FilterTile.offset(c, in.paddedTiles());
        tile.sumsOffset = sums + c * f.lanes();
        tile.contiguous(f.vectors(), scalars + k * BLOCK, vectors + k * BLOCK, count);
      }
    }
  }

  /** Transforms the sums to windows and unpacks them. A unit is a slab of channels of a tile of filters. */
  public Kernel windows() {
    int slabs = Math.ceilDiv(plan.channels(), SLAB_CHANNELS);
    return (from, to) -> Task.of(filters.size() * slabs, (m, first, end) -> {
      int lanes = OuterProductTile.MAX_VECTORS * Lanes.COUNT;
      float[] half = new float[3 * PATCH * lanes];
      float[] windows = new float[SLAB_CHANNELS * Winograd.AREA * lanes];
      for (int unit = first; unit < end; unit++) {
        windows(m, from.getFirst(), to, filters.get(unit / slabs), unit % slabs * SLAB_CHANNELS, half, windows);
      }
    });
  }

  private void windows(Memory m, Address from, Address to, FilterTile f, int first, float[] half, float[] windows) {
    float[] sums = m.array(from.array());
    int lanes = f.lanes();
    int count = Math.min(SLAB_CHANNELS, plan.channels() - first);
    for (int c = 0; c < count; c++) {
      int at = from.offset() + f.laneOffset() * paddedChannels + (first + c) * lanes;
      WinogradTransforms.windows(sums, at, pointStride(), lanes, half, windows, c * Winograd.AREA * lanes);
    }
    int target = to.offset() + plan.weightAt(f.firstChannel(), first, 0);
    new WeightUnpacking().unpack(f, windows, 0, count * Winograd.AREA, m.array(to.array()), target,
        plan.weightStrides().filter());
  }
}
