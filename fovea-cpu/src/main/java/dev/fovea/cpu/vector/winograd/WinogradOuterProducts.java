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
 * {@link WinogradWeightGrad} for all tiles at once, where a tile would be transformed for many slabs: {@link WinogradMaps} before it,
 * then at each point the sums over all tiles, then those back to 3x3.
 */
public final class WinogradOuterProducts {
  private static final int BLOCK = Layout.BLOCK;

  /** Tiles at a time: what a tile of filters reads of them stays in the first cache while the channels go by. */
  private static final int RUN = 128;

  /** Channels of a unit of the way back. */
  private static final int SLAB = 64;

  /** Fewer channels or filters are transformed but once or twice. */
  private static final int LEAST = 128;

  private final Winograd plan;
  private final WinogradMaps in;
  private final WinogradMaps out;
  private final List<FilterTile> filters;

  /** Channels up to a whole number of calls. */
  private final int channels;

  public WinogradOuterProducts(Winograd plan, int images) {
    this.plan = plan;
    in = new WinogradMaps(plan, images, plan.channels());
    out = new WinogradMaps(plan, images, plan.filters());
    filters = FilterTile.of(1, plan.filters(), plan.filters() > 4 * Lanes.COUNT ? OuterProductTile.VECTORS : 2);
    channels = Math.ceilDiv(plan.channels(), OuterProductTile.MOST) * OuterProductTile.MOST;
  }

  public static boolean suits(Winograd plan, int images) {
    WinogradOuterProducts all = new WinogradOuterProducts(plan, images);
    return Math.min(plan.channels(), plan.filters()) >= LEAST
        && Math.max(Math.max(all.in.size(), all.out.size()), all.size()) <= WinogradMaps.MOST;
  }

  public WinogradMaps in() {
    return in;
  }

  public WinogradMaps out() {
    return out;
  }

  private int point() {
    FilterTile last = filters.getLast();
    return (last.row() + last.lanes()) * channels + WinogradConv.APART;
  }

  /** The floats of the sums. */
  public long size() {
    return (long) POINTS * point();
  }

  /** Inputs: the patches and the outputs' gradients at their points. A unit is a tile of filters at a point. */
  public Kernel sums() {
    return (from, to) -> Task.of(POINTS * filters.size(), (m, first, end) -> {
      OuterProductTile tile = new OuterProductTile();
      tile.numbers = m.array(from.get(0).array());
      tile.vectors = m.array(from.get(1).array());
      tile.sums = m.array(to.array());
      int[] positions = IntStream.range(0, RUN).map(k -> k * BLOCK).toArray();
      tile.numberPositions = positions;
      tile.vectorPositions = positions;
      for (int unit = first; unit < end; unit++) {
        int point = unit / filters.size();
        FilterTile f = filters.get(unit % filters.size());
        int sums = to.offset() + point * point() + f.row() * channels;
        Arrays.fill(tile.sums, sums, sums + f.lanes() * channels, 0);
        int numbers = from.get(0).offset() + point * in.point();
        int vectors = from.get(1).offset() + point * out.point() + FilterTile.at(f.first(), out.room());
        add(tile, f, numbers, vectors, sums);
      }
    });
  }

  private void add(OuterProductTile tile, FilterTile f, int numbers, int vectors, int sums) {
    tile.step = f.step(out.room());
    for (int k = 0; k < in.tiles(); k += RUN) {
      int count = Math.min(RUN, in.tiles() - k);
      for (int c = 0; c < channels; c += OuterProductTile.MOST) {
        tile.rows[0] = FilterTile.at(c, in.room());
        tile.sumsAt = sums + c * f.lanes();
        tile.contiguous(f.vectors(), numbers + k * BLOCK, vectors + k * BLOCK, count);
      }
    }
  }

  /** The sums back to windows, and those to the filters. A unit is a slab of channels of a tile of filters. */
  public Kernel windows() {
    int slabs = Math.ceilDiv(plan.channels(), SLAB);
    return (from, to) -> Task.of(filters.size() * slabs, (m, first, end) -> {
      int lanes = OuterProductTile.VECTORS * Lanes.COUNT;
      float[] half = new float[3 * PATCH * lanes];
      float[] windows = new float[SLAB * Winograd.AREA * lanes];
      for (int unit = first; unit < end; unit++) {
        windows(m, from.getFirst(), to, filters.get(unit / slabs), unit % slabs * SLAB, half, windows);
      }
    });
  }

  private void windows(Memory m, Address from, Address to, FilterTile f, int first, float[] half, float[] windows) {
    float[] sums = m.array(from.array());
    int lanes = f.lanes();
    int count = Math.min(SLAB, plan.channels() - first);
    for (int c = 0; c < count; c++) {
      int at = from.offset() + f.row() * channels + (first + c) * lanes;
      WinogradTransforms.windows(sums, at, point(), lanes, half, windows, c * Winograd.AREA * lanes);
    }
    int target = to.offset() + plan.weightAt(f.first(), first, 0);
    new WeightUnpacking().put(f, windows, 0, count * Winograd.AREA, m.array(to.array()), target, plan.weightStrides().filter());
  }
}
