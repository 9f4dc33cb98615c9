package dev.fovea.check;

import dev.fovea.image.Image;
import dev.fovea.metric.Interval;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Whether images differ from their mirrored ones, as letters do and photographs hardly: how many images a simple classifier tells from
 * their mirrored ones. It sees the difference between the two, of 16x16 pixels, is fitted to every second image and tried on the others.
 * Chance would tell half of them.
 *
 * @param told the number of images that were told from the mirrored ones
 * @param images the number of images that were tried
 */
public record Symmetry(int told, int images) {
  /** The side of the small images. */
  private static final int SIDE = 16;

  /** The images from which on a class has a classifier of its own. */
  private static final int ENOUGH = 20;

  /** The axis along which images are reversed. */
  enum Axis {
    /** Left to right. */
    HORIZONTAL,
    /** Upside down. */
    VERTICAL
  }

  /** The share that was told, with its interval. */
  public Interval interval() {
    return Interval.wilson(told, images);
  }

  /** @param images small ones, see {@link #small}, with their classes */
  static Symmetry of(Axis axis, List<Image> images, int[] classes) {
    List<float[]> differences = images.stream().map(image -> minusReversed(axis, image)).toList();
    int told = 0;
    int tried = 0;
    for (int label : Arrays.stream(classes).distinct().toArray()) {
      int[] own = IntStream.range(0, classes.length).filter(i -> classes[i] == label).toArray();
      if (own.length >= ENOUGH) {
        double[] direction = direction(differences, own);
        for (int i = 1; i < own.length; i += 2) {
          told += product(direction, differences.get(own[i])) > 0 ? 1 : 0;
          tried++;
        }
      }
    }
    return new Symmetry(told, tried);
  }

  /** Grey, of 16 by 16 pixels. */
  static Image small(Image image) {
    return image.grey().resize(SIDE, SIDE);
  }

  private static float[] minusReversed(Axis axis, Image image) {
    float[] difference = new float[SIDE * SIDE];
    for (int i = 0; i < difference.length; i++) {
      int x = i % SIDE;
      int y = i / SIDE;
      int reversed = axis == Axis.HORIZONTAL ? image.at(SIDE - 1 - x, y, 0) : image.at(x, SIDE - 1 - y, 0);
      difference[i] = image.at(x, y, 0) - reversed;
    }
    return difference;
  }

  /** Fisher's linear discriminant with a diagonal covariance, of every second of these images and their mirrored ones. */
  private static double[] direction(List<float[]> differences, int[] images) {
    double[] sum = new double[SIDE * SIDE];
    double[] squares = new double[SIDE * SIDE];
    for (int i = 0; i < images.length; i += 2) {
      float[] difference = differences.get(images[i]);
      for (int j = 0; j < sum.length; j++) {
        sum[j] += difference[j];
        squares[j] += (double) difference[j] * difference[j];
      }
    }
    double[] direction = new double[sum.length];
    for (int j = 0; j < sum.length; j++) {
      direction[j] = sum[j] / Math.max(1, squares[j]);
    }
    return direction;
  }

  private static double product(double[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
