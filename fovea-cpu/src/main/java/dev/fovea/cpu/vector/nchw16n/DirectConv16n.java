package dev.fovea.cpu.vector.nchw16n;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.DirectConv;
import dev.fovea.cpu.kernel.Epilogue;
import dev.fovea.cpu.kernel.EpilogueKernel;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.vector.microkernel.Lanes;
import dev.fovea.cpu.vector.microkernel.Tile16n;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Convolution, its transpose and the matrix product in NCHW16n: {@link DirectConv} with {@link Tile16n}. A unit is one output
 * row of a tile of filters for a block of images.
 */
public final class DirectConv16n {
  private static final int BLOCK = Layout.BLOCK;
  private static final float[] NO_BIAS = new float[Tile16n.MAX_FILTERS];

  private final DirectConv conv;
  private final int blocks;
  private final boolean bias;
  private final DirectConv.Taps[][] tables;
  private final int[] tileStarts;

  public DirectConv16n(DirectConv conv, int blocks, boolean bias) {
    this.conv = conv;
    this.blocks = blocks;
    this.bias = bias;
    this.tables = conv.tables(BLOCK);
    this.tileStarts = Tile16n.tileStarts(conv.filters());
  }

  /** Inputs: the images, the weights packed by {@link #pack}, and the bias if there is one. */
  public EpilogueKernel kernel() {
    int units = blocks * conv.groups() * (tileStarts.length - 1) * conv.outH();
    return (in, out, epilogue) -> Task.of(units, (m, from, to) -> run(m, in, out, epilogue, from, to));
  }

  private void run(Memory m, List<Address> in, Address out, Epilogue epilogue, int from, int to) {
    Tile16n tile = new Tile16n();
    tile.in = m.array(in.get(0).array());
    tile.weights = m.array(in.get(1).array());
    tile.out = m.array(out.array());
    tile.bias = bias ? m.array(in.get(2).array()) : NO_BIAS;
    int plane = conv.outH() * conv.outW() * BLOCK;
    tile.filterStride = plane;
    int tiles = tileStarts.length - 1;
    for (int unit = from; unit < to; unit++) {
      int row = unit % conv.outH();
      int tileIndex = unit / conv.outH() % tiles;
      int group = unit / conv.outH() / tiles % conv.groups();
      int block = unit / conv.outH() / tiles / conv.groups();
      int first = tileStarts[tileIndex];
      int width = tileStarts[tileIndex + 1] - first;
      tile.weightStride = width;
      int map = group * conv.filters() + first;
      int image =
          in.get(0).offset() + (block * conv.inSize() + group * conv.channels() * conv.inH() * conv.inW()) * BLOCK;
      int target = out.offset() + (block * conv.outSize()) * BLOCK + map * plane + row * conv.outW() * BLOCK;
      row(
          tile,
          width,
          row,
          image + conv.rows().base(row) * conv.inW() * BLOCK,
          in.get(1).offset() + map * conv.taps(),
          target,
          bias ? in.get(2).offset() + map : 0);
      for (int filter = 0; filter < width; filter++) {
        epilogue.run(m, target + filter * plane, conv.outW() * BLOCK);
      }
    }
  }

  private void row(Tile16n tile, int width, int row, int image, int weight, int to, int firstBias) {
    DirectConv.Taps[] classes = tables[conv.rows().classOf(row)];
    int columns = conv.outW();
    for (int column = 0; column < columns; column++) {
      int columnClass = conv.columns().classOf(column);
      DirectConv.Taps taps = classes[columnClass];
      tile.tapOffsets = taps.distances();
      tile.weightRows = taps.numbers();
      int position = image + conv.columns().base(column) * BLOCK;
      int target = to + column * BLOCK;
      if (Lanes.COUNT < BLOCK) {
        tile.inStep = Lanes.COUNT;
        tile.outStep = Lanes.COUNT;
        for (int lane = 0; lane < BLOCK; lane += 2 * Lanes.COUNT) {
          tile.run(width, position + lane, weight, target + lane, firstBias);
        }
      } else {
        // a vector holds the whole block: the second vector is the next position, if it is of the same class
        boolean pair = column + 1 < columns && conv.columns().classOf(column + 1) == columnClass;
        tile.inStep = pair ? (conv.columns().base(column + 1) - conv.columns().base(column)) * BLOCK : 0;
        tile.outStep = pair ? BLOCK : 0;
        tile.run(width, position, weight, target, firstBias);
        column += pair ? 1 : 0;
      }
    }
  }

  /** Packs the weights in the order in which {@link Tile16n} reads them: tile by tile, tap by tap, filter by filter. */
  public static Kernel pack(DirectConv conv) {
    int[] starts = Tile16n.tileStarts(conv.filters());
    int tiles = starts.length - 1;
    int[] taps = IntStream.range(0, conv.taps()).map(tap -> conv.weightAt(0, tap)).toArray();
    int filter = conv.weights().filter();
    return (in, out) -> Task.of(
        conv.groups() * tiles,
        (m, from, to) -> {
          float[] w = m.array(in.getFirst().array());
          float[] packed = m.array(out.array());
          for (int unit = from; unit < to; unit++) {
            int group = unit / tiles;
            int first = starts[unit % tiles];
            int width = starts[unit % tiles + 1] - first;
            int at = out.offset() + (group * conv.filters() + first) * conv.taps();
            int source = in.getFirst().offset() + group * conv.weights().group() + first * filter;
            for (int tap : taps) {
              for (int f = 0; f < width; f++) {
                packed[at++] = w[source + tap + f * filter];
              }
            }
          }
        });
  }
}
