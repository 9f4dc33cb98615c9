package dev.fovea.augment.pixels;

import dev.fovea.image.Image;
import java.util.function.DoubleUnaryOperator;

/**
 * Changes of colour, with the meaning of torchvision's functions of these names; results are rounded where these truncate. A grey
 * image is treated as one whose three channels are equal.
 */
public final class Colors {
  private static final int MAX = 255;

  private Colors() {}

  /** Each sample times {@code factor}. */
  public static Image brightness(Image image, double factor) {
    return Tables.apply(image, value -> value * factor);
  }

  /** Each sample's distance from the mean grey times {@code factor}. */
  public static Image contrast(Image image, double factor) {
    long sum = 0;
    byte[] grey = image.grey().pixels();
    for (byte value : grey) {
      sum += value & 0xff;
    }
    double mean = Math.floor((double) sum / grey.length + 0.5);
    return Tables.apply(image, value -> mean + factor * (value - mean));
  }

  /** Each pixel's distance from its grey times {@code factor}: 0 is grey. */
  public static Image saturation(Image image, double factor) {
    return image.channels() == 1 ? image : blend(image.grey().rgb(), image, factor);
  }

  /** All channels the grey of the image. */
  public static Image grayscale(Image image) {
    return image.grey().channels(image.channels());
  }

  /** Each pixel's distance from the smoothed image times {@code factor}: 0 is smooth, above 1 sharper. */
  public static Image sharpness(Image image, double factor) {
    return blend(Convolution.smooth(image), image, factor);
  }

  private static Image blend(Image zero, Image one, double factor) {
    byte[] from = zero.pixels();
    byte[] to = new byte[from.length];
    for (int i = 0; i < to.length; i++) {
      int start = from[i] & 0xff;
      to[i] = toByte(start + factor * ((one.pixels()[i] & 0xff) - start));
    }
    return new Image(one.width(), one.height(), one.channels(), to);
  }

  /**
   * Turns the hue of each pixel in HSV space.
   *
   * @param turn of the whole circle
   */
  public static Image hue(Image image, double turn) {
    if (image.channels() == 1) {
      return image;
    }
    byte[] from = image.pixels();
    byte[] to = new byte[from.length];
    double sectors = 6 * (turn - Math.floor(turn));
    for (int i = 0; i < from.length; i += 3) {
      int red = from[i] & 0xff;
      int green = from[i + 1] & 0xff;
      int blue = from[i + 2] & 0xff;
      int value = Math.max(red, Math.max(green, blue));
      int chroma = value - Math.min(red, Math.min(green, blue));
      double hue = chroma == 0 ? 0 : sector(red, green, blue, value, chroma) + sectors;
      to[i] = toByte(channel(value, chroma, hue + 5));
      to[i + 1] = toByte(channel(value, chroma, hue + 3));
      to[i + 2] = toByte(channel(value, chroma, hue + 1));
    }
    return new Image(image.width(), image.height(), 3, to);
  }

  /** The hue from 0 to 6: red 0, green 2, blue 4. */
  private static double sector(int red, int green, int blue, int value, int chroma) {
    if (value == red) {
      return (double) (green - blue) / chroma + 6;
    }
    return value == green ? (double) (blue - red) / chroma + 2 : (double) (red - green) / chroma + 4;
  }

  private static double channel(int value, int chroma, double position) {
    double k = position % 6;
    return value - chroma * Math.clamp(Math.min(k, 4 - k), 0.0, 1.0);
  }

  /** Adds a colour to each pixel; to a grey one its luma. */
  public static Image shift(Image image, double red, double green, double blue) {
    if (image.channels() == 1) {
      return Tables.apply(image, value -> value + 0.299 * red + 0.587 * green + 0.114 * blue);
    }
    DoubleUnaryOperator[] channels = {value -> value + red, value -> value + green, value -> value + blue};
    return Tables.apply(image, channels);
  }

  /** Rounded to a sample from 0 to 255. */
  static byte toByte(double value) {
    return (byte) (int) (Math.clamp(value, 0.0, MAX) + 0.5);
  }
}
