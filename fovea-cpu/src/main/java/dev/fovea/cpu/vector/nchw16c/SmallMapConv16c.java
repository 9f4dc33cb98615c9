package dev.fovea.cpu.vector.nchw16c;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Axis;
import dev.fovea.cpu.kernel.DirectConv;
import dev.fovea.cpu.kernel.Epilogue;
import dev.fovea.cpu.kernel.EpilogueKernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.vector.microkernel.Lanes;
import dev.fovea.cpu.vector.microkernel.Tile16c;
import dev.fovea.cpu.vector.packing.FilterTile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * {@link DirectConv16c} for small maps, most of whose places lie at an edge, so that few read alike: goes through the window element
 * by element, and for each adds to all places that read with it. The sums grow in the same order. A unit is a tile of filters, of one
 * image where there are few filters.
 */
public final class SmallMapConv16c {
  private static final int BLOCK = Layout.BLOCK;

  /** Tiles of filters that keep all threads busy. */
  private static final int MANY = 4;

  private final DirectConv conv;
  private final int images;
  private final boolean bias;
  /** Positions that are kept, twice four bytes each. */
  private static final long MOST_POSITIONS = 1 << 22;

  private final List<FilterTile> tiles;
  private final int perUnit;
  private final int[] taps = IntStream.range(0, BLOCK).toArray();

  /** For each element of the window where places read, and where they write; of one image, in floats. */
  private final List<int[]> reads = new ArrayList<>();

  private final List<int[]> writes = new ArrayList<>();

  public SmallMapConv16c(DirectConv conv, int images, boolean bias) {
    this.conv = conv;
    this.images = images;
    this.bias = bias;
    tiles = FilterTile.of(1, conv.filters(), Tile16c.VECTORS);
    perUnit = tiles.size() >= MANY ? images : 1;
    for (int row = 0; row < conv.rows().kernelSize(); row++) {
      for (int column = 0; column < conv.columns().kernelSize(); column++) {
        positions(pairs(conv.rows(), row), pairs(conv.columns(), column));
      }
    }
  }

  private void positions(List<int[]> rows, List<int[]> columns) {
    int[] from = new int[rows.size() * columns.size()];
    int[] to = new int[from.length];
    for (int i = 0; i < from.length; i++) {
      int[] row = rows.get(i / columns.size());
      int[] column = columns.get(i % columns.size());
      from[i] = (row[0] * conv.inW() + column[0]) * BLOCK;
      to[i] = (row[1] * conv.outW() + column[1]) * BLOCK;
    }
    reads.add(from);
    writes.add(to);
  }

  /** The places of the input and of the output that meet by an element of the axis. */
  private static List<int[]> pairs(Axis axis, int element) {
    List<int[]> pairs = new ArrayList<>();
    for (int position = 0; position < axis.size(); position++) {
      for (Axis.Tap tap : axis.taps(axis.classOf(position))) {
        if (tap.element() == element) {
          pairs.add(new int[] {axis.base(position) + tap.offset(), position});
        }
      }
    }
    return pairs;
  }

  /** Whether this is the shorter way. */
  public static boolean suits(DirectConv conv, int images) {
    ConvCosts costs = new ConvCosts(conv, images);
    return conv.groups() == 1 && positions(conv) <= MOST_POSITIONS
        && costs.elements() < DirectConv16c.cost(conv, images, false);
  }

  /** Positions that are read, over all elements of the window. */
  private static long positions(DirectConv conv) {
    return sum(conv.rows().readerCounts()) * sum(conv.columns().readerCounts());
  }

  private static long sum(int[] numbers) {
    return Arrays.stream(numbers).asLongStream().sum();
  }

  /** Inputs: the images, the weights as {@link DirectConv16c#pack} leaves them, and the bias if there is one. */
  public EpilogueKernel kernel() {
    int perTile = images / perUnit;
    return (in, out, epilogue) -> Task.of(tiles.size() * perTile, (m, from, to) -> {
      Walk walk = new Walk(m, in, out, epilogue);
      for (int unit = from; unit < to; unit++) {
        walk.unit(tiles.get(unit / perTile), unit % perTile * perUnit);
      }
    });
  }

  /** What one thread knows while it goes through its units. */
  private final class Walk {
    private final Memory m;
    private final Epilogue epilogue;
    private final Tile16c tile = new Tile16c();
    private final List<Address> in;
    private final Address out;
    private final int inMap = conv.inH() * conv.inW() * BLOCK;
    private final int outMap = conv.outH() * conv.outW() * BLOCK;

    Walk(Memory m, List<Address> in, Address out, Epilogue epilogue) {
      this.m = m;
      this.epilogue = epilogue;
      this.in = in;
      this.out = out;
      tile.in = m.array(in.get(0).array());
      tile.weights = m.array(in.get(1).array());
      tile.out = m.array(out.array());
      tile.distances = taps;
      tile.numbers = taps;
    }

    void unit(FilterTile filters, int firstImage) {
      int outBlocks = Math.ceilDiv(conv.filters(), BLOCK);
      int inBlocks = Math.ceilDiv(conv.channels(), BLOCK);
      tile.outStep = filters.step(outMap / BLOCK);
      begin(filters);
      int first = out.offset() + FilterTile.at(filters.first(), outMap / BLOCK);
      for (int image = firstImage; image < firstImage + perUnit; image++) {
        start(filters, first + image * outBlocks * outMap);
      }
      for (int block = 0; block < inBlocks; block++) {
        int count = Math.min(BLOCK, conv.channels() - block * BLOCK);
        tile.distances = count == BLOCK ? taps : Arrays.copyOf(taps, count);
        tile.fours = count / 4 * 4;
        for (int element = 0; element < conv.area(); element++) {
          int row = block * BLOCK * conv.area() + element * count;
          int weight = in.get(1).offset() + filters.row() * conv.taps() + row * filters.lanes();
          for (int image = firstImage; image < firstImage + perUnit; image++) {
            int source = in.get(0).offset() + (image * inBlocks + block) * inMap;
            add(element, source, first + image * outBlocks * outMap, filters.vectors(), weight);
          }
        }
      }
      for (int image = firstImage; image < firstImage + perUnit; image++) {
        end(filters, first + image * outBlocks * outMap);
      }
    }

    private void begin(FilterTile filters) {
      Arrays.fill(tile.start, 0);
      if (bias) {
        float[] biases = m.array(in.get(2).array());
        System.arraycopy(biases, in.get(2).offset() + filters.from(), tile.start, 0, filters.to() - filters.from());
      }
    }

    private void start(FilterTile filters, int to) {
      for (int at = to; at < to + outMap; at += BLOCK) {
        for (int v = 0; v < filters.vectors(); v++) {
          Lanes.load(tile.start, v * Lanes.COUNT).intoArray(tile.out, at + v * tile.outStep);
        }
      }
    }

    private void add(int element, int source, int target, int vectors, int weight) {
      int[] from = reads.get(element);
      int[] to = writes.get(element);
      for (int k = 0; k < from.length; k += Tile16c.MOST) {
        int count = Math.min(Tile16c.MOST, from.length - k);
        for (int i = 0; i < Tile16c.MOST; i++) {
          int position = k + Math.min(i, count - 1);
          tile.positions[i] = source + from[position];
          tile.targets[i] = target + to[position];
        }
        tile.run(count, vectors, weight, true);
      }
    }

    private void end(FilterTile filters, int to) {
      for (int at = 0; at < outMap; at += Tile16c.MOST * BLOCK) {
        int count = Math.min(Tile16c.MOST, (outMap - at) / BLOCK);
        for (int i = 0; i < count; i++) {
          tile.targets[i] = to + at + i * BLOCK;
        }
        tile.finish(m, epilogue, 0, count, filters.vectors());
      }
    }
  }
}
