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
 * What a convolution's weight receives, from images in the lanes. A unit is a few filters, one input channel and one element of
 * the window: the sole owner of its numbers, so no thread adds to another's.
 */
final class LaneWeightGrad {
  private static final int BLOCK = Layout.BLOCK;

  /** Channels of a unit: two where a vector holds a block, since a tile has two vectors. */
  private static final int PER_UNIT = Lanes.COUNT == BLOCK ? 2 : 1;

  private final Window window;
  private final int groups;
  private final Shape x;
  private final Shape dy;
  private final int area;
  private final int channels;
  private final int filters;
  private final int[] tileStarts;
  private final int[][] xPlaces;
  private final int[][] dyPlaces;

  LaneWeightGrad(Window window, int groups, Shape x, Shape dy) {
    this.window = window;
    this.groups = groups;
    this.x = x;
    this.dy = dy;
    area = window.kernelH() * window.kernelW();
    channels = x.dim(1) / groups;
    filters = dy.dim(1) / groups;
    tileStarts = LaneGather.tiles(filters);
    xPlaces = new int[area][];
    dyPlaces = new int[area][];
    for (int element = 0; element < area; element++) {
      places(element);
    }
  }

  /** The places of the output where this element of the window lies inside the picture. */
  private void places(int element) {
    int[] xs = new int[dy.sizeFrom(2)];
    int[] dys = new int[xs.length];
    int count = 0;
    for (int row = 0; row < dy.dim(2); row++) {
      int h = window.rowOf(row) + element / window.kernelW() * window.dilationH();
      for (int column = 0; column < dy.dim(3); column++) {
        int v = window.columnOf(column) + element % window.kernelW() * window.dilationW();
        if (h >= 0 && h < x.dim(2) && v >= 0 && v < x.dim(3)) {
          xs[count] = (h * x.dim(3) + v) * BLOCK;
          dys[count++] = (row * dy.dim(3) + column) * BLOCK;
        }
      }
    }
    xPlaces[element] = Arrays.copyOf(xs, count);
    dyPlaces[element] = Arrays.copyOf(dys, count);
  }

  Binder binder() {
    int units = groups * (tileStarts.length - 1) * Math.ceilDiv(channels, PER_UNIT) * area;
    return (in, out) -> Task.of(units, (m, from, to) -> run(m, in, out, from, to));
  }

  private void run(Memory m, List<Place> in, Place out, int from, int to) {
    GradTile tile = new GradTile();
    tile.x = m.array(in.get(0).array());
    tile.dy = m.array(in.get(1).array());
    tile.sums = new float[2 * Tile.MOST * Lanes.COUNT];
    tile.blocks = Layout.blocks(x);
    tile.xBlock = x.sizeFrom(1) * BLOCK;
    tile.dyBlock = dy.sizeFrom(1) * BLOCK;
    tile.filterStride = dy.sizeFrom(2) * BLOCK;
    float[] dw = m.array(out.array());
    float[] partial = new float[PER_UNIT * Tile.MOST * BLOCK];
    int tiles = tileStarts.length - 1;
    int channelUnits = Math.ceilDiv(channels, PER_UNIT);
    for (int unit = from; unit < to; unit++) {
      int element = unit % area;
      int channel = unit / area % channelUnits * PER_UNIT;
      int number = unit / area / channelUnits % tiles;
      int group = unit / area / channelUnits / tiles;
      int first = tileStarts[number];
      int width = tileStarts[number + 1] - first;
      tile.xPlaces = xPlaces[element];
      tile.dyPlaces = dyPlaces[element];
      int filter = group * filters + first;
      int own = Math.min(PER_UNIT, channels - channel);
      lanes(
          tile,
          width,
          in.get(0).offset() + (group * channels + channel) * x.sizeFrom(2) * BLOCK,
          in.get(1).offset() + filter * tile.filterStride,
          own,
          partial);
      for (int c = 0; c < own; c++) {
        for (int f = 0; f < width; f++) {
          dw[out.offset() + ((filter + f) * channels + channel + c) * area + element] =
              Sums.tree(partial, (c * width + f) * BLOCK);
        }
      }
    }
  }

  /**
   * Fills {@code partial}, a block a filter, channel by channel, by as many calls as the machine's vectors take. The second vector is
   * of the same filters' next lanes or, where one vector holds the block, of the next channel.
   */
  private void lanes(GradTile tile, int width, int xAt, int dyAt, int own, float[] partial) {
    int count = Lanes.COUNT;
    if (count == BLOCK) {
      tile.xStep = own > 1 ? x.sizeFrom(2) * BLOCK : 0;
      tile.dyStep = 0;
      tile.run(width, xAt, dyAt);
      System.arraycopy(tile.sums, 0, partial, 0, own * width * BLOCK);
      return;
    }
    tile.xStep = count;
    tile.dyStep = count;
    for (int lane = 0; lane < BLOCK; lane += 2 * count) {
      tile.run(width, xAt + lane, dyAt + lane);
      for (int f = 0; f < width; f++) {
        System.arraycopy(tile.sums, f * count, partial, f * BLOCK + lane, count);
        System.arraycopy(tile.sums, (width + f) * count, partial, f * BLOCK + lane + count, count);
      }
    }
  }
}
