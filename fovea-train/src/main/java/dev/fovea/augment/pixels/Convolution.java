package dev.fovea.augment.pixels;

import dev.fovea.image.Image;

/** Images convolved with a filter. */
public final class Convolution {
  /** From this multiple of its std on, a Gaussian is neglected. */
  private static final int RADIUS = 3;

  private Convolution() {}

  /**
   * Convolved with a Gaussian, mirrored beyond the border; as torchvision's {@code gaussian_blur} with a kernel of
   * {@code 2 ceil(3 std) + 1} pixels.
   *
   * @param std in pixels, above 0
   */
  public static Image gaussian(Image image, double std) {
    double[] kernel = kernel(std);
    float[] across = new float[image.pixels().length];
    int channels = image.channels();
    int stride = image.width() * channels;
    int[] columns = mirrored(image.width(), kernel.length / 2, channels);
    for (int row = 0; row < across.length; row += stride) {
      for (int i = 0; i < stride; i++) {
        double sum = 0;
        for (int k = 0; k < kernel.length; k++) {
          sum += kernel[k] * (image.pixels()[row + columns[i / channels + k] + i % channels] & 0xff);
        }
        across[row + i] = (float) sum;
      }
    }
    byte[] to = new byte[across.length];
    int[] rows = mirrored(image.height(), kernel.length / 2, stride);
    for (int y = 0; y < image.height(); y++) {
      for (int i = 0; i < stride; i++) {
        double sum = 0;
        for (int k = 0; k < kernel.length; k++) {
          sum += kernel[k] * across[rows[y + k] + i];
        }
        to[y * stride + i] = Colors.toByte(sum);
      }
    }
    return new Image(image.width(), image.height(), channels, to);
  }

  private static double[] kernel(double std) {
    int radius = (int) Math.ceil(RADIUS * std);
    double[] kernel = new double[2 * radius + 1];
    double sum = 0;
    for (int k = 0; k < kernel.length; k++) {
      double distance = (k - radius) / std;
      kernel[k] = StrictMath.exp(-0.5 * distance * distance);
      sum += kernel[k];
    }
    for (int k = 0; k < kernel.length; k++) {
      kernel[k] /= sum;
    }
    return kernel;
  }

  /** The offsets of the positions from {@code -radius} to {@code size + radius - 1}, mirrored at the first and the last. */
  private static int[] mirrored(int size, int radius, int stride) {
    int[] offsets = new int[size + 2 * radius];
    int period = Math.max(1, 2 * (size - 1));
    for (int i = 0; i < offsets.length; i++) {
      int at = Math.floorMod(i - radius, period);
      offsets[i] = Math.min(at, period - at) * stride;
    }
    return size == 1 ? new int[offsets.length] : offsets;
  }

  /** Pillow's filter SMOOTH: the mean of 3 x 3 pixels, of which the middle one counts five times; the border is kept. */
  static Image smooth(Image image) {
    byte[] from = image.pixels();
    byte[] to = from.clone();
    int channels = image.channels();
    int stride = image.width() * channels;
    for (int y = 1; y < image.height() - 1; y++) {
      for (int i = y * stride + channels; i < (y + 1) * stride - channels; i++) {
        int sum = 4 * (from[i] & 0xff);
        for (int row = i - stride; row <= i + stride; row += stride) {
          sum += (from[row - channels] & 0xff) + (from[row] & 0xff) + (from[row + channels] & 0xff);
        }
        to[i] = Colors.toByte(sum / 13.0);
      }
    }
    return new Image(image.width(), image.height(), channels, to);
  }
}
