package dev.fovea.augment.pixels;

import dev.fovea.image.Image;
import java.util.function.DoubleUnaryOperator;

/** Changes of colour that are a table from sample to sample, with the meaning of torchvision's functions of these names. */
public final class Tables {
  private static final int LEVELS = 256;
  private static final int MAX = 255;

  private Tables() {}

  /** Keeps the upper bits of each sample. */
  public static Image posterize(Image image, int bits) {
    int mask = MAX << (8 - bits) & MAX;
    return apply(image, value -> (int) value & mask);
  }

  /** Inverts samples from {@code threshold} on. */
  public static Image solarize(Image image, double threshold) {
    return apply(image, value -> value < threshold ? value : MAX - value);
  }

  /** Stretches each channel until its darkest sample is 0 and its brightest 255. */
  public static Image autoContrast(Image image) {
    return perChannel(image, Tables::stretched);
  }

  /** Spreads each channel's samples until their histogram is even. */
  public static Image equalize(Image image) {
    return perChannel(image, Tables::even);
  }

  private static void stretched(int[] histogram, byte[] table) {
    int low = 0;
    int high = MAX;
    while (low < MAX && histogram[low] == 0) {
      low++;
    }
    while (high > 0 && histogram[high] == 0) {
      high--;
    }
    double scale = high > low ? (double) MAX / (high - low) : 1;
    double offset = high > low ? -low * scale : 0;
    for (int i = 0; i < LEVELS; i++) {
      table[i] = (byte) Math.clamp((int) (i * scale + offset), 0, MAX);
    }
  }

  private static void even(int[] histogram, byte[] table) {
    int last = MAX;
    long sum = 0;
    while (histogram[last] == 0) {
      last--;
    }
    for (int i = 0; i < last; i++) {
      sum += histogram[i];
    }
    long step = sum / MAX;
    long passed = step / 2;
    for (int i = 0; i < LEVELS; i++) {
      table[i] = (byte) (step == 0 ? i : Math.min(MAX, passed / step));
      passed += histogram[i];
    }
  }

  /** Fills a channel's table. */
  private interface Filling {
    void fill(int[] histogram, byte[] table);
  }

  private static Image perChannel(Image image, Filling filling) {
    int channels = image.channels();
    byte[][] tables = new byte[channels][LEVELS];
    for (int c = 0; c < channels; c++) {
      int[] histogram = new int[LEVELS];
      for (int i = c; i < image.pixels().length; i += channels) {
        histogram[image.pixels()[i] & 0xff]++;
      }
      filling.fill(histogram, tables[c]);
    }
    return apply(image, tables);
  }

  /** A function for each channel, or one for all; results are rounded and clamped to samples. */
  static Image apply(Image image, DoubleUnaryOperator... functions) {
    byte[][] tables = new byte[image.channels()][LEVELS];
    for (int c = 0; c < tables.length; c++) {
      DoubleUnaryOperator function = functions[Math.min(c, functions.length - 1)];
      for (int i = 0; i < LEVELS; i++) {
        tables[c][i] = Colors.toByte(function.applyAsDouble(i));
      }
    }
    return apply(image, tables);
  }

  private static Image apply(Image image, byte[][] tables) {
    byte[] from = image.pixels();
    byte[] to = new byte[from.length];
    for (int c = 0; c < tables.length; c++) {
      byte[] table = tables[c];
      for (int i = c; i < to.length; i += tables.length) {
        to[i] = table[from[i] & 0xff];
      }
    }
    return new Image(image.width(), image.height(), image.channels(), to);
  }
}
