package dev.fovea.image;

import java.util.Arrays;

/**
 * Resizing with antialiasing. Each output pixel is the weighted mean of the input pixels under a filter around its centre, whose
 * radius is one output pixel for bilinear and two for bicubic resizing, or as many input pixels for upsampling. Two passes,
 * columns first, each rounded to 8 bits.
 */
final class Resize {
  private static final int FRACTION_BITS = 22;

  /** The size of the intermediate image, in pixels, from which the order of the passes is checked. */
  private static final long LARGE = 1 << 24;

  private Resize() {}

  static Image of(Image image, int width, int height, Interpolation filter) {
    ImageFile.samples(width, height, image.channels());
    return window(image, new Span(image.width(), width, 0, width), new Span(image.height(), height, 0, height), filter);
  }

  /** One axis: {@code input} pixels are resized to {@code output}, of which {@code count} from {@code first} on are computed. */
  record Span(int input, long output, long first, int count) {
    boolean isWhole() {
      return input == output && count == input;
    }
  }

  /** A part of the resized image, since the whole may be too large for memory. */
  static Image window(Image image, Span columns, Span rows, Interpolation filter) {
    if (columns.isWhole() && rows.isWhole()) {
      return image;
    }
    Weights across = new Weights(columns, filter);
    Weights down = new Weights(rows, filter);
    int channels = image.channels();
    long acrossFirst = (long) columns.count() * down.inputs();
    long downFirst = (long) across.inputs() * rows.count();
    long max = Math.max(LARGE, Math.max(image.pixels().length / channels, (long) columns.count() * rows.count()));
    if (acrossFirst <= max || acrossFirst <= downFirst) {
      Image narrow = columns.isWhole() ? image : across(image, across, down.start(), down.inputs());
      return rows.isWhole() ? narrow : down(narrow, down, columns.isWhole() ? 0 : down.start(), 0, columns.count());
    }
    // Columns first would need an intermediate image larger than input and output, as for 1 x 1000000 made wide; rounding differs.
    Image flat = down(image, down, 0, across.start(), across.inputs());
    return across(flat, across.shifted(), 0, rows.count());
  }

  private static Image across(Image image, Weights weights, int firstRow, int rows) {
    int channels = image.channels();
    int count = weights.count();
    byte[] from = image.pixels();
    byte[] to = new byte[ImageFile.samples(count, rows, channels)];
    for (int y = 0; y < rows; y++) {
      int row = (firstRow + y) * image.width() * channels;
      int at = y * count * channels;
      for (int x = 0; x < count; x++, at += channels) {
        int source = row + weights.first[x] * channels;
        if (channels == 1) {
          to[at] = weights.mean(from, source, 1, x);
        } else {
          weights.mean3(from, source, x, to, at);
        }
      }
    }
    return new Image(count, rows, channels, to);
  }

  private static Image down(Image image, Weights weights, int skippedRows, int firstColumn, int columns) {
    int channels = image.channels();
    int stride = image.width() * channels;
    int samples = columns * channels;
    byte[] from = image.pixels();
    byte[] to = new byte[ImageFile.samples(columns, weights.count(), channels)];
    int[] sums = new int[samples];
    for (int y = 0; y < weights.count(); y++) {
      Arrays.fill(sums, 1 << (FRACTION_BITS - 1));
      for (int k = 0; k < weights.length[y]; k++) {
        int weight = weights.values[weights.offset[y] + k];
        int row = (weights.first[y] + k - skippedRows) * stride + firstColumn * channels;
        for (int i = 0; i < samples; i++) {
          sums[i] += weight * (from[row + i] & 0xff);
        }
      }
      for (int i = 0; i < samples; i++) {
        to[y * samples + i] = Weights.toByte(sums[i]);
      }
    }
    return new Image(columns, weights.count(), channels, to);
  }

  /** For each output position the first input position, the number of them, and their weights in fixed point. */
  private static final class Weights {
    private final int[] first;
    private final int[] length;
    private final int[] offset;
    private final int[] values;

    Weights(Span span, Interpolation filter) {
      double scale = (double) span.input() / span.output();
      double unit = Math.max(scale, 1);
      double reach = filter.radius * unit;
      int count = span.count();
      first = new int[count];
      length = new int[count];
      offset = new int[count + 1];
      for (int i = 0; i < count; i++) {
        double centre = (span.first() + i + 0.5) * scale;
        first[i] = (int) Math.max(0, (long) (centre - reach + 0.5));
        length[i] = (int) Math.min(span.input(), (long) (centre + reach + 0.5)) - first[i];
        offset[i + 1] = Math.addExact(offset[i], length[i]);
      }
      values = new int[offset[count]];
      for (int i = 0; i < count; i++) {
        fill(i, (span.first() + i + 0.5) * scale, 1 / unit, filter);
      }
    }

    private Weights(int[] first, int[] length, int[] offset, int[] values) {
      this.first = first;
      this.length = length;
      this.offset = offset;
      this.values = values;
    }

    private void fill(int i, double centre, double inverseUnit, Interpolation filter) {
      double[] weights = new double[length[i]];
      double sum = 0;
      for (int k = 0; k < weights.length; k++) {
        weights[k] = filter.weight((first[i] + k - centre + 0.5) * inverseUnit);
        sum += weights[k];
      }
      for (int k = 0; k < weights.length; k++) {
        double exact = weights[k] / sum * (1 << FRACTION_BITS);
        values[offset[i] + k] = (int) (exact < 0 ? exact - 0.5 : exact + 0.5);
      }
    }

    int count() {
      return first.length;
    }

    /** The first input position that any output needs. */
    int start() {
      return first[0];
    }

    /** The number of input positions that the outputs need. */
    int inputs() {
      return first[count() - 1] + length[count() - 1] - first[0];
    }

    /** The same weights for an input that starts at {@link #start()}. */
    Weights shifted() {
      int[] shiftedFirst = first.clone();
      for (int i = 0; i < shiftedFirst.length; i++) {
        shiftedFirst[i] -= first[0];
      }
      return new Weights(shiftedFirst, length, offset, values);
    }

    byte mean(byte[] from, int at, int step, int i) {
      int sum = 1 << (FRACTION_BITS - 1);
      int source = at;
      for (int k = offset[i]; k < offset[i + 1]; k++, source += step) {
        sum += values[k] * (from[source] & 0xff);
      }
      return toByte(sum);
    }

    void mean3(byte[] from, int at, int i, byte[] to, int target) {
      int red = 1 << (FRACTION_BITS - 1);
      int green = red;
      int blue = red;
      int source = at;
      for (int k = offset[i]; k < offset[i + 1]; k++, source += 3) {
        int weight = values[k];
        red += weight * (from[source] & 0xff);
        green += weight * (from[source + 1] & 0xff);
        blue += weight * (from[source + 2] & 0xff);
      }
      to[target] = toByte(red);
      to[target + 1] = toByte(green);
      to[target + 2] = toByte(blue);
    }

    /** Rounds a fixed-point sum to 8 bits. Negative weights, and many small ones that are each rounded up, may leave the range. */
    static byte toByte(int sum) {
      return (byte) Math.clamp(sum >> FRACTION_BITS, 0, 255);
    }
  }
}
