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
 * A panel of some rows of the output: the rows of a picture that their windows reach, with zeros around the picture, so that all places
 * read alike whatever padding, stride and dilation are. A slot has those rows, as wide as the output's, with a block of numbers for each
 * place: sixteen channels under one column of the window or, of a plain picture, what a row of the window covers in all channels.
 */
final class WindowPanel implements Panel {
  private static final int BLOCK = Layout.BLOCK;

  /** Rows of the picture a stride apart: the first one's number for the output's first row, where they begin, and how many. */
  private record Strip(int first, int at, int rows) {}

  private final DirectConv gather;
  private final boolean plain;
  private final int lane;
  private final int outputRows;
  private final List<Strip> strips = new ArrayList<>();
  private final int slots;
  private final int height;

  /** The places of a row whose column of the window lies in the picture, for each column. */
  private final int[] from;

  private final int[] to;

  /**
   * @param lane the lane of the first channel
   * @param outputRows the most rows of the output
   */
  WindowPanel(DirectConv gather, boolean plain, int lane, int outputRows) {
    this.gather = gather;
    this.plain = plain;
    this.lane = lane;
    this.outputRows = outputRows;
    slots = slots(gather, plain, lane);
    int rows = 0;
    for (int phase = 0; phase < gather.rows().stride(); phase++) {
      int[] reaches = reaches(gather.rows(), phase);
      if (reaches.length > 0) {
        int first = Arrays.stream(reaches).min().getAsInt();
        int more = (Arrays.stream(reaches).max().getAsInt() - first) / gather.rows().stride();
        strips.add(new Strip(first, rows, outputRows + more));
        rows += outputRows + more;
      }
    }
    height = rows;
    Axis columns = gather.columns();
    from = new int[columns.elements()];
    to = new int[columns.elements()];
    for (int k = 0; k < from.length; k++) {
      from[k] = Math.clamp(-Math.floorDiv(columns.reach(k), columns.stride()), 0, columns.size());
      to[k] = Math.clamp(Math.ceilDiv(gather.inW() - columns.reach(k), columns.stride()), from[k], columns.size());
    }
  }

  /** Whether windows follow each other evenly and, over a plain picture, cover columns side by side. */
  static boolean fits(DirectConv gather, boolean plain) {
    Axis columns = gather.columns();
    boolean together = columns.elements() == 1 || columns.stride() > 0 && columns.reach(1) == columns.reach(0) + 1;
    return gather.rows().stride() > 0 && columns.stride() > 0 && (together || !plain);
  }

  private static int slots(DirectConv gather, boolean plain, int lane) {
    return plain
        ? Math.ceilDiv(gather.columns().elements() * gather.channels(), BLOCK)
        : Math.ceilDiv(lane + gather.channels(), BLOCK) * gather.columns().elements();
  }

  private static int[] reaches(Axis rows, int phase) {
    return IntStream.range(0, rows.elements())
        .map(rows::reach)
        .filter(reach -> Math.floorMod(reach, rows.stride()) == phase)
        .toArray();
  }

  private int width() {
    return gather.columns().size();
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

  /** Numbers of a plain picture that are brought beside those of its other channels. */
  int interleavedNumbers() {
    return plain ? height * gather.inW() * gather.channels() : 0;
  }

  @Override
  public int[] distances() {
    int columns = gather.columns().elements();
    int[] rows = IntStream.range(0, gather.rows().elements()).map(this::row).toArray();
    return gather.inOrder((channel, row, column) -> {
      int number = plain ? column * gather.channels() + channel : lane + channel;
      int slot = plain ? number / BLOCK : number / BLOCK * columns + column;
      return slot * slot() + rows[row] * width() * BLOCK + number % BLOCK;
    });
  }

  /** The row of a slot that the first row of the output reads with an element. */
  private int row(int element) {
    Axis rows = gather.rows();
    int reach = rows.reach(element);
    Strip strip = strips.stream()
        .filter(s -> Math.floorMod(s.first - reach, rows.stride()) == 0)
        .findFirst()
        .orElseThrow();
    return strip.at + (reach - strip.first) / rows.stride();
  }

  /**
   * Copies what {@code count} rows of the output read, from {@code firstRow} on.
   *
   * @param image where the group's first block or, of a plain picture, map lies
   */
  void fill(float[] x, int image, int firstRow, int count, float[] panel, int target) {
    if (plain) {
      Arrays.fill(panel, target + slots * slot(), target + size(), 0);
    }
    for (int slot = 0; slot < slots; slot += plain ? slots : gather.columns().elements()) {
      int block = slot / gather.columns().elements();
      for (Strip strip : strips) {
        for (int i = 0; i < strip.rows - outputRows + count; i++) {
          int row = gather.rows().stride() * (firstRow + i) + strip.first;
          int at = target + slot * slot() + (strip.at + i) * width() * BLOCK;
          if (row < 0 || row >= gather.inH()) {
            blank(panel, at);
          } else if (plain) {
            interleave(x, image + row * gather.inW(), panel, target + slots * slot());
            spread(panel, target + slots * slot(), at);
          } else {
            copy(x, image + (block * gather.inH() + row) * gather.inW() * BLOCK, panel, at);
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
    int stride = gather.columns().stride();
    for (int column = 0; column < from.length; column++) {
      int to = at + column * slot();
      Arrays.fill(panel, to, to + from[column] * BLOCK, 0);
      Arrays.fill(panel, to + this.to[column] * BLOCK, to + width() * BLOCK, 0);
      int source = row + gather.columns().reach(column) * BLOCK;
      for (int place = from[column]; place < this.to[column]; place++) {
        for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
          Lanes.load(x, source + place * stride * BLOCK + lane).intoArray(panel, to + place * BLOCK + lane);
        }
      }
    }
  }

  /** The floats of a plain picture's row, column by column, with what windows reach on both sides. */
  private int interleaved() {
    int columns = gather.columns().stride() * (width() - 1) + gather.columns().elements();
    return Math.ceilDiv(columns * gather.channels(), BLOCK) * BLOCK + slots * BLOCK;
  }

  private void interleave(float[] x, int row, float[] panel, int at) {
    int map = gather.inH() * gather.inW();
    int outside = -gather.columns().reach(0);
    int columns = gather.columns().stride() * (width() - 1) + gather.columns().elements();
    int end = Math.min(gather.inW(), columns - outside);
    for (int channel = 0; channel < gather.channels(); channel++) {
      int to = at + outside * gather.channels() + channel;
      for (int column = Math.max(0, -outside); column < end; column++) {
        panel[to + column * gather.channels()] = x[row + channel * map + column];
      }
    }
  }

  /** What each window's row covers lies together in the interleaved row. */
  private void spread(float[] panel, int row, int at) {
    int step = gather.columns().stride() * gather.channels();
    for (int slot = 0; slot < slots; slot++) {
      for (int place = 0; place < width(); place++) {
        for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
          Lanes.load(panel, row + place * step + slot * BLOCK + lane)
              .intoArray(panel, at + slot * slot() + place * BLOCK + lane);
        }
      }
    }
  }
}
