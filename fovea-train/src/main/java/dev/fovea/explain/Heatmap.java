package dev.fovea.explain;

import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.tensor.Shape;
import java.util.Arrays;

/**
 * An attribution as people look at it: a number for each pixel of a grid, in colours.
 *
 * @param values row by row
 * @param lowest the number at the beginning of the scale
 * @param largest the number at its end; a few pixels may exceed it
 */
@SuppressWarnings("ArrayRecordComponent") // Only read.
public record Heatmap(int width, int height, double[] values, double lowest, double largest, ColourScale scale) {
  /** The part of the pixels of a map at the input that the scale reaches: single ones are so large that the others would look alike. */
  private static final double SHOWN = 0.995;

  /** How opaque an overlay is where the map is largest. */
  private static final double OPACITY = 0.75;

  /**
   * Of an attribution. One with channels has for each pixel their sum, or of sensitivities the largest size (Simonyan et al. 2014,
   * section 3.1).
   */
  public static Heatmap of(Attribution attribution) {
    Shape shape = attribution.map().shape();
    boolean signed = attribution.kind() == Attribution.Kind.CONTRIBUTION;
    int height = shape.dim(shape.rank() - 2);
    int width = shape.dim(shape.rank() - 1);
    double[] values = new double[height * width];
    float[] map = attribution.map().values();
    for (int i = 0; i < map.length; i++) {
      int at = i % values.length;
      values[at] = switch (attribution.kind()) {
        case SENSITIVITY -> Math.max(values[at], Math.abs(map[i]));
        case CONTRIBUTION, EVIDENCE -> values[at] + map[i];
      };
    }
    double[] sizes = Arrays.stream(values).map(Math::abs).sorted().toArray();
    int last = shape.rank() == 3 ? (int) (SHOWN * (sizes.length - 1)) : sizes.length - 1;
    double largest = sizes[last] > 0 ? sizes[last] : sizes[sizes.length - 1];
    if (signed) {
      return new Heatmap(width, height, values, -largest, largest, ColourScale.SIGNED);
    }
    double lowest = attribution.kind() == Attribution.Kind.EVIDENCE ? Arrays.stream(values).min().orElse(0) : 0;
    return new Heatmap(width, height, values, lowest, largest, ColourScale.MAGNITUDE);
  }

  /** In colours, at a size; enlarged bilinearly. */
  public Image image(int toWidth, int toHeight) {
    return scale.image(toWidth, toHeight, shown(toWidth, toHeight));
  }

  /** On a grey copy of the image: opaque where the map is largest, on the part that the network sees. */
  public Image overlay(Image image, Preprocessing.Region seen) {
    int left = (int) Math.round(seen.left());
    int top = (int) Math.round(seen.top());
    int seenWidth = Math.max(1, (int) Math.round(seen.width()));
    int seenHeight = Math.max(1, (int) Math.round(seen.height()));
    double[] shown = shown(seenWidth, seenHeight);
    Image ground = image.grey().rgb();
    byte[] pixels = ground.pixels().clone();
    for (int y = Math.max(0, top); y < Math.min(image.height(), top + seenHeight); y++) {
      for (int x = Math.max(0, left); x < Math.min(image.width(), left + seenWidth); x++) {
        double value = shown[(y - top) * seenWidth + x - left];
        double opacity = OPACITY * Math.min(1, Math.abs(value));
        for (int c = 0, at = 3 * (y * image.width() + x); c < 3; c++, at++) {
          pixels[at] = (byte) Math.round((1 - opacity) * (pixels[at] & 0xff) + opacity * (scale.channel(value, c) & 0xff));
        }
      }
    }
    return new Image(image.width(), image.height(), 3, pixels);
  }

  /** Scaled to what {@link #scale} shows, at another size. */
  private double[] shown(int toWidth, int toHeight) {
    double range = largest > lowest ? largest - lowest : 1;
    double[] shown = at(toWidth, toHeight);
    for (int i = 0; i < shown.length; i++) {
      shown[i] = scale.lowest() + (shown[i] - lowest) / range * (1 - scale.lowest());
    }
    return shown;
  }

  /** Its numbers at another size: between the centres of pixels linear, beyond the outermost as they are. */
  public double[] at(int toWidth, int toHeight) {
    double[] resized = new double[toWidth * toHeight];
    for (int y = 0; y < toHeight; y++) {
      double row = Math.clamp((y + 0.5) * height / toHeight - 0.5, 0, height - 1);
      int above = (int) row;
      int below = Math.min(above + 1, height - 1);
      for (int x = 0; x < toWidth; x++) {
        double column = Math.clamp((x + 0.5) * width / toWidth - 0.5, 0, width - 1);
        int left = (int) column;
        int right = Math.min(left + 1, width - 1);
        double upper = mixed(values[above * width + left], values[above * width + right], column - left);
        double lower = mixed(values[below * width + left], values[below * width + right], column - left);
        resized[y * toWidth + x] = mixed(upper, lower, row - above);
      }
    }
    return resized;
  }

  private static double mixed(double a, double b, double share) {
    return a + (b - a) * share;
  }
}
