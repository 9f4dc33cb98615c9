package dev.fovea.cpu.kernel;

import dev.fovea.graph.Op;
import dev.fovea.graph.Window;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * What convolution, its transpose and the matrix product have in common: each output element is a bias plus the sum, over a list of
 * taps in a fixed order, of a weight times the input element at an offset. A fully connected layer is the case of one pixel.
 *
 * @param groups independent convolutions, as in a grouped convolution
 * @param channels input channels of a group
 * @param filters output channels of a group
 * @param area elements of the kernel's window
 * @param weightStrides how the weights are stored
 */
public record DirectConv(
    int groups, int channels, int filters, int inH, int inW, Axis rows, Axis columns, int area, WeightStrides weightStrides) {

  /** Half a gibibyte of tables. */
  private static final long MAX_READS = 1 << 26;

  /** The weight of group g, filter f, channel c and window element e is at {@code g * group + f * filter + c * channel + e}. */
  public record WeightStrides(int group, int filter, int channel) {}

  /**
   * The taps of one class of positions, in the order in which they are summed: by blocks of 16 channels, in a block by element of
   * the window, then by channel.
   *
   * @param offsets of the inputs, from the position's base
   * @param indices each tap's index in the order of the whole window, which is its row in the packed weights
   */
  public record Taps(int[] offsets, int[] indices) {
    /** The number of leading taps that form groups of four, contiguous in the input and in the packed weights. */
    public int contiguousFours() {
      int count = 0;
      while (count + 4 <= indices.length && contiguous(count, count + 4)) {
        count += 4;
      }
      return count;
    }

    /** The taps from {@code from} up to, not including, {@code to}. */
    public Taps range(int from, int to) {
      return new Taps(Arrays.copyOfRange(offsets, from, to), Arrays.copyOfRange(indices, from, to));
    }

    private boolean contiguous(int from, int to) {
      for (int k = from + 1; k < to; k++) {
        if (offsets[k] != offsets[k - 1] + 1 || indices[k] != indices[k - 1] + 1) {
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
        new WeightStrides(filters * taps, taps, w.kernelH() * w.kernelW()));
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
        new WeightStrides(channels * weight.dim(1) * area, area, weight.dim(1) * area));
  }

  /** The product of rows {@code [N, K]} with a matrix {@code [K, M]}, or {@code [M, K]} read transposed. */
  public static DirectConv of(Op.Gemm gemm, Shape x, Shape b) {
    int inner = x.dim(1);
    int outputs = b.dim(gemm.transB() ? 0 : 1);
    Axis one = Axis.forward(1, 1, 1, 1, 0, 1);
    WeightStrides strides = gemm.transB() ? new WeightStrides(0, inner, 1) : new WeightStrides(0, 1, outputs);
    return new DirectConv(1, inner, outputs, 1, 1, one, one, 1, strides);
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

  /** Input elements of one image. */
  public int inSize() {
    return groups * channels * inH * inW;
  }

  public int outSize() {
    return groups * filters * outH() * outW();
  }

  /** Multiply-adds of one image, including those with padding. */
  public long work() {
    return (long) outSize() * taps();
  }

  /** The index of the weight of a filter's tap, from its group's first weight. */
  public int weightAt(int filter, int tap) {
    int first = tap / (Layout.BLOCK * area) * Layout.BLOCK;
    int count = Math.min(Layout.BLOCK, channels - first);
    int rest = tap - first * area;
    return filter * weightStrides.filter + (first + rest % count) * weightStrides.channel + rest / count;
  }

  /** A value of each tap, by its channel and its element of the window. */
  @FunctionalInterface
  public interface TapFunction {
    int at(int channel, int row, int column);
  }

  /** The values of all taps of the whole window, in the order in which they are summed. */
  public int[] inSumOrder(TapFunction function) {
    int[] ordered = new int[taps()];
    int k = 0;
    for (int first = 0; first < channels; first += Layout.BLOCK) {
      int end = Math.min(channels, first + Layout.BLOCK);
      for (int row = 0; row < rows.kernelSize(); row++) {
        for (int column = 0; column < columns.kernelSize(); column++) {
          for (int channel = first; channel < end; channel++) {
            ordered[k++] = function.at(channel, row, column);
          }
        }
      }
    }
    return ordered;
  }

  /** The taps of one position, for an image stored map after map; offsets are from the group's first element. */
  public Taps taps(int row, int column) {
    int base = rows.base(row) * inW + columns.base(column);
    Taps taps = table(rows.classOf(row), columns.classOf(column), 1, channel -> channel * inH * inW);
    return new Taps(Arrays.stream(taps.offsets()).map(offset -> base + offset).toArray(), taps.indices());
  }

  /** The taps by the class of the row and of the column, for images stored map after map with {@code stride} floats a pixel. */
  public Taps[][] tables(int stride) {
    return tables(stride, channel -> channel * inH * inW * stride);
  }

  /**
   * The same for images whose channels begin at these offsets.
   *
   * @throws FoveaException if a large window needs tables above the limit, since each position near a border is its own class
   */
  public Taps[][] tables(int stride, IntUnaryOperator channelOffset) {
    long reads = (long) channels * tapCount(rows) * tapCount(columns);
    if (reads > MAX_READS) {
      throw new FoveaException(
          "a window of " + rows.kernelSize() + "x" + columns.kernelSize() + " on images of " + inH + "x" + inW
              + " needs too large tables for their borders (" + reads + " entries): use a smaller window or less padding");
    }
    Taps[][] tables = new Taps[rows.classCount()][columns.classCount()];
    for (int r = 0; r < tables.length; r++) {
      for (int c = 0; c < tables[r].length; c++) {
        tables[r][c] = table(r, c, stride, channelOffset);
      }
    }
    return tables;
  }

  /** The taps of all classes together. */
  private static long tapCount(Axis axis) {
    return IntStream.range(0, axis.classCount()).mapToLong(positionClass -> axis.taps(positionClass).size()).sum();
  }

  private Taps table(int rowClass, int columnClass, int stride, IntUnaryOperator channelOffset) {
    int count = channels * rows.taps(rowClass).size() * columns.taps(columnClass).size();
    int[] offsets = new int[count];
    int[] indices = new int[count];
    int k = 0;
    for (int first = 0; first < channels; first += Layout.BLOCK) {
      int end = Math.min(channels, first + Layout.BLOCK);
      for (Axis.Tap row : rows.taps(rowClass)) {
        for (Axis.Tap column : columns.taps(columnClass)) {
          int element = row.element() * columns.kernelSize() + column.element();
          for (int channel = first; channel < end; channel++) {
            offsets[k] = channelOffset.applyAsInt(channel) + (row.offset() * inW + column.offset()) * stride;
            indices[k++] = first * area + element * (end - first) + channel - first;
          }
        }
      }
    }
    return new Taps(offsets, indices);
  }
}
