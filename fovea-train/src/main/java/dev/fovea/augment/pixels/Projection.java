package dev.fovea.augment.pixels;

import dev.fovea.image.Image;

/**
 * A projective map from a position in a result to the one in an image that is sampled there:
 * {@code x' = (a x + b y + c) / (g x + h y + 1)}, {@code y' = (d x + e y + f) / (g x + h y + 1)}. Positions are in pixels from the
 * upper left corner, so that the centre of the first pixel is at (1/2, 1/2).
 */
public record Projection(double a, double b, double c, double d, double e, double f, double g, double h) {
  /** x' = a x + b y + c, y' = d x + e y + f. */
  public static Projection affine(double a, double b, double c, double d, double e, double f) {
    return new Projection(a, b, c, d, e, f, 0, 0);
  }

  /**
   * Shear, scale and rotate, then translate; as torchvision's {@code affine}.
   *
   * @param angle clockwise, in degrees
   * @param shearX by which vertical lines are turned, in degrees; {@code shearY} horizontal lines
   */
  public record Motion(double angle, double translateX, double translateY, double scale, double shearX, double shearY) {
    /** Only sheared. */
    public static Motion sheared(double shearX, double shearY) {
      return new Motion(0, 0, 0, 1, shearX, shearY);
    }

    /** Only rotated. */
    public static Motion rotated(double angle) {
      return new Motion(angle, 0, 0, 1, 0, 0);
    }
  }

  /** The inverse of a motion about a centre. */
  public static Projection affine(double centreX, double centreY, Motion motion) {
    double turn = Math.toRadians(motion.angle);
    double sheared = turn - Math.toRadians(motion.shearY);
    double cosine = StrictMath.cos(Math.toRadians(motion.shearY));
    double tangent = StrictMath.tan(Math.toRadians(motion.shearX));
    double scale = motion.scale;
    double a = StrictMath.cos(sheared) / cosine;
    double b = -a * tangent - StrictMath.sin(turn);
    double c = StrictMath.sin(sheared) / cosine;
    double d = -c * tangent + StrictMath.cos(turn);
    double x = -centreX - motion.translateX;
    double y = -centreY - motion.translateY;
    return affine(
        d / scale, -b / scale, (d * x - b * y) / scale + centreX, -c / scale, a / scale, (a * y - c * x) / scale + centreY);
  }

  /**
   * The inverse of the map that moves four points.
   *
   * @param from x and y of each, one after the other
   * @param to no three of them on a line
   */
  public static Projection perspective(double[] from, double[] to) {
    double[][] equations = new double[8][];
    for (int i = 0; i < 4; i++) {
      double x = to[2 * i];
      double y = to[2 * i + 1];
      double u = from[2 * i];
      double v = from[2 * i + 1];
      equations[2 * i] = new double[] {x, y, 1, 0, 0, 0, -u * x, -u * y, u};
      equations[2 * i + 1] = new double[] {0, 0, 0, x, y, 1, -v * x, -v * y, v};
    }
    double[] s = solved(equations);
    return new Projection(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]);
  }

  /** By Gauss and Jordan's elimination with row pivoting; each row ends with its right side. */
  private static double[] solved(double[][] rows) {
    int n = rows.length;
    for (int i = 0; i < n; i++) {
      int pivot = i;
      for (int r = i + 1; r < n; r++) {
        pivot = Math.abs(rows[r][i]) > Math.abs(rows[pivot][i]) ? r : pivot;
      }
      double[] row = rows[pivot];
      rows[pivot] = rows[i];
      rows[i] = row;
      for (int r = 0; r < n; r++) {
        double factor = r == i ? 0 : rows[r][i] / row[i];
        for (int k = i; factor != 0 && k <= n; k++) {
          rows[r][k] -= factor * row[k];
        }
      }
    }
    double[] solution = new double[n];
    for (int i = 0; i < n; i++) {
      solution[i] = rows[i][n] / rows[i][i];
    }
    return solution;
  }

  /**
   * The image as seen through this map, each pixel interpolated between the four nearest.
   *
   * @param outside the colour of what lies outside the image, a sample per channel
   */
  public Image bilinear(Image image, int width, int height, byte[] outside) {
    return sampled(image, width, height, outside, Projection::interpolate);
  }

  /** As {@link #bilinear}, without interpolation: each pixel is the one that its position is in. */
  public Image nearest(Image image, int width, int height, byte[] outside) {
    return sampled(image, width, height, outside, (from, x, y, to, at) -> {
      int source = (((int) y) * from.width() + ((int) x)) * from.channels();
      for (int k = 0; k < from.channels(); k++) {
        to[at + k] = from.pixels()[source + k];
      }
    });
  }

  /** Writes a pixel's samples from a position inside the image. */
  private interface Sampler {
    void sample(Image from, double x, double y, byte[] to, int at);
  }

  private Image sampled(Image image, int width, int height, byte[] outside, Sampler sampler) {
    int channels = image.channels();
    byte[] to = new byte[Math.multiplyExact(Math.multiplyExact(width, height), channels)];
    for (int row = 0, at = 0; row < height; row++) {
      double y = row + 0.5;
      for (int column = 0; column < width; column++, at += channels) {
        double x = column + 0.5;
        double scale = 1 / (g * x + h * y + 1);
        double sourceX = (a * x + b * y + c) * scale;
        double sourceY = (d * x + e * y + f) * scale;
        if (sourceX >= 0 && sourceX < image.width() && sourceY >= 0 && sourceY < image.height()) {
          sampler.sample(image, sourceX, sourceY, to, at);
        } else {
          System.arraycopy(outside, 0, to, at, channels);
        }
      }
    }
    return new Image(width, height, channels, to);
  }

  /** Beyond the centres of the pixels at the border, these are repeated. */
  private static void interpolate(Image from, double x, double y, byte[] to, int at) {
    int left = (int) Math.floor(x - 0.5);
    int top = (int) Math.floor(y - 0.5);
    double right = x - 0.5 - left;
    double down = y - 0.5 - top;
    int channels = from.channels();
    int x0 = Math.max(left, 0) * channels;
    int x1 = Math.min(left + 1, from.width() - 1) * channels;
    int y0 = Math.max(top, 0) * from.width() * channels;
    int y1 = Math.min(top + 1, from.height() - 1) * from.width() * channels;
    byte[] pixels = from.pixels();
    for (int k = 0; k < channels; k++) {
      double upper = mixed(pixels[y0 + x0 + k] & 0xff, pixels[y0 + x1 + k] & 0xff, right);
      double lower = mixed(pixels[y1 + x0 + k] & 0xff, pixels[y1 + x1 + k] & 0xff, right);
      to[at + k] = (byte) (mixed(upper, lower, down) + 0.5);
    }
  }

  private static double mixed(double a, double b, double part) {
    return a + (b - a) * part;
  }
}
