package dev.fovea.image;

import java.util.Arrays;

/** Finds the writing on a page and sets it as MNIST's digits were set: {@link Fit#INK}. */
final class Ink {
  /** TestImages are searched at no more than this many pixels a side: a digit of 1/50 of that still has 20. */
  private static final int SEARCHED = 1024;

  /** Ink that differs less from its page, of 255, is noise or a shadow. */
  private static final int LEAST_CONTRAST = 40;

  /** Ink shorter than this part of the image is a speck on an empty page. */
  private static final double SHORTEST = 0.02;

  /** MNIST: the digit in 20 of 28 pixels. */
  private static final double FILLED = 20 / 28.0;

  /** A pen's thin line would fade when scaled down: strokes have at least this part of the writing's longer side. */
  private static final double THINNEST_STROKE = 0.08;

  private Ink() {}

  static Image fit(Image grey, int width, int height) {
    boolean bright = borderMedian(grey) > 127;
    if (grey.width() == width && grey.height() == height) {
      return bright ? inverted(grey) : grey;
    }
    Image searched = limited(grey);
    Page page = Page.of(bright || isDimPage(searched) ? searched : inverted(searched));
    int threshold = threshold(page.ink());
    if (threshold == 255) {
      return blank(width, height);
    }
    double paper = mean(page.ink(), 0, threshold);
    double ink = mean(page.ink(), threshold + 1, 255);
    ConnectedComponents blobs = ConnectedComponents.of(page, threshold).writing();
    if (Math.max(blobs.width(), blobs.height()) < SHORTEST * Math.max(page.width(), page.height())) {
      return blank(width, height);
    }
    return placed(cut(page, blobs, (paper + threshold) / 2, ink), width, height);
  }

  private static Image blank(int width, int height) {
    return new Image(width, height, 1, new byte[ImageFile.samples(width, height, 1)]);
  }

  static Image inverted(Image image) {
    byte[] pixels = image.pixels().clone();
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) ~pixels[i];
    }
    return new Image(image.width(), image.height(), image.channels(), pixels);
  }

  private static Image limited(Image grey) {
    int longer = Math.max(grey.width(), grey.height());
    if (longer <= SEARCHED) {
      return grey;
    }
    double scale = (double) SEARCHED / longer;
    return grey.resize(
        (int) Math.max(1, Math.round(grey.width() * scale)), (int) Math.max(1, Math.round(grey.height() * scale)));
  }

  static int borderMedian(Image grey) {
    int[] counts = new int[256];
    int right = grey.width() - 1;
    int bottom = grey.height() - 1;
    for (int x = 0; x <= right; x++) {
      counts[grey.at(x, 0, 0)]++;
      counts[grey.at(x, bottom, 0)]++;
    }
    for (int y = 1; y < bottom; y++) {
      counts[grey.at(0, y, 0)]++;
      counts[grey.at(right, y, 0)]++;
    }
    return percentile(counts, 50);
  }

  /** The smallest value with at least that many per cent of the counts at or below it. */
  static int percentile(int[] counts, int percent) {
    long wanted = (Arrays.stream(counts).asLongStream().sum() * percent + 99) / 100;
    long seen = 0;
    int value = 0;
    while (value < 255 && seen + counts[value] < wanted) {
      seen += counts[value++];
    }
    return value;
  }

  /** A page photographed in poor light is no brighter than 127, but what differs from it is mostly darker. */
  private static boolean isDimPage(Image grey) {
    if (borderMedian(grey) < 64) {
      return false;
    }
    int[] local = Page.light(Page.Cells.of(grey, 50).medians(), grey.width(), grey.height());
    long darker = 0;
    long brighter = 0;
    for (int i = 0; i < local.length; i++) {
      int difference = (grey.pixels()[i] & 0xff) - local[i];
      darker += difference < -24 ? -difference : 0;
      brighter += difference > 24 ? difference : 0;
    }
    return darker > 2 * brighter;
  }

  /** Above it is ink; 255 where there is none. */
  private static int threshold(byte[] values) {
    int threshold = -1;
    do {
      // On a page with little writing the best cut may go through the noise: then what lies above is cut again.
      threshold = otsu(values, threshold + 1);
    } while (threshold < 255 && mean(values, threshold + 1, 255) - mean(values, 0, threshold) < LEAST_CONTRAST);
    return threshold;
  }

  /**
   * The value that parts the histogram from {@code low} on into the two classes whose means lie furthest apart, weighted
   * (Otsu 1979); 255 where there are no two.
   */
  static int otsu(byte[] values, int low) {
    long[] counts = new long[256];
    long all = 0;
    double total = 0;
    for (byte value : values) {
      int v = value & 0xff;
      if (v >= low) {
        counts[v]++;
        all++;
        total += v;
      }
    }
    double best = -1;
    int threshold = 255;
    double below = 0;
    long count = 0;
    for (int v = low; v < 255; v++) {
      count += counts[v];
      below += (double) v * counts[v];
      long above = all - count;
      if (count == 0 || above == 0) {
        continue;
      }
      double gap = below / count - (total - below) / above;
      double between = gap * gap * count * above;
      if (between > best) {
        best = between;
        threshold = v;
      }
    }
    return threshold;
  }

  /** The mean of the values from {@code low} to {@code high}; 0 where there are none. */
  private static double mean(byte[] values, int low, int high) {
    long sum = 0;
    long count = 0;
    for (byte value : values) {
      int v = value & 0xff;
      if (v >= low && v <= high) {
        sum += v;
        count++;
      }
    }
    return count == 0 ? 0 : (double) sum / count;
  }

  /** The writing alone, cropped: 0 where it is paper, 255 where it is full ink, and strokes not too thin. */
  private static Image cut(Page page, ConnectedComponents blobs, double paper, double ink) {
    int longer = Math.max(blobs.width(), blobs.height());
    int thicker = (int) Math.max(0, Math.round((THINNEST_STROKE * longer - blobs.strokeWidth()) / 2));
    int width = blobs.width() + 2 * thicker;
    int height = blobs.height() + 2 * thicker;
    byte[] cut = new byte[width * height];
    for (int y = 0; y < blobs.height(); y++) {
      for (int x = 0; x < blobs.width(); x++) {
        int column = blobs.left() + x;
        int row = blobs.top() + y;
        if (blobs.near(column, row)) {
          double value = ((page.ink()[row * page.width() + column] & 0xff) - paper) / (ink - paper);
          cut[(y + thicker) * width + x + thicker] = (byte) Math.clamp(Math.round(255 * value), 0L, 255L);
        }
      }
    }
    byte[] across = thickened(cut, new Lines(height, width, width, 1), thicker);
    byte[] thick = thickened(across, new Lines(width, 1, height, width), thicker);
    return new Image(width, height, 1, thick);
  }

  /** The rows or the columns of an image: how many, from one to the next, pixels in each, from one to the next. */
  private record Lines(int count, int step, int length, int pixelStep) {}

  /** Along each line the maximum within the radius. */
  private static byte[] thickened(byte[] from, Lines lines, int radius) {
    if (radius == 0) {
      return from;
    }
    byte[] to = new byte[from.length];
    for (int line = 0; line < lines.count; line++) {
      int start = line * lines.step;
      for (int i = 0; i < lines.length; i++) {
        int most = 0;
        for (int k = Math.max(0, i - radius); k <= Math.min(lines.length - 1, i + radius); k++) {
          most = Math.max(most, from[start + k * lines.pixelStep] & 0xff);
        }
        to[start + i * lines.pixelStep] = (byte) most;
      }
    }
    return to;
  }

  private static Image placed(Image cut, int width, int height) {
    double scale = Math.min(width * FILLED / cut.width(), height * FILLED / cut.height());
    int w = Math.clamp(Math.round(cut.width() * scale), 1, width);
    int h = Math.clamp(Math.round(cut.height() * scale), 1, height);
    byte[] small = stretched(cut.resize(w, h).pixels());
    double sum = 0;
    double sumX = 0;
    double sumY = 0;
    for (int i = 0; i < small.length; i++) {
      int value = small[i] & 0xff;
      sum += value;
      int row = i / w;
      sumX += value * (i - row * w + 0.5);
      sumY += value * (row + 0.5);
    }
    // The centre of mass in the middle, as far as the writing stays inside.
    int left = Math.clamp(Math.round(width / 2.0 - sumX / Math.max(1, sum)), 0, width - w);
    int top = Math.clamp(Math.round(height / 2.0 - sumY / Math.max(1, sum)), 0, height - h);
    Image placed = blank(width, height);
    for (int y = 0; y < h; y++) {
      System.arraycopy(small, y * w, placed.pixels(), (top + y) * width + left, w);
    }
    return placed;
  }

  /** The brightest value becomes 255. */
  private static byte[] stretched(byte[] pixels) {
    int most = 0;
    for (byte pixel : pixels) {
      most = Math.max(most, pixel & 0xff);
    }
    if (most == 0) {
      return pixels;
    }
    byte[] to = new byte[pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      to[i] = (byte) ((pixels[i] & 0xff) * 255 / most);
    }
    return to;
  }
}
