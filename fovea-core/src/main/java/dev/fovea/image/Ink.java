package dev.fovea.image;

import java.util.Arrays;

/** Finds the writing on a page and normalises it as MNIST's digits: {@link Fit#INK}. */
final class Ink {
  /** Images are searched at no more than this many pixels per side: a digit of 1/50 of that still has 20. */
  private static final int MAX_SEARCH_SIZE = 1024;

  /** Ink that differs by less from its page, on a scale of 255, is noise or a shadow. */
  private static final int MIN_CONTRAST = 40;

  /** Ink shorter than this part of the image is a speck on an empty page. */
  private static final double MIN_LENGTH = 0.02;

  /** As in MNIST, the digit fills 20 of 28 pixels. */
  private static final double FILLED = 20 / 28.0;

  /** The minimum stroke width as a part of the writing's longer side, since thin lines would fade when scaled down. */
  private static final double MIN_STROKE = 0.08;

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
    ConnectedComponents components = ConnectedComponents.of(page, threshold).writing();
    if (Math.max(components.width(), components.height()) < MIN_LENGTH * Math.max(page.width(), page.height())) {
      return blank(width, height);
    }
    return centred(extracted(page, components, (paper + threshold) / 2, ink), width, height);
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
    if (longer <= MAX_SEARCH_SIZE) {
      return grey;
    }
    double scale = (double) MAX_SEARCH_SIZE / longer;
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

  /** The smallest value with at least {@code percent} per cent of the counts at or below it. */
  static int percentile(int[] counts, int percent) {
    long target = (Arrays.stream(counts).asLongStream().sum() * percent + 99) / 100;
    long seen = 0;
    int value = 0;
    while (value < 255 && seen + counts[value] < target) {
      seen += counts[value++];
    }
    return value;
  }

  /** A page photographed in poor light is not brighter than 127, but pixels that differ from it are mostly darker. */
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

  /** The threshold above which a value is ink; 255 if there is no ink. */
  private static int threshold(byte[] values) {
    int threshold = -1;
    do {
      // On a page with little writing the best threshold may split the noise: then the values above are split again.
      threshold = otsu(values, threshold + 1);
    } while (threshold < 255 && mean(values, threshold + 1, 255) - mean(values, 0, threshold) < MIN_CONTRAST);
    return threshold;
  }

  /**
   * The threshold that splits the histogram from {@code low} on into two classes with the largest between-class variance
   * (Otsu 1979); 255 if there are not two.
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

  /** The mean of the values from {@code low} to {@code high}; 0 if there are none. */
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

  /** The writing alone, cropped: paper is 0, full ink is 255, and thin strokes are thickened. */
  private static Image extracted(Page page, ConnectedComponents components, double paper, double ink) {
    int longer = Math.max(components.width(), components.height());
    int margin = (int) Math.max(0, Math.round((MIN_STROKE * longer - components.strokeWidth()) / 2));
    int width = components.width() + 2 * margin;
    int height = components.height() + 2 * margin;
    byte[] cut = new byte[width * height];
    for (int y = 0; y < components.height(); y++) {
      for (int x = 0; x < components.width(); x++) {
        int column = components.left() + x;
        int row = components.top() + y;
        if (components.near(column, row)) {
          double value = ((page.ink()[row * page.width() + column] & 0xff) - paper) / (ink - paper);
          cut[(y + margin) * width + x + margin] = (byte) Math.clamp(Math.round(255 * value), 0L, 255L);
        }
      }
    }
    byte[] across = dilated(cut, new Lines(height, width, width, 1), margin);
    byte[] thick = dilated(across, new Lines(width, 1, height, width), margin);
    return new Image(width, height, 1, thick);
  }

  /** The rows or the columns of an image: their count and stride, and the count and stride of their pixels. */
  private record Lines(int count, int stride, int length, int pixelStride) {}

  /** Dilates along each line: the maximum within the radius. */
  private static byte[] dilated(byte[] from, Lines lines, int radius) {
    if (radius == 0) {
      return from;
    }
    byte[] to = new byte[from.length];
    for (int line = 0; line < lines.count; line++) {
      int start = line * lines.stride;
      for (int i = 0; i < lines.length; i++) {
        int max = 0;
        for (int k = Math.max(0, i - radius); k <= Math.min(lines.length - 1, i + radius); k++) {
          max = Math.max(max, from[start + k * lines.pixelStride] & 0xff);
        }
        to[start + i * lines.pixelStride] = (byte) max;
      }
    }
    return to;
  }

  private static Image centred(Image cut, int width, int height) {
    double scale = Math.min(width * FILLED / cut.width(), height * FILLED / cut.height());
    int w = Math.clamp(Math.round(cut.width() * scale), 1, width);
    int h = Math.clamp(Math.round(cut.height() * scale), 1, height);
    byte[] small = scaled(cut.resize(w, h).pixels());
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
    // The centre of mass is put at the image's centre, as far as the writing stays inside.
    int left = Math.clamp(Math.round(width / 2.0 - sumX / Math.max(1, sum)), 0, width - w);
    int top = Math.clamp(Math.round(height / 2.0 - sumY / Math.max(1, sum)), 0, height - h);
    Image centred = blank(width, height);
    for (int y = 0; y < h; y++) {
      System.arraycopy(small, y * w, centred.pixels(), (top + y) * width + left, w);
    }
    return centred;
  }

  /** Scales the values so that the maximum becomes 255. */
  private static byte[] scaled(byte[] pixels) {
    int max = 0;
    for (byte pixel : pixels) {
      max = Math.max(max, pixel & 0xff);
    }
    if (max == 0) {
      return pixels;
    }
    byte[] to = new byte[pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      to[i] = (byte) ((pixels[i] & 0xff) * 255 / max);
    }
    return to;
  }
}
