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
 * Convolution of an NCHW image to so few filters that they would leave most lanes of a vector empty: contiguous positions of a
 * row are in the lanes instead. {@link Tile16c} computes it with exchanged roles: its positions are filters, whose weights are
 * stored like a map's channels, and its weights are what each tap reads for some vectors of positions. The order of the sums is
 * the same. A unit is some vectors of positions of an image.
 */
public final class FewFiltersConv16c {
  private static final int BLOCK = Layout.BLOCK;
  private static final int COUNT = Lanes.COUNT;

  /** Vectors of positions of a unit. */
  private static final int UNIT_VECTORS = Tile16c.MAX_VECTORS;

  /** The maximum number of filters: what a tile computes at a time. */
  static final int MAX_FILTERS = 6;

  private static final int UNIT_FLOATS = UNIT_VECTORS * COUNT;

  private final DirectConv conv;
  private final int images;
  private final boolean bias;
  private final int vectorsPerRow;
  private final int unitsPerImage;

  /** The strip of the image that a unit reads, with padding: where it begins relative to an output position, and its size. */
  private final int top;

  private final int left;
  private final int stripHeight;
  private final int stripWidth;

  /** The offset of each tap from a position of the strip. */
  private final int[] stripOffsets;

  private final int[] tapOffsets;
  private final int[] weightRows;

  public FewFiltersConv16c(DirectConv conv, int images, boolean bias) {
    this.conv = conv;
    this.images = images;
    this.bias = bias;
    vectorsPerRow = vectorsPerRow(conv);
    unitsPerImage = unitsPerImage(conv);
    top = firstInput(conv.rows());
    left = firstInput(conv.columns());
    stripHeight = (Math.ceilDiv(UNIT_VECTORS - 1, vectorsPerRow) * conv.rows().stride()) + windowExtent(conv.rows());
    stripWidth = vectorsPerRow * COUNT + windowExtent(conv.columns()) - 1;
    stripOffsets = conv.inSumOrder(
        (channel, row, column) -> (channel * stripHeight + conv.rows().firstInput(row) - top) * stripWidth
            + conv.columns().firstInput(column)
            - left);
    weightRows = IntStream.range(0, conv.taps()).toArray();
    tapOffsets = Arrays.stream(weightRows).map(k -> k / BLOCK * MAX_FILTERS * BLOCK + k % BLOCK).toArray();
  }

  /** Whether there are few filters, and the horizontal stride is 1. */
  private static boolean fits(DirectConv conv) {
    return conv.groups() == 1 && conv.filters() <= MAX_FILTERS && conv.columns().stride() == 1 && conv.rows().stride() > 0;
  }

  /** Whether this is applicable and cheaper than with channels in the lanes. */
  public static boolean isApplicable(DirectConv conv, int images) {
    return fits(conv) && new ConvCosts(conv, images).byRowVectors() < DirectConv16c.cost(conv, images, true);
  }

  /** The number of vectors of a row of the output. */
  private static int vectorsPerRow(DirectConv conv) {
    return Math.ceilDiv(conv.outW(), COUNT);
  }

  /** The number of units of an image. */
  static int unitsPerImage(DirectConv conv) {
    return Math.ceilDiv(conv.outH() * vectorsPerRow(conv), UNIT_VECTORS);
  }

  private static int firstInput(Axis axis) {
    return IntStream.range(0, axis.kernelSize()).map(axis::firstInput).min().orElseThrow();
  }

  /** The extent of a window in the input. */
  private static int windowExtent(Axis axis) {
    return IntStream.range(0, axis.kernelSize()).map(axis::firstInput).max().orElseThrow() - firstInput(axis) + 1;
  }

  /** Inputs: the images in NCHW, the weights packed by {@link #pack}, and the bias if there is one. */
  public Kernel kernel() {
    EpilogueKernel kernel = (in, out, epilogue) -> Task.of(
        images * unitsPerImage,
        (m, from, to) -> {
          Worker worker = new Worker(m, in.get(0), in.get(1), bias ? in.get(2) : null, out, epilogue);
          for (int unit = from; unit < to; unit++) {
            worker.unit(unit / unitsPerImage, unit % unitsPerImage * UNIT_VECTORS);
          }
        });
    return kernel;
  }

  /** The state of one thread for its units. */
  private final class Worker {
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
    private final int sums = panel + conv.taps() * UNIT_FLOATS;
    private final int strip = sums + MAX_FILTERS * UNIT_FLOATS;
    private final int[] vectorOffsets = new int[UNIT_VECTORS];

    Worker(Memory m, Address in, Address weights, @Nullable Address biases, Address out, Epilogue epilogue) {
      this.m = m;
      this.epilogue = epilogue;
      scratch = Scratch.floats(strip + conv.channels() * stripHeight * stripWidth);
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
      tile.tapOffsets = tapOffsets;
      tile.weightRows = weightRows;
      tile.unrolledTaps = conv.taps() / 4 * 4;
      tile.inOffsets[0] = weights.offset();
      Arrays.setAll(tile.outOffsets, i -> sums + i % MAX_FILTERS * UNIT_FLOATS);
    }

    void unit(int image, int first) {
      int end = Math.min(first + UNIT_VECTORS, conv.outH() * vectorsPerRow);
      int row = first / vectorsPerRow;
      fillStrip(inAt + image * conv.inSize(), top + row * conv.rows().stride());
      for (int v = 0; v < UNIT_VECTORS; v++) {
        // the last vector is repeated, since a tile computes a fixed number of vectors
        int vector = Math.min(first + v, end - 1);
        vectorOffsets[v] =
            strip + (vector / vectorsPerRow - row) * conv.rows().stride() * stripWidth + vector % vectorsPerRow * COUNT;
      }
      fillPanel();
      for (int filter = 0; filter < MAX_FILTERS; filter++) {
        float begin = bias && filter < conv.filters() ? biases[biasAt + filter] : 0;
        Arrays.fill(scratch, sums + filter * UNIT_FLOATS, sums + (filter + 1) * UNIT_FLOATS, begin);
      }
      tile.run(MAX_FILTERS, UNIT_VECTORS, panel, true);
      int position = outAt + image * conv.outH() * conv.outW() * BLOCK;
      write(position, first, end);
      epilogue.run(m, position + position(first) * BLOCK, (position(end) - position(first)) * BLOCK);
    }

    private void fillStrip(int image, int firstRow) {
      int from = Math.clamp(-left, 0, stripWidth);
      int count = Math.clamp(conv.inW() - left, from, stripWidth) - from;
      int end = Math.min(stripHeight, conv.inH() - firstRow);
      Arrays.fill(scratch, strip, strip + conv.channels() * stripHeight * stripWidth, 0);
      for (int channel = 0; channel < conv.channels(); channel++) {
        for (int k = Math.max(0, -firstRow); k < end; k++) {
          int row = image + (channel * conv.inH() + firstRow + k) * conv.inW();
          System.arraycopy(x, row + left + from, scratch, strip + (channel * stripHeight + k) * stripWidth + from, count);
        }
      }
    }

    private void fillPanel() {
      for (int k = 0; k < stripOffsets.length; k++) {
        for (int v = 0; v < UNIT_VECTORS; v++) {
          Lanes.load(scratch, vectorOffsets[v] + stripOffsets[k]).intoArray(scratch, panel + (k * UNIT_VECTORS + v) * COUNT);
        }
      }
    }

    /** Stores the sums in the filters' lanes; lanes without a filter get arbitrary values. */
    private void write(int image, int first, int end) {
      for (int vector = first; vector < end; vector++) {
        int from = sums + (vector - first) * COUNT;
        int to = image + position(vector) * BLOCK;
        int width = position(vector + 1) - position(vector);
        for (int k = 0; k < width; k++) {
          y[to + k * BLOCK] = scratch[from + k];
          y[to + k * BLOCK + 1] = scratch[from + k + UNIT_FLOATS];
          y[to + k * BLOCK + 2] = scratch[from + k + 2 * UNIT_FLOATS];
          y[to + k * BLOCK + 3] = scratch[from + k + 3 * UNIT_FLOATS];
          y[to + k * BLOCK + 4] = scratch[from + k + 4 * UNIT_FLOATS];
          y[to + k * BLOCK + 5] = scratch[from + k + 5 * UNIT_FLOATS];
        }
      }
    }

    /** The index of a vector's first position in the map. */
    private int position(int vector) {
      return vector / vectorsPerRow * conv.outW() + vector % vectorsPerRow * COUNT;
    }
  }

  /** The number of floats of the packed weights. */
  public static long packedSize(DirectConv conv) {
    return (long) MAX_FILTERS * Math.ceilDiv(conv.taps(), BLOCK) * BLOCK;
  }

  /** Packs the weights in the order in which they are read: a block of taps of each filter, then the next block. */
  public static Kernel pack(DirectConv conv) {
    return (in, out) -> Task.of(
        conv.filters(),
        (m, from, to) -> {
          float[] w = m.array(in.getFirst().array());
          float[] packed = m.array(out.array());
          for (int filter = from; filter < to; filter++) {
            int target = out.offset() + filter * BLOCK;
            for (int k = 0; k < conv.taps(); k++) {
              packed[target + k / BLOCK * MAX_FILTERS * BLOCK + k % BLOCK] = w[in.getFirst().offset() + conv.weightAt(filter, k)];
            }
          }
        });
  }
}
