package dev.fovea.cpu.vector.winograd;

import static dev.fovea.cpu.kernel.Winograd.POINTS;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.kernel.Winograd;
import dev.fovea.cpu.vector.microkernel.Tile16c;
import dev.fovea.cpu.vector.packing.FilterTile;
import java.util.Arrays;
import java.util.List;

/**
 * {@link Winograd} for all tiles at once, for transformed weights too large to be read again for each block of tiles: between two
 * steps of {@link WinogradMaps} the 36 matrix products, which read all weights once. The sums are the same as in
 * {@link WinogradConv}. A unit is a tile of filters at a point.
 */
public final class WinogradProducts {
  private static final int BLOCK = Layout.BLOCK;

  /** Weights of more floats than this leave no space in a second-level cache. */
  private static final int LARGE_WEIGHTS = 1 << 18;

  private final Winograd plan;
  private final WinogradMaps in;
  private final WinogradMaps out;
  private final List<FilterTile> filters;
  private final int[] tapOffsets;
  private final int[] weightRows;

  public WinogradProducts(Winograd plan, int images) {
    this.plan = plan;
    in = new WinogradMaps(plan, images, plan.channels());
    out = new WinogradMaps(plan, images, plan.filters());
    filters = FilterTile.of(1, plan.filters(), Tile16c.MAX_VECTORS);
    tapOffsets = new int[plan.channels()];
    Arrays.setAll(tapOffsets, channel -> FilterTile.offset(channel, in.paddedTiles()));
    weightRows = new int[plan.channels()];
    Arrays.setAll(weightRows, channel -> channel);
  }

  /**
   * Whether reading the weights again for each block of tiles is more traffic than twice writing and reading all points on both
   * sides.
   */
  public static boolean isApplicable(Winograd plan, int images) {
    WinogradProducts all = new WinogradProducts(plan, images);
    long weights = WinogradConv.packedSize(plan);
    long rereads = weights * (new WinogradConv(plan, images, false).blockCount() - 1);
    return weights > LARGE_WEIGHTS
        && Math.max(all.in.size(), all.out.size()) <= WinogradMaps.MAX_FLOATS
        && rereads > 4 * (all.in.size() + all.out.size());
  }

  public WinogradMaps in() {
    return in;
  }

  public WinogradMaps out() {
    return out;
  }

  /** Inputs: the patches at their points, and the weights packed by {@link WinogradConv#pack}. */
  public Kernel kernel() {
    return (from, to) -> Task.of(POINTS * filters.size(), (m, first, end) -> run(m, from, to, first, end));
  }

  private void run(Memory m, List<Address> from, Address to, int first, int end) {
    Tile16c tile = new Tile16c();
    tile.in = m.array(from.get(0).array());
    tile.weights = m.array(from.get(1).array());
    tile.out = m.array(to.array());
    tile.tapOffsets = tapOffsets;
    tile.weightRows = weightRows;
    tile.unrolledTaps = plan.channels() / 4 * 4;
    tile.contiguous = true;
    for (int unit = first; unit < end; unit++) {
      int point = unit / filters.size();
      FilterTile f = filters.get(unit % filters.size());
      tile.outStep = f.vectorStride(out.paddedTiles());
      int source = from.get(0).offset() + point * in.pointStride();
      int target = to.offset() + point * out.pointStride() + FilterTile.offset(f.firstChannel(), out.paddedTiles());
      int weight = from.get(1).offset() + WinogradConv.weightAt(plan, filters, point, f);
      for (int k = 0; k < in.tiles(); k += Tile16c.MAX_POSITIONS) {
        for (int i = 0; i < Tile16c.MAX_POSITIONS; i++) {
          tile.inOffsets[i] = source + (k + i) * BLOCK;
          tile.outOffsets[i] = target + (k + i) * BLOCK;
        }
        tile.run(Math.min(Tile16c.MAX_POSITIONS, in.tiles() - k), f.vectors(), weight, false);
      }
    }
  }
}
