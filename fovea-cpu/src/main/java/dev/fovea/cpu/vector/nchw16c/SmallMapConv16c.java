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
 * {@link DirectConv16c} for small maps, most of whose positions are at an edge, so that few are of one class: it goes through
 * the window element by element, and adds each element's products to all positions that read it. The order of the sums is the
 * same. A unit is a tile of filters for all images, or for one image if there are few filters.
 */
public final class SmallMapConv16c {
  private static final int BLOCK = Layout.BLOCK;

  /** The number of tiles of filters that keeps all threads busy. */
  private static final int MIN_TILES = 4;

  private final DirectConv conv;
  private final int images;
  private final boolean bias;
  /** The maximum number of entries of the offset tables, which take twice four bytes each. */
  private static final long MAX_TABLE_ENTRIES = 1 << 22;

  private final List<FilterTile> tiles;
  private final int imagesPerUnit;
  private final int[] blockTaps = IntStream.range(0, BLOCK).toArray();

  /** For each element of the window the input and output offsets of the positions that read it, in one image, in floats. */
  private final List<int[]> inOffsets = new ArrayList<>();

  private final List<int[]> outOffsets = new ArrayList<>();

  public SmallMapConv16c(DirectConv conv, int images, boolean bias) {
    this.conv = conv;
    this.images = images;
    this.bias = bias;
    tiles = FilterTile.of(1, conv.filters(), Tile16c.MAX_VECTORS);
    imagesPerUnit = tiles.size() >= MIN_TILES ? images : 1;
    for (int row = 0; row < conv.rows().kernelSize(); row++) {
      for (int column = 0; column < conv.columns().kernelSize(); column++) {
        addOffsets(pairs(conv.rows(), row), pairs(conv.columns(), column));
      }
    }
  }

  private void addOffsets(List<int[]> rows, List<int[]> columns) {
    int[] from = new int[rows.size() * columns.size()];
    int[] to = new int[from.length];
    for (int i = 0; i < from.length; i++) {
      int[] row = rows.get(i / columns.size());
      int[] column = columns.get(i % columns.size());
      from[i] = (row[0] * conv.inW() + column[0]) * BLOCK;
      to[i] = (row[1] * conv.outW() + column[1]) * BLOCK;
    }
    inOffsets.add(from);
    outOffsets.add(to);
  }

  /** The pairs of input and output positions that are connected by an element of the window. */
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

  /** Whether this is applicable and cheaper. */
  public static boolean isApplicable(DirectConv conv, int images) {
    ConvCosts costs = new ConvCosts(conv, images);
    return conv.groups() == 1 && tableEntries(conv) <= MAX_TABLE_ENTRIES
        && costs.byElements() < DirectConv16c.cost(conv, images, false);
  }

  /** The number of positions that read, summed over all elements of the window. */
  private static long tableEntries(DirectConv conv) {
    return sum(conv.rows().readerCounts()) * sum(conv.columns().readerCounts());
  }

  private static long sum(int[] counts) {
    return Arrays.stream(counts).asLongStream().sum();
  }

  /** Inputs: the images, the weights packed by {@link DirectConv16c#pack}, and the bias if there is one. */
  public EpilogueKernel kernel() {
    int perTile = images / imagesPerUnit;
    return (in, out, epilogue) -> Task.of(tiles.size() * perTile, (m, from, to) -> {
      Worker worker = new Worker(m, in, out, epilogue);
      for (int unit = from; unit < to; unit++) {
        worker.unit(tiles.get(unit / perTile), unit % perTile * imagesPerUnit);
      }
    });
  }

  /** The state of one thread for its units. */
  private final class Worker {
    private final Memory m;
    private final Epilogue epilogue;
    private final Tile16c tile = new Tile16c();
    private final List<Address> in;
    private final Address out;
    private final int inMap = conv.inH() * conv.inW() * BLOCK;
    private final int outMap = conv.outH() * conv.outW() * BLOCK;

    Worker(Memory m, List<Address> in, Address out, Epilogue epilogue) {
      this.m = m;
      this.epilogue = epilogue;
      this.in = in;
      this.out = out;
      tile.in = m.array(in.get(0).array());
      tile.weights = m.array(in.get(1).array());
      tile.out = m.array(out.array());
      tile.tapOffsets = blockTaps;
      tile.weightRows = blockTaps;
    }

    void unit(FilterTile filters, int firstImage) {
      int outBlocks = Math.ceilDiv(conv.filters(), BLOCK);
      int inBlocks = Math.ceilDiv(conv.channels(), BLOCK);
      tile.outStep = filters.vectorStride(outMap / BLOCK);
      loadBias(filters);
      int first = out.offset() + FilterTile.offset(filters.firstChannel(), outMap / BLOCK);
      for (int image = firstImage; image < firstImage + imagesPerUnit; image++) {
        initializeSums(filters, first + image * outBlocks * outMap);
      }
      for (int block = 0; block < inBlocks; block++) {
        int count = Math.min(BLOCK, conv.channels() - block * BLOCK);
        tile.tapOffsets = count == BLOCK ? blockTaps : Arrays.copyOf(blockTaps, count);
        tile.unrolledTaps = count / 4 * 4;
        for (int element = 0; element < conv.area(); element++) {
          int row = block * BLOCK * conv.area() + element * count;
          int weight = in.get(1).offset() + filters.laneOffset() * conv.taps() + row * filters.lanes();
          for (int image = firstImage; image < firstImage + imagesPerUnit; image++) {
            int source = in.get(0).offset() + (image * inBlocks + block) * inMap;
            accumulate(element, source, first + image * outBlocks * outMap, filters.vectors(), weight);
          }
        }
      }
      for (int image = firstImage; image < firstImage + imagesPerUnit; image++) {
        applyEpilogue(filters, first + image * outBlocks * outMap);
      }
    }

    private void loadBias(FilterTile filters) {
      Arrays.fill(tile.initial, 0);
      if (bias) {
        float[] biases = m.array(in.get(2).array());
        System.arraycopy(biases, in.get(2).offset() + filters.ownFrom(), tile.initial, 0, filters.ownTo() - filters.ownFrom());
      }
    }

    private void initializeSums(FilterTile filters, int to) {
      for (int at = to; at < to + outMap; at += BLOCK) {
        for (int v = 0; v < filters.vectors(); v++) {
          Lanes.load(tile.initial, v * Lanes.COUNT).intoArray(tile.out, at + v * tile.outStep);
        }
      }
    }

    private void accumulate(int element, int source, int target, int vectors, int weight) {
      int[] from = inOffsets.get(element);
      int[] to = outOffsets.get(element);
      for (int k = 0; k < from.length; k += Tile16c.MAX_POSITIONS) {
        int count = Math.min(Tile16c.MAX_POSITIONS, from.length - k);
        for (int i = 0; i < Tile16c.MAX_POSITIONS; i++) {
          int position = k + Math.min(i, count - 1);
          tile.inOffsets[i] = source + from[position];
          tile.outOffsets[i] = target + to[position];
        }
        tile.run(count, vectors, weight, true);
      }
    }

    private void applyEpilogue(FilterTile filters, int to) {
      for (int at = 0; at < outMap; at += Tile16c.MAX_POSITIONS * BLOCK) {
        int count = Math.min(Tile16c.MAX_POSITIONS, (outMap - at) / BLOCK);
        for (int i = 0; i < count; i++) {
          tile.outOffsets[i] = to + at + i * BLOCK;
        }
        tile.applyEpilogue(m, epilogue, 0, count, filters.vectors());
      }
    }
  }
}
