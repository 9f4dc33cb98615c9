package dev.fovea.augment;

import dev.fovea.augment.pixels.Colors;
import dev.fovea.augment.pixels.Projection;
import dev.fovea.augment.pixels.Tables;
import dev.fovea.data.Sample;

/** The operations of {@link RandAugment} and {@link TrivialAugment}, in torchvision's order. */
enum Operation {
  IDENTITY,
  SHEAR_X,
  SHEAR_Y,
  TRANSLATE_X,
  TRANSLATE_Y,
  ROTATE,
  BRIGHTNESS,
  COLOR,
  CONTRAST,
  SHARPNESS,
  POSTERIZE,
  SOLARIZE,
  AUTO_CONTRAST,
  EQUALIZE;

  /** The number of magnitudes, from 0 to this number less one. */
  static final int MAGNITUDES = 31;

  private static final int BITS = 8;
  private static final int WHITE = 255;

  /** Whether the amount is negative in half of the cases. */
  boolean isSigned() {
    return switch (this) {
      case SHEAR_X, SHEAR_Y, TRANSLATE_X, TRANSLATE_Y, ROTATE, BRIGHTNESS, COLOR, CONTRAST, SHARPNESS -> true;
      case IDENTITY, POSTERIZE, SOLARIZE, AUTO_CONTRAST, EQUALIZE -> false;
    };
  }

  /**
   * Applies it.
   *
   * @param amount slope of the shear, pixels, degrees, the change of a factor of 1, bits or the threshold; ignored by the others
   */
  Sample apply(Sample sample, double amount, Canvas canvas) {
    return switch (this) {
      case IDENTITY -> sample;
      case SHEAR_X -> canvas.warped(sample, Projection.affine(0, 0, Projection.Motion.sheared(degrees(amount), 0)));
      case SHEAR_Y -> canvas.warped(sample, Projection.affine(0, 0, Projection.Motion.sheared(0, degrees(amount))));
      case TRANSLATE_X -> canvas.moved(sample, Projection.affine(1, 0, -(int) amount, 0, 1, 0));
      case TRANSLATE_Y -> canvas.moved(sample, Projection.affine(1, 0, 0, 0, 1, -(int) amount));
      case ROTATE -> canvas.warped(sample, Affine.about(sample.image(), Projection.Motion.rotated(-amount)));
      case BRIGHTNESS -> Canvas.coloured(sample, image -> Colors.brightness(image, 1 + amount));
      case COLOR -> Canvas.coloured(sample, image -> Colors.saturation(image, 1 + amount));
      case CONTRAST -> Canvas.coloured(sample, image -> Colors.contrast(image, 1 + amount));
      case SHARPNESS -> Canvas.coloured(sample, image -> Colors.sharpness(image, 1 + amount));
      case POSTERIZE -> Canvas.coloured(sample, image -> Tables.posterize(image, (int) amount));
      case SOLARIZE -> Canvas.coloured(sample, image -> Tables.solarize(image, amount));
      case AUTO_CONTRAST -> Canvas.coloured(sample, Tables::autoContrast);
      case EQUALIZE -> Canvas.coloured(sample, Tables::equalize);
    };
  }

  private static double degrees(double slope) {
    return Math.toDegrees(StrictMath.atan(slope));
  }

  /** The bits that remain of 8. */
  static double bits(int magnitude, double step) {
    return BITS - Math.rint(magnitude / step);
  }

  /** From white, at which nothing is inverted, to black. */
  static double threshold(int magnitude) {
    return WHITE - part(WHITE, magnitude);
  }

  /** The magnitude's share of the largest amount. */
  static double part(double largest, int magnitude) {
    return largest * magnitude / (MAGNITUDES - 1);
  }
}
