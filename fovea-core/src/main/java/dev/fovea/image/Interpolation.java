package dev.fovea.image;

/** The filter that resizing weights an image's pixels with. */
public enum Interpolation {
  /** A triangle: linear between two pixels. */
  BILINEAR(1) {
    @Override
    double weight(double distance) {
      return Math.max(0, 1 - Math.abs(distance));
    }
  },

  /** The cubic convolution of Keys 1981 (Cubic convolution interpolation for digital image processing, equation 4) with a = -1/2. */
  BICUBIC(2) {
    @Override
    double weight(double distance) {
      double x = Math.abs(distance);
      if (x < 1) {
        return ((A + 2) * x - (A + 3)) * x * x + 1;
      }
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
    }
  };

  private static final double A = -0.5;

  /** The distance from which on weights are 0, in pixels of the smaller of both images. */
  final int radius;

  Interpolation(int radius) {
    this.radius = radius;
  }

  /** Of a pixel at this distance from the centre, in pixels of the smaller of both images. */
  abstract double weight(double distance);
}
