package dev.fovea.cpu.vector;

import dev.fovea.cpu.Binder;
import dev.fovea.cpu.Layout;
import dev.fovea.cpu.Memory;
import dev.fovea.cpu.Place;
import dev.fovea.cpu.Sums;
import dev.fovea.cpu.Task;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * What a convolution's weight receives, from images in the lanes. A unit is a few filters and a few taps, each an input channel with
 * an element of the window: the sole owner of its numbers, so no thread adds to another's.
 */
final class LaneWeightGrad {
  private static final int BLOCK = Layout.BLOCK;

  private final int groups;
  private final Shape x;
  private final Shape dy;
  private final int channels;
  private final int filters;
  private final int[] tileStarts;
  private final int[] distances;
  private final int[] xPlaces;
  private final int[] dyPlaces;

  /**
   * A plan.
   *
   * @param x the shape of the images, in which all windows lie
   */
  LaneWeightGrad(Window window, int groups, Shape x, Shape dy) {
    this.groups = groups;
    this.x = x;
    this.dy = dy;
    channels = x.dim(1) / groups;
    filters = dy.dim(1) / groups;
    tileStarts = LaneGather.tiles(filters);
    CoveredWindows windows = new CoveredWindows(window, x, dy);
    distances = windows.taps(channels, BLOCK);
    xPlaces = windows.places(dy.dim(2), BLOCK);
    dyPlaces = new int[xPlaces.length];
    Arrays.setAll(dyPlaces, place -> place * BLOCK);
  }

  /** Inputs: the images, and the outputs' gradients. */
  Binder binder() {
    int units = groups * (tileStarts.length - 1) * Math.ceilDiv(distances.length, GradTile.TAPS);
    return (in, out) -> Task.of(units, (m, from, to) -> run(m, in, out, from, to));
  }

  private void run(Memory m, List<Place> in, Place out, int from, int to) {
    GradTile tile = new GradTile();
    tile.x = m.array(in.get(0).array());
    tile.dy = m.array(in.get(1).array());
    tile.sums = new float[Tile.MOST * GradTile.TAPS * Lanes.COUNT];
    tile.xPlaces = xPlaces;
    tile.dyPlaces = dyPlaces;
    tile.blocks = Layout.blocks(x);
    tile.xBlock = x.sizeFrom(1) * BLOCK;
    tile.dyBlock = dy.sizeFrom(1) * BLOCK;
    tile.filterStride = dy.sizeFrom(2) * BLOCK;
    float[] dw = m.array(out.array());
    float[] partial = new float[Tile.MOST * GradTile.TAPS * BLOCK];
    int tiles = tileStarts.length - 1;
    int taps = distances.length;
    int calls = Math.ceilDiv(taps, GradTile.TAPS);
    for (int unit = from; unit < to; unit++) {
      int tap = unit / tiles % calls * GradTile.TAPS;
      int group = unit / tiles / calls;
      int start = tileStarts[unit % tiles];
      int width = tileStarts[unit % tiles + 1] - start;
      int filter = group * filters + start;
      for (int t = 0; t < GradTile.TAPS; t++) {
        tile.distances[t] = distances[Math.min(taps - 1, tap + t)];
      }
      int xAt = in.get(0).offset() + group * channels * x.sizeFrom(2) * BLOCK;
      lanes(tile, width, xAt, in.get(1).offset() + filter * tile.filterStride, partial);
      for (int f = 0; f < width; f++) {
        for (int t = 0; t < GradTile.TAPS && tap + t < taps; t++) {
          dw[out.offset() + (filter + f) * taps + tap + t] = Sums.tree(partial, (f * GradTile.TAPS + t) * BLOCK);
        }
      }
    }
  }

  /** Fills {@code partial}, a block for each filter and tap, by as many calls as the machine's vectors take. */
  private static void lanes(GradTile tile, int width, int xAt, int dyAt, float[] partial) {
    int count = Lanes.COUNT;
    for (int lane = 0; lane < BLOCK; lane += count) {
      tile.run(width, xAt + lane, dyAt + lane);
      for (int sum = 0; sum < width * GradTile.TAPS; sum++) {
        System.arraycopy(tile.sums, sum * count, partial, sum * BLOCK + lane, count);
      }
    }
  }
}
