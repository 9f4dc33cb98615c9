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
 * A panel of some rows of the output: the rows of an image that their windows reach, with zeros around the image, so that all places
 * read alike whatever padding, stride and dilation are. A slot has those rows, as wide as the output's, with a block of numbers for each
 * place: sixteen channels under one column of the window or, of a plain image, what a row of the window covers in all channels.
 */
final class WindowPanel implements Panel {
  private static final int BLOCK = Layout.BLOCK;

  /** Rows of the image a stride apart: the first one's number for the output's first row, where they begin, and how many. */
  private record Strip(int first, int at, int rows) {}

  private final DirectConv conv;
  private final boolean plain;
  private final int lane;
  private final int outputRows;
  private final List<Strip> strips = new ArrayList<>();
  private final int slots;
  private final int height;

  /** The places of a row whose column of the window lies in the image, for each column. */
  private final int[] from;

  private final int[] to;

  /**
   * @param lane the lane of the first channel
   * @param outputRows the most rows of the output
   */
  WindowPanel(DirectConv conv, boolean plain, int lane, int outputRows) {
    this.conv = conv;
    this.plain = plain;
    this.lane = lane;
    this.outputRows = outputRows;
    slots = slots(conv, plain, lane);
    int rows = 0;
    for (int phase = 0; phase < conv.rows().stride(); phase++) {
      int[] reaches = reaches(conv.rows(), phase);
      if (reaches.length > 0) {
        int first = Arrays.stream(reaches).min().getAsInt();
        int more = (Arrays.stream(reaches).max().getAsInt() - first) / conv.rows().stride();
        strips.add(new Strip(first, rows, outputRows + more));
        rows += outputRows + more;
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

  /** Whether windows follow each other evenly and, over a plain image, cover columns side by side. */
  static boolean fits(DirectConv conv, boolean plain) {
    Axis columns = conv.columns();
    boolean together = columns.kernelSize() == 1 || columns.stride() > 0 && columns.firstInput(1) == columns.firstInput(0) + 1;
    return conv.rows().stride() > 0 && columns.stride() > 0 && (together || !plain);
  }

  private static int slots(DirectConv conv, boolean plain, int lane) {
    return plain
        ? Math.ceilDiv(conv.columns().kernelSize() * conv.channels(), BLOCK)
        : Math.ceilDiv(lane + conv.channels(), BLOCK) * conv.columns().kernelSize();
  }

  private static int[] reaches(Axis rows, int phase) {
    return IntStream.range(0, rows.kernelSize())
        .map(rows::firstInput)
        .filter(reach -> Math.floorMod(reach, rows.stride()) == phase)
        .toArray();
  }

  private int width() {
    return conv.columns().size();
  }

  private int slot() {
    return height * width() * BLOCK;
  }

  @Override
  public int size() {
    return slots * slot() + (plain ? interleaved() : 0);
  }

  /** Blocks that are copied. */
  long blocks() {
    return (long) slots * height * width();
  }

  /** Numbers of a plain image that are brought beside those of its other channels. */
  int interleavedNumbers() {
    return plain ? height * conv.inW() * conv.channels() : 0;
  }

  @Override
  public int[] distances() {
    int columns = conv.columns().kernelSize();
    int[] rows = IntStream.range(0, conv.rows().kernelSize()).map(this::row).toArray();
    return conv.inSumOrder((channel, row, column) -> {
      int number = plain ? column * conv.channels() + channel : lane + channel;
      int slot = plain ? number / BLOCK : number / BLOCK * columns + column;
      return slot * slot() + rows[row] * width() * BLOCK + number % BLOCK;
    });
  }

  /** The row of a slot that the first row of the output reads with an element. */
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
   * @param image where the group's first block or, of a plain image, map lies
   */
  void fill(float[] x, int image, int firstRow, int count, float[] panel, int target) {
    if (plain) {
      Arrays.fill(panel, target + slots * slot(), target + size(), 0);
    }
    for (int slot = 0; slot < slots; slot += plain ? slots : conv.columns().kernelSize()) {
      int block = slot / conv.columns().kernelSize();
      for (Strip strip : strips) {
        for (int i = 0; i < strip.rows - outputRows + count; i++) {
          int row = conv.rows().stride() * (firstRow + i) + strip.first;
          int at = target + slot * slot() + (strip.at + i) * width() * BLOCK;
          if (row < 0 || row >= conv.inH()) {
            blank(panel, at);
          } else if (plain) {
            interleave(x, image + row * conv.inW(), panel, target + slots * slot());
            spread(panel, target + slots * slot(), at);
          } else {
            copy(x, image + (block * conv.inH() + row) * conv.inW() * BLOCK, panel, at);
          }
        }
      }
    }
  }

  private void blank(float[] panel, int at) {
    for (int k = 0; k < (plain ? slots : from.length); k++) {
      Arrays.fill(panel, at + k * slot(), at + k * slot() + width() * BLOCK, 0);
    }
  }

  /** A row of a block of channels, for each column of the window. */
  private void copy(float[] x, int row, float[] panel, int at) {
    int stride = conv.columns().stride();
    for (int column = 0; column < from.length; column++) {
      int to = at + column * slot();
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

  /** The floats of a plain image's row, column by column, with what windows reach on both sides. */
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

  /** What each window's row covers lies together in the interleaved row. */
  private void spread(float[] panel, int row, int at) {
    int step = conv.columns().stride() * conv.channels();
    for (int slot = 0; slot < slots; slot++) {
      for (int position = 0; position < width(); position++) {
        for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
          Lanes.load(panel, row + position * step + slot * BLOCK + lane)
              .intoArray(panel, at + slot * slot() + position * BLOCK + lane);
        }
      }
    }
  }
}
