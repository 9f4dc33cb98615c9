package dev.fovea.check;

import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The sizes of images, and how they fit a network's input.
 *
 * @param minWidth in pixels, like all of them
 * @param enlarged the part of the images that are enlarged by a factor of more than {@value #MAX_FACTOR}
 * @param distorted the part of the images whose ratio of width to height changes by a factor of more than {@value #MAX_DISTORTION}
 */
public record ImageSizes(int minWidth, int minHeight, int medianWidth, int medianHeight, int maxWidth, int maxHeight,
    double enlarged, double distorted) {
  static final double MAX_FACTOR = 2;
  static final double MAX_DISTORTION = 1.5;

  /** Of the images whose width is not 0; empty if there are none. */
  static Optional<ImageSizes> of(int[] widths, int[] heights, Optional<Preprocessing> input) {
    int[] w = Arrays.stream(widths).filter(width -> width > 0).sorted().toArray();
    int[] h = Arrays.stream(heights).filter(height -> height > 0).sorted().toArray();
    if (w.length == 0) {
      return Optional.empty();
    }
    return Optional.of(new ImageSizes(w[0], h[0], w[w.length / 2], h[h.length / 2], w[w.length - 1], h[h.length - 1],
        input.map(p -> part(widths, heights, (width, height) -> factor(p, width, height) > MAX_FACTOR)).orElse(0.0),
        input.filter(p -> p.fit() == Fit.STRETCH)
            .map(p -> part(widths, heights, (width, height) -> distortion(p, width, height) > MAX_DISTORTION)).orElse(0.0)));
  }

  @FunctionalInterface
  private interface Size {
    boolean matches(int width, int height);
  }

  private static double part(int[] widths, int[] heights, Size size) {
    int[] readable = IntStream.range(0, widths.length).filter(i -> widths[i] > 0).toArray();
    return (double) Arrays.stream(readable).filter(i -> size.matches(widths[i], heights[i])).count() / readable.length;
  }

  /** By how much an image is enlarged; handwriting is cut out first, so that its size says nothing. */
  private static double factor(Preprocessing p, int width, int height) {
    double wide = (double) p.width() / width;
    double high = (double) p.height() / height;
    return switch (p.fit()) {
      case STRETCH -> Math.max(wide, high);
      case CROP -> p.resize() > 0 ? (double) p.resize() / Math.min(width, height) : Math.max(wide, high);
      case INK -> 0;
    };
  }

  private static double distortion(Preprocessing p, int width, int height) {
    double ratio = (double) width * p.height() / ((double) height * p.width());
    return Math.max(ratio, 1 / ratio);
  }
}
