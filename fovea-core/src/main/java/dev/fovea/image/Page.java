package dev.fovea.image;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;

/**
 * A page with dark ink, with uneven illumination removed. The illumination is estimated on a coarse grid: a cell's is its upper
 * quartile; cells much darker than a grey-scale closing of the grid are covered by ink and are interpolated from their neighbours.
 *
 * @param ink per pixel 255 * (1 - value / illumination), 0 if it is as bright as the page
 */
@SuppressWarnings("ArrayRecordComponent") // created and used once
record Page(int width, int height, byte[] ink) {
  private static final int CELLS = 24;

  /** A closing with this radius, in cells, fills strokes of up to a third of the image. */
  private static final int RADIUS = 4;

  private static final double COVERED = 0.8;

  /** A lower bound for the divisor, since a little noise on nearly black would become much ink. */
  private static final int MIN_LIGHT = 32;

  static Page of(Image grey) {
    int[] light = light(Cells.of(grey, 75).illumination(), grey.width(), grey.height());
    byte[] ink = new byte[light.length];
    for (int i = 0; i < ink.length; i++) {
      int missing = light[i] - (grey.pixels()[i] & 0xff);
      ink[i] = (byte) Math.clamp(255L * missing / Math.max(MIN_LIGHT, light[i]), 0, 255);
    }
    return new Page(grey.width(), grey.height(), ink);
  }

  /** The grid's values, interpolated bilinearly between the centres of its cells, for every pixel. */
  static int[] light(Cells cells, int width, int height) {
    int[] light = new int[width * height];
    for (int y = 0; y < height; y++) {
      double v = Math.clamp((y + 0.5) / cells.side - 0.5, 0, cells.rows - 1);
      int row = Math.min((int) v, Math.max(0, cells.rows - 2));
      int below = Math.min(row + 1, cells.rows - 1);
      for (int x = 0; x < width; x++) {
        double u = Math.clamp((x + 0.5) / cells.side - 0.5, 0, cells.columns - 1);
        int column = Math.min((int) u, Math.max(0, cells.columns - 2));
        int right = Math.min(column + 1, cells.columns - 1);
        double upper = lerp(cells.at(column, row), cells.at(right, row), u - column);
        double lower = lerp(cells.at(column, below), cells.at(right, below), u - column);
        light[y * width + x] = (int) Math.round(lerp(upper, lower, v - row));
      }
    }
    return light;
  }

  private static double lerp(double a, double b, double part) {
    return a + (b - a) * part;
  }

  /** A value for each square of {@code side} pixels. */
  @SuppressWarnings("ArrayRecordComponent")
  record Cells(int side, int columns, int rows, double[] values) {
    static Cells of(Image grey, int percent) {
      int side = Math.max(4, (Math.max(grey.width(), grey.height()) + CELLS - 1) / CELLS);
      int columns = (grey.width() + side - 1) / side;
      int rows = (grey.height() + side - 1) / side;
      double[] values = new double[columns * rows];
      for (int i = 0; i < values.length; i++) {
        int left = i % columns * side;
        int top = i / columns * side;
        int[] counts = new int[256];
        for (int y = top; y < Math.min(top + side, grey.height()); y++) {
          for (int x = left; x < Math.min(left + side, grey.width()); x++) {
            counts[grey.at(x, y, 0)]++;
          }
        }
        values[i] = Ink.percentile(counts, percent);
      }
      return new Cells(side, columns, rows, values);
    }

    double at(int column, int row) {
      return values[row * columns + column];
    }

    /** The median filter over 5 x 5 cells. */
    Cells medians() {
      return filtered(2, window -> {
        Arrays.sort(window);
        return window[window.length / 2];
      });
    }

    Cells illumination() {
      Cells closed = filtered(RADIUS, window -> Arrays.stream(window).max().orElse(0))
          .filtered(RADIUS, window -> Arrays.stream(window).min().orElse(0));
      double[] illumination = new double[values.length];
      for (int i = 0; i < illumination.length; i++) {
        illumination[i] = values[i] >= COVERED * closed.values[i] ? values[i] : Double.NaN;
      }
      return new Cells(side, columns, rows, illumination).filled();
    }

    /** Fills unknown (NaN) cells with the mean of their known neighbours, from the edge inwards. */
    private Cells filled() {
      Cells cells = this;
      while (Arrays.stream(cells.values).anyMatch(Double::isNaN)) {
        Cells known = cells;
        double[] next = known.values.clone();
        for (int i = 0; i < next.length; i++) {
          if (Double.isNaN(next[i])) {
            next[i] = Arrays.stream(known.window(i % columns, i / columns, 1)).filter(v -> !Double.isNaN(v)).average()
                .orElse(Double.NaN);
          }
        }
        cells = new Cells(side, columns, rows, next);
      }
      return cells;
    }

    private Cells filtered(int radius, ToDoubleFunction<double[]> summary) {
      double[] next = new double[values.length];
      for (int i = 0; i < next.length; i++) {
        next[i] = summary.applyAsDouble(window(i % columns, i / columns, radius));
      }
      return new Cells(side, columns, rows, next);
    }

    /** The values up to {@code radius} cells away, without those outside the grid. */
    private double[] window(int column, int row, int radius) {
      int left = Math.max(0, column - radius);
      int right = Math.min(columns - 1, column + radius);
      int top = Math.max(0, row - radius);
      int bottom = Math.min(rows - 1, row + radius);
      double[] window = new double[(right - left + 1) * (bottom - top + 1)];
      int at = 0;
      for (int y = top; y <= bottom; y++) {
        for (int x = left; x <= right; x++) {
          window[at++] = at(x, y);
        }
      }
      return window;
    }
  }
}
