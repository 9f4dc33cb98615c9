package dev.fovea.formats.onnx.operator;

import dev.fovea.format.Quote;
import dev.fovea.formats.onnx.call.Call;
import dev.fovea.formats.onnx.call.Refusal;
import dev.fovea.graph.Op.Interpolation;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where ONNX's Resize reads, and with which weights.
 *
 * @param mode nearest, linear or cubic
 * @param transformation from the index of a pixel of the result to a position in the operand
 * @param rounding from a position to the nearest pixel
 * @param a the cubic's coefficient (Keys 1981)
 * @param excludesOutside whether pixels outside get no weight; else they are those at the border
 * @param antialias whether the filter is as wide as the pixels of the result are
 */
record Coordinates(String mode, String transformation, String rounding, double a, boolean excludesOutside, boolean antialias) {
  private static final Set<String> MODES = Set.of("nearest", "linear", "cubic");
  private static final Set<String> TRANSFORMATIONS =
      Set.of("half_pixel", "pytorch_half_pixel", "half_pixel_symmetric", "align_corners", "asymmetric", "tf_half_pixel_for_nn",
          "tf_crop_and_resize");
  private static final Set<String> ROUNDINGS = Set.of("round_prefer_floor", "round_prefer_ceil", "floor", "ceil", "simple");

  Coordinates {
    require(MODES, mode, "mode");
    require(TRANSFORMATIONS, transformation, "coordinate_transformation_mode");
    require(ROUNDINGS, rounding, "nearest_mode");
  }

  private static void require(Set<String> known, String given, String attribute) {
    if (!known.contains(given)) {
      throw new Refusal(attribute + " " + Quote.quote(given) + " is not supported");
    }
  }

  boolean isNearest() {
    return mode.equals("nearest");
  }

  boolean usesRegion() {
    return transformation.equals("tf_crop_and_resize");
  }

  /** The position that each pixel of the result reads, in floats, as ONNX Runtime computes it: roundings depend on it. */
  double[] positions(int from, int to, double scale, double start, double end) {
    double[] at = new double[to];
    float times = (float) scale;
    Arrays.setAll(at, x -> switch (transformation) {
      case "asymmetric" -> x / times;
      case "align_corners" -> to == 1 ? 0 : (float) x * (from - 1) / (to - 1);
      case "pytorch_half_pixel" -> to > 1 ? (x + 0.5f) / times - 0.5f : 0;
      case "half_pixel_symmetric" -> from / 2f * (1 - to / (times * from)) + (x + 0.5f) / times - 0.5f;
      case "tf_half_pixel_for_nn" -> (x + 0.5f) / times;
      case "tf_crop_and_resize" ->
          to > 1 ? start * (from - 1) + x * (end - start) * (from - 1) / (to - 1) : 0.5 * (start + end) * (from - 1);
      default -> (x + 0.5f) / times - 0.5f;
    });
    return at;
  }

  /** The pixel nearest to a position. */
  int nearest(double position, int size, double scale) {
    double rounded = switch (rounding) {
      case "floor" -> Math.floor(position);
      case "ceil" -> Math.ceil(position);
      case "round_prefer_ceil" -> Math.floor(position + 0.5);
      case "simple" -> scale < 1 ? Math.ceil(position) : Math.floor(position);
      default -> Math.ceil(position - 0.5);
    };
    return (int) Math.max(0, Math.min(size - 1, rounded));
  }

  /** For each pixel of the operand (rows) its weight in each pixel of the result (columns). */
  double[] matrix(double[] at, int size, double scale) {
    double[] matrix = Call.numbers((long) size * at.length);
    double stretch = antialias ? Math.min(1, scale) : 1;
    double reach = (mode.equals("cubic") ? 2 : 1) / stretch;
    for (int column = 0; column < at.length; column++) {
      // a position outside reads the border, unless the cubic reaches inside from it
      double position = mode.equals("linear") && !antialias ? Math.max(0, Math.min(size - 1, at[column])) : at[column];
      int first = (int) Math.floor(position - reach) + 1;
      int last = (int) Math.ceil(position + reach) - 1;
      double sum = 0;
      for (int i = first; i <= last; i++) {
        boolean outside = i < 0 || i >= size;
        if (!(outside && excludesOutside)) {
          double weight = filter(Math.abs(i - position) * stretch);
          matrix[Math.max(0, Math.min(size - 1, i)) * at.length + column] += weight;
          sum += weight;
        }
      }
      for (int i = 0; i < size && sum != 0; i++) {
        matrix[i * at.length + column] /= sum;
      }
    }
    return matrix;
  }

  private double filter(double x) {
    if (mode.equals("linear")) {
      return Math.max(0, 1 - x);
    }
    return x <= 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
  }

  /** The operator's interpolation that means the same for these sizes of images, if there is one. */
  @Nullable Interpolation builtIn(int[] from, int[] to, double[] scale) {
    if (antialias || usesRegion() || mode.equals("cubic")) {
      return null;
    }
    boolean exact = true;
    boolean nearest = true;
    for (int axis = 2; axis < 4; axis++) {
      exact &= Math.abs(scale[axis] * from[axis] - to[axis]) < 1e-4 * to[axis];
      if (isNearest()) {
        double[] at = positions(from[axis], to[axis], scale[axis], 0, 1);
        for (int i = 0; i < at.length; i++) {
          nearest &= nearest(at[i], from[axis], scale[axis]) == (int) ((long) i * from[axis] / to[axis]);
        }
      }
    }
    if (isNearest()) {
      return nearest ? Interpolation.NEAREST : null;
    }
    return switch (transformation) {
      case "half_pixel" -> exact && !excludesOutside ? Interpolation.BILINEAR : null;
      case "pytorch_half_pixel" -> exact && !excludesOutside && to[2] > 1 && to[3] > 1 ? Interpolation.BILINEAR : null;
      case "align_corners" -> exact ? Interpolation.BILINEAR_CORNERS : null;
      default -> null;
    };
  }
}
