package dev.fovea.cpu.vector.nchw16c;

import dev.fovea.cpu.kernel.Axis;
import dev.fovea.cpu.kernel.DirectConv;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.vector.microkernel.Lanes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A panel of some rows of the output: the rows of an image that their windows read, with padding, so that all positions are of one
 * class for any padding, stride and dilation. A slot has these rows, as wide as the output's, with a block of values for each
 * position: sixteen channels at one column of the window or, of an NCHW image, what a row of the window reads in all channels.
 */
final class WindowPanel implements Panel {
  private static final int BLOCK = Layout.BLOCK;

  /**
   * Rows of the image one stride apart: the image row of the first for output row 0, the row of the slot where they begin, their
   * number.
   */
  private record Strip(int first, int at, int rows) {}

  private final DirectConv conv;
  private final boolean nchw;
  private final int lane;
  private final int outputRows;
  private final List<Strip> strips = new ArrayList<>();
  private final int slots;
  private final int height;

  /** For each column of the window the range of a row's positions at which it is inside the image. */
  private final int[] from;

  private final int[] to;

  /**
   * @param lane the lane of the first channel
   * @param outputRows the maximum number of output rows
   */
  WindowPanel(DirectConv conv, boolean nchw, int lane, int outputRows) {
    this.conv = conv;
    this.nchw = nchw;
    this.lane = lane;
    this.outputRows = outputRows;
    slots = slots(conv, nchw, lane);
    int rows = 0;
    for (int phase = 0; phase < conv.rows().stride(); phase++) {
      int[] firstInputs = firstInputs(conv.rows(), phase);
      if (firstInputs.length > 0) {
        int first = Arrays.stream(firstInputs).min().getAsInt();
        int extraRows = (Arrays.stream(firstInputs).max().getAsInt() - first) / conv.rows().stride();
        strips.add(new Strip(first, rows, outputRows + extraRows));
        rows += outputRows + extraRows;
      }
    }
    height = rows;
    Axis columns = conv.columns();
    from = new int[columns.kernelSize()];
    to = new int[columns.kernelSize()];
    for (int k = 0; k < from.length; k++) {
      from[k] = Math.clamp(-Math.floorDiv(columns.firstInput(k), columns.stride()), 0, columns.size());
      to[k] = Math.clamp(Math.ceilDiv(conv.inW() - columns.firstInput(k), columns.stride()), from[k], columns.size());
    }
  }

  /** Whether windows are evenly spaced and, for an NCHW image, read contiguous columns. */
  static boolean fits(DirectConv conv, boolean nchw) {
    Axis columns = conv.columns();
    boolean contiguous = columns.kernelSize() == 1 || columns.stride() > 0 && columns.firstInput(1) == columns.firstInput(0) + 1;
    return conv.rows().stride() > 0 && columns.stride() > 0 && (contiguous || !nchw);
  }

  private static int slots(DirectConv conv, boolean nchw, int lane) {
    return nchw
        ? Math.ceilDiv(conv.columns().kernelSize() * conv.channels(), BLOCK)
        : Math.ceilDiv(lane + conv.channels(), BLOCK) * conv.columns().kernelSize();
  }

  private static int[] firstInputs(Axis rows, int phase) {
    return IntStream.range(0, rows.kernelSize())
        .map(rows::firstInput)
        .filter(reach -> Math.floorMod(reach, rows.stride()) == phase)
        .toArray();
  }

  private int width() {
    return conv.columns().size();
  }

  private int slotFloats() {
    return height * width() * BLOCK;
  }

  @Override
  public int size() {
    return slots * slotFloats() + (nchw ? interleaved() : 0);
  }

  /** The number of blocks that are copied. */
  long copiedBlocks() {
    return (long) slots * height * width();
  }

  /** The number of elements of an NCHW image that are interleaved with those of the other channels. */
  int interleavedElements() {
    return nchw ? height * conv.inW() * conv.channels() : 0;
  }

  @Override
  public int[] offsets() {
    int columns = conv.columns().kernelSize();
    int[] rows = IntStream.range(0, conv.rows().kernelSize()).map(this::row).toArray();
    return conv.inSumOrder((channel, row, column) -> {
      int index = nchw ? column * conv.channels() + channel : lane + channel;
      int slot = nchw ? index / BLOCK : index / BLOCK * columns + column;
      return slot * slotFloats() + rows[row] * width() * BLOCK + index % BLOCK;
    });
  }

  /** The row of a slot that output row 0 reads with an element of the window. */
  private int row(int element) {
    Axis rows = conv.rows();
    int reach = rows.firstInput(element);
    Strip strip = strips.stream()
        .filter(s -> Math.floorMod(s.first - reach, rows.stride()) == 0)
        .findFirst()
        .orElseThrow();
    return strip.at + (reach - strip.first) / rows.stride();
  }

  /**
   * Copies what {@code count} rows of the output read, from {@code firstRow} on.
   *
   * @param image the offset of the group's first block or, of an NCHW image, of its first map
   */
  void fill(float[] x, int image, int firstRow, int count, float[] panel, int target) {
    if (nchw) {
      Arrays.fill(panel, target + slots * slotFloats(), target + size(), 0);
    }
    for (int slot = 0; slot < slots; slot += nchw ? slots : conv.columns().kernelSize()) {
      int block = slot / conv.columns().kernelSize();
      for (Strip strip : strips) {
        for (int i = 0; i < strip.rows - outputRows + count; i++) {
          int row = conv.rows().stride() * (firstRow + i) + strip.first;
          int at = target + slot * slotFloats() + (strip.at + i) * width() * BLOCK;
          if (row < 0 || row >= conv.inH()) {
            clear(panel, at);
          } else if (nchw) {
            interleave(x, image + row * conv.inW(), panel, target + slots * slotFloats());
            copyWindows(panel, target + slots * slotFloats(), at);
          } else {
            copy(x, image + (block * conv.inH() + row) * conv.inW() * BLOCK, panel, at);
          }
        }
      }
    }
  }

  private void clear(float[] panel, int at) {
    for (int k = 0; k < (nchw ? slots : from.length); k++) {
      Arrays.fill(panel, at + k * slotFloats(), at + k * slotFloats() + width() * BLOCK, 0);
    }
  }

  /** Copies a row of a block of channels, for each column of the window. */
  private void copy(float[] x, int row, float[] panel, int at) {
    int stride = conv.columns().stride();
    for (int column = 0; column < from.length; column++) {
      int to = at + column * slotFloats();
      Arrays.fill(panel, to, to + from[column] * BLOCK, 0);
      Arrays.fill(panel, to + this.to[column] * BLOCK, to + width() * BLOCK, 0);
      int source = row + conv.columns().firstInput(column) * BLOCK;
      for (int position = from[column]; position < this.to[column]; position++) {
        for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
          Lanes.load(x, source + position * stride * BLOCK + lane).intoArray(panel, to + position * BLOCK + lane);
        }
      }
    }
  }

  /** The number of floats of an interleaved row of an NCHW image, column by column, with the padding that windows read. */
  private int interleaved() {
    int columns = conv.columns().stride() * (width() - 1) + conv.columns().kernelSize();
    return Math.ceilDiv(columns * conv.channels(), BLOCK) * BLOCK + slots * BLOCK;
  }

  private void interleave(float[] x, int row, float[] panel, int at) {
    int map = conv.inH() * conv.inW();
    int outside = -conv.columns().firstInput(0);
    int columns = conv.columns().stride() * (width() - 1) + conv.columns().kernelSize();
    int end = Math.min(conv.inW(), columns - outside);
    for (int channel = 0; channel < conv.channels(); channel++) {
      int to = at + outside * conv.channels() + channel;
      for (int column = Math.max(0, -outside); column < end; column++) {
        panel[to + column * conv.channels()] = x[row + channel * map + column];
      }
    }
  }

  /** Copies what each window's row reads: it is contiguous in the interleaved row. */
  private void copyWindows(float[] panel, int row, int at) {
    int step = conv.columns().stride() * conv.channels();
    for (int slot = 0; slot < slots; slot++) {
      for (int position = 0; position < width(); position++) {
        for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
          Lanes.load(panel, row + position * step + slot * BLOCK + lane)
              .intoArray(panel, at + slot * slotFloats() + position * BLOCK + lane);
        }
      }
    }
  }
}
