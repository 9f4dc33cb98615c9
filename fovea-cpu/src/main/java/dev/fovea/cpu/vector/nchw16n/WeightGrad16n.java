package dev.fovea.cpu.vector.nchw16n;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Sums;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.vector.microkernel.Lanes;
import dev.fovea.cpu.vector.microkernel.Tile16n;
import dev.fovea.cpu.vector.microkernel.WeightGradTile16n;
import dev.fovea.cpu.vector.packing.CoveredWindows;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * What a convolution's weight receives, from images in the lanes. A unit is a few filters and a few taps, each an input channel with
 * an element of the window: the sole owner of its numbers, so no thread adds to another's.
 */
public final class WeightGrad16n {
  private static final int BLOCK = Layout.BLOCK;

  private final int groups;
  private final Shape x;
  private final Shape dy;
  private final int channels;
  private final int filters;
  private final int[] tileStarts;
  private final int[] distances;
  private final int[] xPositions;
  private final int[] dyPositions;

  /**
   * A plan.
   *
   * @param x the shape of the images, in which all windows lie
   */
  public WeightGrad16n(Window window, int groups, Shape x, Shape dy) {
    this.groups = groups;
    this.x = x;
    this.dy = dy;
    channels = x.dim(1) / groups;
    filters = dy.dim(1) / groups;
    tileStarts = Tile16n.tiles(filters);
    CoveredWindows windows = new CoveredWindows(window, x, dy);
    distances = windows.taps(channels, BLOCK);
    xPositions = windows.positions(dy.dim(2), BLOCK);
    dyPositions = new int[xPositions.length];
    Arrays.setAll(dyPositions, position -> position * BLOCK);
  }

  /** Inputs: the images, and the outputs' gradients. */
  public Kernel kernel() {
    int units = groups * (tileStarts.length - 1) * Math.ceilDiv(distances.length, WeightGradTile16n.TAPS);
    return (in, out) -> Task.of(units, (m, from, to) -> run(m, in, out, from, to));
  }

  private void run(Memory m, List<Address> in, Address out, int from, int to) {
    WeightGradTile16n tile = new WeightGradTile16n();
    tile.x = m.array(in.get(0).array());
    tile.dy = m.array(in.get(1).array());
    tile.sums = new float[Tile16n.MOST * WeightGradTile16n.TAPS * Lanes.COUNT];
    tile.xPositions = xPositions;
    tile.dyPositions = dyPositions;
    tile.blocks = Layout.imageBlocks(x);
    tile.xBlock = x.sizeFrom(1) * BLOCK;
    tile.dyBlock = dy.sizeFrom(1) * BLOCK;
    tile.filterStride = dy.sizeFrom(2) * BLOCK;
    float[] dw = m.array(out.array());
    float[] partial = new float[Tile16n.MOST * WeightGradTile16n.TAPS * BLOCK];
    int tiles = tileStarts.length - 1;
    int taps = distances.length;
    int calls = Math.ceilDiv(taps, WeightGradTile16n.TAPS);
    for (int unit = from; unit < to; unit++) {
      int tap = unit / tiles % calls * WeightGradTile16n.TAPS;
      int group = unit / tiles / calls;
      int start = tileStarts[unit % tiles];
      int width = tileStarts[unit % tiles + 1] - start;
      int filter = group * filters + start;
      for (int t = 0; t < WeightGradTile16n.TAPS; t++) {
        tile.distances[t] = distances[Math.min(taps - 1, tap + t)];
      }
      int xAt = in.get(0).offset() + group * channels * x.sizeFrom(2) * BLOCK;
      lanes(tile, width, xAt, in.get(1).offset() + filter * tile.filterStride, partial);
      for (int f = 0; f < width; f++) {
        for (int t = 0; t < WeightGradTile16n.TAPS && tap + t < taps; t++) {
          dw[out.offset() + (filter + f) * taps + tap + t] = Sums.tree(partial, (f * WeightGradTile16n.TAPS + t) * BLOCK);
        }
      }
    }
  }

  /** Fills {@code partial}, a block for each filter and tap, by as many calls as the machine's vectors take. */
  private static void lanes(WeightGradTile16n tile, int width, int xAt, int dyAt, float[] partial) {
    int count = Lanes.COUNT;
    for (int lane = 0; lane < BLOCK; lane += count) {
      tile.run(width, xAt + lane, dyAt + lane);
      for (int sum = 0; sum < width * WeightGradTile16n.TAPS; sum++) {
        System.arraycopy(tile.sums, sum * count, partial, sum * BLOCK + lane, count);
      }
    }
  }
}
