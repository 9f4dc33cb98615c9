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
 * {@link Winograd} for all tiles at once, where transformed weights are too large to be read for some tiles after the other: {@link
 * WinogradMaps} before and behind, and between them the 36 matrix products, which read all weights once. The sums are those of {@link
 * WinogradConv}. A unit is a tile of filters at a point.
 */
public final class WinogradProducts {
  private static final int BLOCK = Layout.BLOCK;

  /** Weights beyond this, in floats, leave no room in a second-level cache. */
  private static final int LARGE = 1 << 18;

  private final Winograd plan;
  private final WinogradMaps in;
  private final WinogradMaps out;
  private final List<FilterTile> filters;
  private final int[] distances;
  private final int[] numbers;

  public WinogradProducts(Winograd plan, int images) {
    this.plan = plan;
    in = new WinogradMaps(plan, images, plan.channels());
    out = new WinogradMaps(plan, images, plan.filters());
    filters = FilterTile.of(1, plan.filters(), Tile16c.VECTORS);
    distances = new int[plan.channels()];
    Arrays.setAll(distances, channel -> FilterTile.at(channel, in.room()));
    numbers = new int[plan.channels()];
    Arrays.setAll(numbers, channel -> channel);
  }

  /** Whether weights read for each block of tiles are more than all points, on both sides, written and read and as much again. */
  public static boolean suits(Winograd plan, int images) {
    WinogradProducts all = new WinogradProducts(plan, images);
    long weights = WinogradConv.packedSize(plan);
    long again = weights * (new WinogradConv(plan, images, false).blocks() - 1);
    return weights > LARGE
        && Math.max(all.in.size(), all.out.size()) <= WinogradMaps.MOST
        && again > 4 * (all.in.size() + all.out.size());
  }

  public WinogradMaps in() {
    return in;
  }

  public WinogradMaps out() {
    return out;
  }

  /** Inputs: the patches at their points, and the weights as {@link WinogradConv#pack} leaves them. */
  public Kernel kernel() {
    return (from, to) -> Task.of(POINTS * filters.size(), (m, first, end) -> run(m, from, to, first, end));
  }

  private void run(Memory m, List<Address> from, Address to, int first, int end) {
    Tile16c tile = new Tile16c();
    tile.in = m.array(from.get(0).array());
    tile.weights = m.array(from.get(1).array());
    tile.out = m.array(to.array());
    tile.distances = distances;
    tile.numbers = numbers;
    tile.fours = plan.channels() / 4 * 4;
    tile.contiguous = true;
    for (int unit = first; unit < end; unit++) {
      int point = unit / filters.size();
      FilterTile f = filters.get(unit % filters.size());
      tile.outStep = f.step(out.room());
      int source = from.get(0).offset() + point * in.point();
      int target = to.offset() + point * out.point() + FilterTile.at(f.first(), out.room());
      int weight = from.get(1).offset() + WinogradConv.weightAt(plan, filters, point, f);
      for (int k = 0; k < in.tiles(); k += Tile16c.MOST) {
        for (int i = 0; i < Tile16c.MOST; i++) {
          tile.positions[i] = source + (k + i) * BLOCK;
          tile.targets[i] = target + (k + i) * BLOCK;
        }
        tile.run(Math.min(Tile16c.MOST, in.tiles() - k), f.vectors(), weight, false);
      }
    }
  }
}
