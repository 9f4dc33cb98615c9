package dev.fovea.cpu.vector;

import static dev.fovea.cpu.Winograd.POINTS;

import dev.fovea.cpu.Binder;
import dev.fovea.cpu.Layout;
import dev.fovea.cpu.Memory;
import dev.fovea.cpu.Place;
import dev.fovea.cpu.Task;
import dev.fovea.cpu.Winograd;
import java.util.Arrays;
import java.util.List;

/**
 * {@link Winograd} for all tiles at once, where transformed weights are too large to be read for some tiles after the other: {@link
 * WinogradMaps} before and behind, and between them the 36 matrix products, which read all weights once. The sums are those of {@link
 * ChannelWinograd}. A unit is a tile of filters at a point.
 */
final class PointProducts {
  private static final int BLOCK = Layout.BLOCK;

  /** Weights beyond this, in floats, leave no room in a second-level cache. */
  private static final int LARGE = 1 << 18;

  private final Winograd plan;
  private final WinogradMaps in;
  private final WinogradMaps out;
  private final List<ChannelFilters> filters;
  private final int[] distances;
  private final int[] numbers;

  PointProducts(Winograd plan, int images) {
    this.plan = plan;
    in = new WinogradMaps(plan, images, plan.channels());
    out = new WinogradMaps(plan, images, plan.filters());
    filters = ChannelFilters.of(1, plan.filters(), ChannelTile.VECTORS);
    distances = new int[plan.channels()];
    Arrays.setAll(distances, channel -> ChannelFilters.at(channel, in.room()));
    numbers = new int[plan.channels()];
    Arrays.setAll(numbers, channel -> channel);
  }

  /** Whether weights read for each block of tiles are more than all points, on both sides, written and read and as much again. */
  static boolean suits(Winograd plan, int images) {
    PointProducts all = new PointProducts(plan, images);
    long weights = ChannelWinograd.packedSize(plan);
    long again = weights * (new ChannelWinograd(plan, images, false).blocks() - 1);
    return weights > LARGE
        && Math.max(all.in.size(), all.out.size()) <= WinogradMaps.MOST
        && again > 4 * (all.in.size() + all.out.size());
  }

  WinogradMaps in() {
    return in;
  }

  WinogradMaps out() {
    return out;
  }

  /** Inputs: the patches at their points, and the weights as {@link ChannelWinograd#pack} leaves them. */
  Binder binder() {
    return (from, to) -> Task.of(POINTS * filters.size(), (m, first, end) -> run(m, from, to, first, end));
  }

  private void run(Memory m, List<Place> from, Place to, int first, int end) {
    ChannelTile tile = new ChannelTile();
    tile.in = m.array(from.get(0).array());
    tile.weights = m.array(from.get(1).array());
    tile.out = m.array(to.array());
    tile.distances = distances;
    tile.numbers = numbers;
    tile.fours = plan.channels() / 4 * 4;
    tile.side = true;
    for (int unit = first; unit < end; unit++) {
      int point = unit / filters.size();
      ChannelFilters f = filters.get(unit % filters.size());
      tile.outStep = f.step(out.room());
      int source = from.get(0).offset() + point * in.point();
      int target = to.offset() + point * out.point() + ChannelFilters.at(f.first(), out.room());
      int weight = from.get(1).offset() + ChannelWinograd.weightAt(plan, filters, point, f);
      for (int k = 0; k < in.tiles(); k += ChannelTile.MOST) {
        for (int i = 0; i < ChannelTile.MOST; i++) {
          tile.places[i] = source + (k + i) * BLOCK;
          tile.targets[i] = target + (k + i) * BLOCK;
        }
        tile.run(Math.min(ChannelTile.MOST, in.tiles() - k), f.vectors(), weight, false);
      }
    }
  }
}
