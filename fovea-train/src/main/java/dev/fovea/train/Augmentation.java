package dev.fovea.train;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How training images are varied from epoch to epoch, as for CIFAR-10 by He et al. 2016 (Deep residual learning, section 4.2).
 * The result for an image is a function of the seed, the epoch and the image's index.
 *
 * @param steps in their order, each at padding once
 */
public record Augmentation(List<Step> steps) {
  /** A random transformation of an image. */
  public enum Step {
    /** Mirrored left to right with probability 1/2. */
    FLIP,

    /** Padded with zeros by an eighth of the side, then cropped to its size at a random position. */
    CROP;

    String spelling() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Images unchanged. */
  public static final Augmentation NONE = new Augmentation(List.of());

  private static final int CROP_FRACTION = 8;

  public Augmentation {
    steps = steps.stream().sorted().toList();
    if (!steps.isEmpty() && EnumSet.copyOf(steps).size() < steps.size()) {
      throw new FoveaException("augmentation: expected each step once, got " + spelled(steps));
    }
  }

  /**
   * Parses {@code flip}, {@code crop}, {@code flip,crop} or {@code none}.
   *
   * @throws FoveaException if a step is unknown or given twice
   */
  public static Augmentation parse(String text) {
    if (text.equals("none")) {
      return NONE;
    }
    List<Step> steps = new ArrayList<>();
    for (String word : text.split(",", -1)) {
      steps.add(Arrays.stream(Step.values()).filter(step -> step.spelling().equals(word.strip())).findFirst()
          .orElseThrow(() -> unknown(word.strip())));
    }
    return new Augmentation(steps);
  }

  private static FoveaException unknown(String word) {
    List<String> known = Arrays.stream(Step.values()).map(Step::spelling).toList();
    return new FoveaException("there is no augmentation '" + word + "': " + Names.nearest(word, known)
        + "; separate steps by commas, as in flip,crop");
  }

  private static String spelled(List<Step> steps) {
    return steps.stream().map(Step::spelling).collect(Collectors.joining(","));
  }

  /** The random numbers for an image in an epoch. */
  static Rng random(long seed, int epoch, int index) {
    return Rng.of(seed).at("augment").at(epoch).at(index);
  }

  /**
   * Transforms an image or its label map in place; the same random numbers give both the same transformation.
   *
   * @param shape planes x height x width
   * @param border the value of the padding
   */
  void apply(Rng random, float[] values, int offset, Shape shape, float border) {
    int height = shape.dim(1);
    int width = shape.dim(2);
    boolean flip = steps.contains(Step.FLIP) && random.below(0, 2) == 1;
    int down = steps.contains(Step.CROP) ? shift(random.at("down"), height) : 0;
    int right = steps.contains(Step.CROP) ? shift(random.at("right"), width) : 0;
    for (int plane = 0; plane < shape.dim(0); plane++) {
      int start = offset + plane * height * width;
      if (flip) {
        flip(values, start, height, width);
      }
      if (down != 0 || right != 0) {
        shift(values, new CropOffset(start, height, width, down, right), border);
      }
    }
  }

  /** Uniform from minus to plus the padding's width. */
  private static int shift(Rng random, int side) {
    int padding = side / CROP_FRACTION;
    return random.below(0, 2 * padding + 1) - padding;
  }

  private static void flip(float[] values, int start, int height, int width) {
    for (int y = 0; y < height; y++) {
      for (int left = start + y * width, right = left + width - 1; left < right; left++, right--) {
        float value = values[left];
        values[left] = values[right];
        values[right] = value;
      }
    }
  }

  /** A plane, and the offset of the crop from its top left corner, in pixels. */
  private record CropOffset(int start, int height, int width, int down, int right) {}

  /** Moves the rows in an order that overwrites none before it is read. */
  private static void shift(float[] values, CropOffset w, float border) {
    int kept = w.width - Math.abs(w.right);
    for (int i = 0; i < w.height; i++) {
      int y = w.down >= 0 ? i : w.height - 1 - i;
      int to = w.start + y * w.width;
      int source = y + w.down;
      if (source < 0 || source >= w.height) {
        Arrays.fill(values, to, to + w.width, border);
        continue;
      }
      int from = w.start + source * w.width;
      System.arraycopy(values, from + Math.max(0, w.right), values, to + Math.max(0, -w.right), kept);
      Arrays.fill(values, w.right >= 0 ? to + kept : to, w.right >= 0 ? to + w.width : to - w.right, border);
    }
  }

  /** In the syntax of {@link #parse}. */
  @Override
  public String toString() {
    return steps.isEmpty() ? "none" : spelled(steps);
  }
}
