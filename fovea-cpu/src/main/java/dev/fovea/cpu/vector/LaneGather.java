package dev.fovea.cpu.vector;

import dev.fovea.cpu.Binder;
import dev.fovea.cpu.Carrier;
import dev.fovea.cpu.Gather;
import dev.fovea.cpu.Layout;
import dev.fovea.cpu.Memory;
import dev.fovea.cpu.Place;
import dev.fovea.cpu.Tail;
import dev.fovea.cpu.Task;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Convolution, its transpose and the matrix product on images in the lanes: {@link Gather} with {@link Tile}. A unit is one output
 * row of a few filters of a block of images.
 */
final class LaneGather {
  private static final int BLOCK = Layout.BLOCK;
  private static final float[] NO_BIAS = new float[Tile.MOST];

  private final Gather gather;
  private final int blocks;
  private final boolean bias;
  private final Gather.Taps[][] tables;
  private final int[] tileStarts;

  LaneGather(Gather gather, int blocks, boolean bias) {
    this.gather = gather;
    this.blocks = blocks;
    this.bias = bias;
    this.tables = gather.tables(BLOCK);
    this.tileStarts = tiles(gather.filters());
  }

  /** Where each tile of so many filters begins, and at last their count. */
  static int[] tiles(int filters) {
    int[] starts = new int[filters + 1];
    int count = 0;
    for (int at = 0; at < filters; at += Tile.width(filters - at)) {
      starts[count++] = at;
    }
    starts[count++] = filters;
    return Arrays.copyOf(starts, count);
  }

  /** Inputs: the images, the weights as {@link #pack} leaves them, and the bias if there is one. */
  Carrier binder() {
    int units = blocks * gather.groups() * (tileStarts.length - 1) * gather.outH();
    return (in, out, tail) -> Task.of(units, (m, from, to) -> run(m, in, out, tail, from, to));
  }

  private void run(Memory m, List<Place> in, Place out, Tail tail, int from, int to) {
    Tile tile = new Tile();
    tile.in = m.array(in.get(0).array());
    tile.weights = m.array(in.get(1).array());
    tile.out = m.array(out.array());
    tile.bias = bias ? m.array(in.get(2).array()) : NO_BIAS;
    int plane = gather.outH() * gather.outW() * BLOCK;
    tile.filterStride = plane;
    int tiles = tileStarts.length - 1;
    for (int unit = from; unit < to; unit++) {
      int row = unit % gather.outH();
      int number = unit / gather.outH() % tiles;
      int group = unit / gather.outH() / tiles % gather.groups();
      int block = unit / gather.outH() / tiles / gather.groups();
      int first = tileStarts[number];
      int width = tileStarts[number + 1] - first;
      tile.weightStride = width;
      int map = group * gather.filters() + first;
      int image =
          in.get(0).offset() + (block * gather.inSize() + group * gather.channels() * gather.inH() * gather.inW()) * BLOCK;
      int target = out.offset() + (block * gather.outSize()) * BLOCK + map * plane + row * gather.outW() * BLOCK;
      row(
          tile,
          width,
          row,
          image + gather.rows().base(row) * gather.inW() * BLOCK,
          in.get(1).offset() + map * gather.taps(),
          target,
          bias ? in.get(2).offset() + map : 0);
      for (int filter = 0; filter < width; filter++) {
        tail.run(m, target + filter * plane, gather.outW() * BLOCK);
      }
    }
  }

  private void row(Tile tile, int width, int row, int image, int weight, int to, int firstBias) {
    Gather.Taps[] classes = tables[gather.rows().classOf(row)];
    int columns = gather.outW();
    for (int column = 0; column < columns; column++) {
      int columnClass = gather.columns().classOf(column);
      Gather.Taps taps = classes[columnClass];
      tile.distances = taps.distances();
      tile.numbers = taps.numbers();
      int place = image + gather.columns().base(column) * BLOCK;
      int target = to + column * BLOCK;
      if (Lanes.COUNT < BLOCK) {
        tile.inStep = Lanes.COUNT;
        tile.outStep = Lanes.COUNT;
        for (int lane = 0; lane < BLOCK; lane += 2 * Lanes.COUNT) {
          tile.run(width, place + lane, weight, target + lane, firstBias);
        }
      } else {
        // a vector holds the whole block: the second one is the next place's, where that reads alike
        boolean pair = column + 1 < columns && gather.columns().classOf(column + 1) == columnClass;
        tile.inStep = pair ? (gather.columns().base(column + 1) - gather.columns().base(column)) * BLOCK : 0;
        tile.outStep = pair ? BLOCK : 0;
        tile.run(width, place, weight, target, firstBias);
        column += pair ? 1 : 0;
      }
    }
  }

  /** Brings the weights into the order in which {@link Tile} reads them: tile by tile, tap by tap, filter by filter. */
  static Binder pack(Gather gather) {
    int[] starts = tiles(gather.filters());
    int tiles = starts.length - 1;
    int[] taps = IntStream.range(0, gather.taps()).map(tap -> gather.weightAt(0, tap)).toArray();
    int filter = gather.weights().filter();
    return (in, out) -> Task.of(
        gather.groups() * tiles,
        (m, from, to) -> {
          float[] w = m.array(in.getFirst().array());
          float[] packed = m.array(out.array());
          for (int unit = from; unit < to; unit++) {
            int group = unit / tiles;
            int first = starts[unit % tiles];
            int width = starts[unit % tiles + 1] - first;
            int at = out.offset() + (group * gather.filters() + first) * gather.taps();
            int source = in.getFirst().offset() + group * gather.weights().group() + first * filter;
            for (int tap : taps) {
              for (int f = 0; f < width; f++) {
                packed[at++] = w[source + tap + f * filter];
              }
            }
          }
        });
  }
}
