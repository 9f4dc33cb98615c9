package dev.fovea.cpu.vector.nchw16c;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Axis;
import dev.fovea.cpu.kernel.DirectConv;
import dev.fovea.cpu.kernel.Epilogue;
import dev.fovea.cpu.kernel.EpilogueKernel;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.vector.microkernel.Lanes;
import dev.fovea.cpu.vector.microkernel.Scratch;
import dev.fovea.cpu.vector.microkernel.Tile16c;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Convolution of a plain image to so few filters that they leave most lanes of a vector empty: places side by side in a row lie in the
 * lanes instead. {@link Tile16c} computes it with its parts exchanged: its places are filters, whose weights lie as a map's channels
 * do, and its weights are what each tap reads for some vectors of places. The sums grow in the same order. A unit is those vectors of an
 * image.
 */
public final class FewFiltersConv16c {
  private static final int BLOCK = Layout.BLOCK;
  private static final int COUNT = Lanes.COUNT;

  /** Vectors of places that a unit has. */
  private static final int VECTORS = Tile16c.VECTORS;

  /** The most filters: so many places a tile computes at a time. */
  static final int MOST = 6;

  private static final int SPAN = VECTORS * COUNT;

  private final DirectConv conv;
  private final int images;
  private final boolean bias;
  private final int perRow;
  private final int units;

  /** A strip of the image: so many rows and columns, zeros around the image included, which begin so far before an output's place. */
  private final int top;

  private final int left;
  private final int high;
  private final int wide;

  /** Where each tap reads behind a place of the strip. */
  private final int[] reads;

  private final int[] distances;
  private final int[] numbers;

  public FewFiltersConv16c(DirectConv conv, int images, boolean bias) {
    this.conv = conv;
    this.images = images;
    this.bias = bias;
    perRow = perRow(conv);
    units = units(conv);
    top = least(conv.rows());
    left = least(conv.columns());
    high = (Math.ceilDiv(VECTORS - 1, perRow) * conv.rows().stride()) + span(conv.rows());
    wide = perRow * COUNT + span(conv.columns()) - 1;
    reads = conv.inSumOrder(
        (channel, row, column) -> (channel * high + conv.rows().firstInput(row) - top) * wide + conv.columns().firstInput(column)
            - left);
    numbers = IntStream.range(0, conv.taps()).toArray();
    distances = Arrays.stream(numbers).map(k -> k / BLOCK * MOST * BLOCK + k % BLOCK).toArray();
  }

  /** Whether the filters are few, and places follow each other as columns of the image do. */
  private static boolean fits(DirectConv conv) {
    return conv.groups() == 1 && conv.filters() <= MOST && conv.columns().stride() == 1 && conv.rows().stride() > 0;
  }

  /** Whether that is less than channels in the lanes. */
  public static boolean suits(DirectConv conv, int images) {
    return fits(conv) && new ConvCosts(conv, images).rows() < DirectConv16c.cost(conv, images, true);
  }

  /** Vectors that a row of the output takes. */
  private static int perRow(DirectConv conv) {
    return Math.ceilDiv(conv.outW(), COUNT);
  }

  /** The units of an image. */
  static int units(DirectConv conv) {
    return Math.ceilDiv(conv.outH() * perRow(conv), VECTORS);
  }

  private static int least(Axis axis) {
    return IntStream.range(0, axis.kernelSize()).map(axis::firstInput).min().orElseThrow();
  }

  /** Places of the input from the first that a window reads to behind the last. */
  private static int span(Axis axis) {
    return IntStream.range(0, axis.kernelSize()).map(axis::firstInput).max().orElseThrow() - least(axis) + 1;
  }

  /** Inputs: the images as they lie, the weights as {@link #pack} leaves them, and the bias if there is one. */
  public Kernel kernel() {
    EpilogueKernel carrier = (in, out, epilogue) -> Task.of(
        images * units,
        (m, from, to) -> {
          Walk walk = new Walk(m, in.get(0), in.get(1), bias ? in.get(2) : null, out, epilogue);
          for (int unit = from; unit < to; unit++) {
            walk.unit(unit / units, unit % units * VECTORS);
          }
        });
    return carrier;
  }

  /** What one thread knows while it goes through its units. */
  private final class Walk {
    private final Memory m;
    private final Epilogue epilogue;
    private final Tile16c tile = new Tile16c();
    private final float[] x;
    private final float[] y;
    private final float[] biases;
    private final float[] scratch;
    private final int inAt;
    private final int biasAt;
    private final int outAt;
    private final int panel = Layout.CACHE_LINE_START;
    private final int sums = panel + conv.taps() * SPAN;
    private final int strip = sums + MOST * SPAN;
    private final int[] vectors = new int[VECTORS];

    Walk(Memory m, Address in, Address weights, @Nullable Address biases, Address out, Epilogue epilogue) {
      this.m = m;
      this.epilogue = epilogue;
      scratch = Scratch.floats(strip + conv.channels() * high * wide);
      x = m.array(in.array());
      y = m.array(out.array());
      this.biases = biases == null ? scratch : m.array(biases.array());
      inAt = in.offset();
      biasAt = biases == null ? 0 : biases.offset();
      outAt = out.offset();
      tile.contiguous = true;
      tile.in = m.array(weights.array());
      tile.weights = scratch;
      tile.out = scratch;
      tile.outStep = COUNT;
      tile.distances = distances;
      tile.numbers = numbers;
      tile.fours = conv.taps() / 4 * 4;
      tile.positions[0] = weights.offset();
      Arrays.setAll(tile.targets, i -> sums + i % MOST * SPAN);
    }

    void unit(int image, int first) {
      int end = Math.min(first + VECTORS, conv.outH() * perRow);
      int row = first / perRow;
      fillStrip(inAt + image * conv.inSize(), top + row * conv.rows().stride());
      for (int v = 0; v < VECTORS; v++) {
        // behind the last vector it comes again, since a tile computes a whole number
        int vector = Math.min(first + v, end - 1);
        vectors[v] = strip + (vector / perRow - row) * conv.rows().stride() * wide + vector % perRow * COUNT;
      }
      fillPanel();
      for (int filter = 0; filter < MOST; filter++) {
        float begin = bias && filter < conv.filters() ? biases[biasAt + filter] : 0;
        Arrays.fill(scratch, sums + filter * SPAN, sums + (filter + 1) * SPAN, begin);
      }
      tile.run(MOST, VECTORS, panel, true);
      int position = outAt + image * conv.outH() * conv.outW() * BLOCK;
      write(position, first, end);
      epilogue.run(m, position + position(first) * BLOCK, (position(end) - position(first)) * BLOCK);
    }

    private void fillStrip(int image, int firstRow) {
      int from = Math.clamp(-left, 0, wide);
      int count = Math.clamp(conv.inW() - left, from, wide) - from;
      int end = Math.min(high, conv.inH() - firstRow);
      Arrays.fill(scratch, strip, strip + conv.channels() * high * wide, 0);
      for (int channel = 0; channel < conv.channels(); channel++) {
        for (int k = Math.max(0, -firstRow); k < end; k++) {
          int row = image + (channel * conv.inH() + firstRow + k) * conv.inW();
          System.arraycopy(x, row + left + from, scratch, strip + (channel * high + k) * wide + from, count);
        }
      }
    }

    private void fillPanel() {
      for (int k = 0; k < reads.length; k++) {
        for (int v = 0; v < VECTORS; v++) {
          Lanes.load(scratch, vectors[v] + reads[k]).intoArray(scratch, panel + (k * VECTORS + v) * COUNT);
        }
      }
    }

    /** Brings the sums to the filters' lanes; those of filters that there are not get something, too. */
    private void write(int image, int first, int end) {
      for (int vector = first; vector < end; vector++) {
        int from = sums + (vector - first) * COUNT;
        int to = image + position(vector) * BLOCK;
        int width = position(vector + 1) - position(vector);
        for (int k = 0; k < width; k++) {
          y[to + k * BLOCK] = scratch[from + k];
          y[to + k * BLOCK + 1] = scratch[from + k + SPAN];
          y[to + k * BLOCK + 2] = scratch[from + k + 2 * SPAN];
          y[to + k * BLOCK + 3] = scratch[from + k + 3 * SPAN];
          y[to + k * BLOCK + 4] = scratch[from + k + 4 * SPAN];
          y[to + k * BLOCK + 5] = scratch[from + k + 5 * SPAN];
        }
      }
    }

    /** The number of a vector's first place. */
    private int position(int vector) {
      return vector / perRow * conv.outW() + vector % perRow * COUNT;
    }
  }

  /** The floats of the packed weights. */
  public static long packedSize(DirectConv conv) {
    return (long) MOST * Math.ceilDiv(conv.taps(), BLOCK) * BLOCK;
  }

  /** Brings the weights into the order in which they are read: a block of taps of each filter, then the next block. */
  public static Kernel pack(DirectConv conv) {
    return (in, out) -> Task.of(
        conv.filters(),
        (m, from, to) -> {
          float[] w = m.array(in.getFirst().array());
          float[] packed = m.array(out.array());
          for (int filter = from; filter < to; filter++) {
            int target = out.offset() + filter * BLOCK;
            for (int k = 0; k < conv.taps(); k++) {
              packed[target + k / BLOCK * MOST * BLOCK + k % BLOCK] = w[in.getFirst().offset() + conv.weightAt(filter, k)];
            }
          }
        });
  }
}
