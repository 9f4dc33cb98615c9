package dev.fovea.cpu.vector.nchw16n;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.PartialSums;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.vector.microkernel.Lanes;
import dev.fovea.cpu.vector.microkernel.Tile16n;
import dev.fovea.cpu.vector.microkernel.WeightGradTile16n;
import dev.fovea.cpu.vector.packing.ValidWindows;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * The weight gradient of a convolution in NCHW16n. A unit is a tile of filters and a few taps, each an input channel and
 * an element of the window: it is the only writer of its weights, so no thread adds to another's sums.
 */
public final class WeightGrad16n {
  private static final int BLOCK = Layout.BLOCK;

  private final int groups;
  private final Shape x;
  private final Shape dy;
  private final int channels;
  private final int filters;
  private final int[] tileStarts;
  private final int[] tapOffsets;
  private final int[] xOffsets;
  private final int[] dyOffsets;

  /**
   * Creates the kernel's plan.
   *
   * @param x the shape of the images, which contain all windows
   */
  public WeightGrad16n(Window window, int groups, Shape x, Shape dy) {
    this.groups = groups;
    this.x = x;
    this.dy = dy;
    channels = x.dim(1) / groups;
    filters = dy.dim(1) / groups;
    tileStarts = Tile16n.tileStarts(filters);
    ValidWindows windows = new ValidWindows(window, x, dy);
    tapOffsets = windows.tapOffsets(channels, BLOCK);
    xOffsets = windows.offsets(dy.dim(2), BLOCK);
    dyOffsets = new int[xOffsets.length];
    Arrays.setAll(dyOffsets, position -> position * BLOCK);
  }

  /** Inputs: the images and the output gradients. */
  public Kernel kernel() {
    int units = groups * (tileStarts.length - 1) * Math.ceilDiv(tapOffsets.length, WeightGradTile16n.TAPS);
    return (in, out) -> Task.of(units, (m, from, to) -> run(m, in, out, from, to));
  }

  private void run(Memory m, List<Address> in, Address out, int from, int to) {
    WeightGradTile16n tile = new WeightGradTile16n();
    tile.x = m.array(in.get(0).array());
    tile.dy = m.array(in.get(1).array());
    tile.sums = new float[Tile16n.MAX_FILTERS * WeightGradTile16n.TAPS * Lanes.COUNT];
    tile.xOffsets = xOffsets;
    tile.dyOffsets = dyOffsets;
    tile.blocks = Layout.imageBlocks(x);
    tile.xBlockStride = x.sizeFrom(1) * BLOCK;
    tile.dyBlockStride = dy.sizeFrom(1) * BLOCK;
    tile.filterStride = dy.sizeFrom(2) * BLOCK;
    float[] dw = m.array(out.array());
    float[] partial = new float[Tile16n.MAX_FILTERS * WeightGradTile16n.TAPS * BLOCK];
    int tiles = tileStarts.length - 1;
    int taps = tapOffsets.length;
    int calls = Math.ceilDiv(taps, WeightGradTile16n.TAPS);
    for (int unit = from; unit < to; unit++) {
      int tap = unit / tiles % calls * WeightGradTile16n.TAPS;
      int group = unit / tiles / calls;
      int start = tileStarts[unit % tiles];
      int width = tileStarts[unit % tiles + 1] - start;
      int filter = group * filters + start;
      for (int t = 0; t < WeightGradTile16n.TAPS; t++) {
        tile.tapOffsets[t] = tapOffsets[Math.min(taps - 1, tap + t)];
      }
      int xAt = in.get(0).offset() + group * channels * x.sizeFrom(2) * BLOCK;
      sumLanes(tile, width, xAt, in.get(1).offset() + filter * tile.filterStride, partial);
      for (int f = 0; f < width; f++) {
        for (int t = 0; t < WeightGradTile16n.TAPS && tap + t < taps; t++) {
          dw[out.offset() + (filter + f) * taps + tap + t] = PartialSums.tree(partial, (f * WeightGradTile16n.TAPS + t) * BLOCK);
        }
      }
    }
  }

  /** Fills {@code partial}, a block for each filter and tap, with one call for each vector of a block. */
  private static void sumLanes(WeightGradTile16n tile, int width, int xAt, int dyAt, float[] partial) {
    int count = Lanes.COUNT;
    for (int lane = 0; lane < BLOCK; lane += count) {
      tile.run(width, xAt + lane, dyAt + lane);
      for (int sum = 0; sum < width * WeightGradTile16n.TAPS; sum++) {
        System.arraycopy(tile.sums, sum * count, partial, sum * BLOCK + lane, count);
      }
    }
  }
}
