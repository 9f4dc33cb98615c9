package dev.fovea.cpu.kernel;

import dev.fovea.graph.Op;
import dev.fovea.graph.Window;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * What convolution, its transpose and the matrix product have in common: each output number is a bias plus the sum, over a list of
 * taps in a fixed order, of a weight times an input number at a distance. A fully connected layer is the case of one pixel.
 *
 * @param groups convolutions side by side
 * @param channels input channels of a group
 * @param filters output channels of a group
 * @param area elements of the kernel's window
 * @param weights where the weights lie
 */
public record DirectConv(
    int groups, int channels, int filters, int inH, int inW, Axis rows, Axis columns, int area, Weights weights) {

  /** Half a gibibyte of tables. */
  private static final long MOST_READS = 1 << 26;

  /** The weight of filter f, channel c and element e of the window in group g lies at {@code g * group + f * filter + c * channel + e}. */
  public record Weights(int group, int filter, int channel) {}

  /**
   * The taps of one class of places, in the order in which they are summed: by blocks of 16 channels, there by element of the
   * window, there by channel. A tap's number is its place in that order when the whole window lies in the image.
   */
  public record Taps(int[] distances, int[] numbers) {
    /** How many of the first taps come in fours that lie side by side, in the input and among the weights. */
    public int inFours() {
      int count = 0;
      while (count + 4 <= numbers.length && follow(count, count + 4)) {
        count += 4;
      }
      return count;
    }

    /** Those from one to before another. */
    public Taps part(int from, int to) {
      return new Taps(Arrays.copyOfRange(distances, from, to), Arrays.copyOfRange(numbers, from, to));
    }

    private boolean follow(int from, int to) {
      for (int k = from + 1; k < to; k++) {
        if (distances[k] != distances[k - 1] + 1 || numbers[k] != numbers[k - 1] + 1) {
          return false;
        }
      }
      return true;
    }
  }

  public static DirectConv of(Op.Conv conv, Shape x, Shape weight, Shape y) {
    Window w = conv.window();
    int channels = weight.dim(1);
    int filters = weight.dim(0) / conv.groups();
    int taps = weight.sizeFrom(1);
    return new DirectConv(
        conv.groups(),
        channels,
        filters,
        x.dim(2),
        x.dim(3),
        Axis.forward(x.dim(2), y.dim(2), w.kernelH(), w.strideH(), w.top(), w.dilationH()),
        Axis.forward(x.dim(3), y.dim(3), w.kernelW(), w.strideW(), w.left(), w.dilationW()),
        w.kernelH() * w.kernelW(),
        new Weights(filters * taps, taps, w.kernelH() * w.kernelW()));
  }

  public static DirectConv of(Op.ConvTranspose conv, Shape x, Shape weight, Shape y) {
    Window w = conv.window();
    int channels = weight.dim(0) / conv.groups();
    int area = w.kernelH() * w.kernelW();
    return new DirectConv(
        conv.groups(),
        channels,
        weight.dim(1),
        x.dim(2),
        x.dim(3),
        Axis.backward(x.dim(2), y.dim(2), w.kernelH(), w.strideH(), w.top(), w.dilationH()),
        Axis.backward(x.dim(3), y.dim(3), w.kernelW(), w.strideW(), w.left(), w.dilationW()),
        area,
        new Weights(channels * weight.dim(1) * area, area, weight.dim(1) * area));
  }

  /** The product of rows {@code [N, K]} with a matrix {@code [K, M]}, or {@code [M, K]} read transposed. */
  public static DirectConv of(Op.Gemm gemm, Shape x, Shape b) {
    int inner = x.dim(1);
    int outputs = b.dim(gemm.transB() ? 0 : 1);
    Axis one = Axis.forward(1, 1, 1, 1, 0, 1);
    Weights weights = gemm.transB() ? new Weights(0, inner, 1) : new Weights(0, 1, outputs);
    return new DirectConv(1, inner, outputs, 1, 1, one, one, 1, weights);
  }

  public int taps() {
    return channels * area;
  }

  public int outH() {
    return rows.size();
  }

  public int outW() {
    return columns.size();
  }

  /** Input numbers of one image. */
  public int inSize() {
    return groups * channels * inH * inW;
  }

  public int outSize() {
    return groups * filters * outH() * outW();
  }

  /** Multiply-adds of one image, the padding's included. */
  public long work() {
    return (long) outSize() * taps();
  }

  /** Where the weight of a filter's tap lies, from its group's first. */
  public int weightAt(int filter, int tap) {
    int first = tap / (Layout.BLOCK * area) * Layout.BLOCK;
    int count = Math.min(Layout.BLOCK, channels - first);
    int rest = tap - first * area;
    return filter * weights.filter + (first + rest % count) * weights.channel + rest / count;
  }

  /** Something that a tap has: the place of its channel with an element of the window. */
  @FunctionalInterface
  public interface Tap {
    int at(int channel, int row, int column);
  }

  /** That of all taps of the whole window, in the order in which they are summed. */
  public int[] inOrder(Tap tap) {
    int[] ordered = new int[taps()];
    int k = 0;
    for (int first = 0; first < channels; first += Layout.BLOCK) {
      int end = Math.min(channels, first + Layout.BLOCK);
      for (int row = 0; row < rows.elements(); row++) {
        for (int column = 0; column < columns.elements(); column++) {
          for (int channel = first; channel < end; channel++) {
            ordered[k++] = tap.at(channel, row, column);
          }
        }
      }
    }
    return ordered;
  }

  /** The taps by the class of the row and of the column, for images whose numbers lie {@code unit} floats apart, map after map. */
  public Taps[][] tables(int unit) {
    return tables(unit, channel -> channel * inH * inW * unit);
  }

  /**
   * The same for images whose channels begin at these places.
   *
   * @throws FoveaException where the borders of a large window read in more ways than memory is meant to hold
   */
  public Taps[][] tables(int unit, IntUnaryOperator channelAt) {
    long reads = (long) channels * ways(rows) * ways(columns);
    if (reads > MOST_READS) {
      throw new FoveaException("a window of " + rows.elements() + "x" + columns.elements() + " on images of " + inH + "x" + inW
          + " reads in too many ways at their borders (" + reads + " positions): take a smaller window, or less padding");
    }
    Taps[][] tables = new Taps[rows.classes()][columns.classes()];
    for (int r = 0; r < tables.length; r++) {
      for (int c = 0; c < tables[r].length; c++) {
        tables[r][c] = table(r, c, unit, channelAt);
      }
    }
    return tables;
  }

  /** Reads of all classes together. */
  private static long ways(Axis axis) {
    return IntStream.range(0, axis.classes()).mapToLong(number -> axis.taps(number).size()).sum();
  }

  private Taps table(int rowClass, int columnClass, int unit, IntUnaryOperator channelAt) {
    int count = channels * rows.taps(rowClass).size() * columns.taps(columnClass).size();
    int[] distances = new int[count];
    int[] numbers = new int[count];
    int k = 0;
    for (int first = 0; first < channels; first += Layout.BLOCK) {
      int end = Math.min(channels, first + Layout.BLOCK);
      for (Axis.Tap row : rows.taps(rowClass)) {
        for (Axis.Tap column : columns.taps(columnClass)) {
          int element = row.element() * columns.elements() + column.element();
          for (int channel = first; channel < end; channel++) {
            distances[k] = channelAt.applyAsInt(channel) + (row.distance() * inW + column.distance()) * unit;
            numbers[k++] = first * area + element * (end - first) + channel - first;
          }
        }
      }
    }
    return new Taps(distances, numbers);
  }
}
