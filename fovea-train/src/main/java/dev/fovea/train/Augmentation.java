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
 * What becomes of an image is a function of the seed, the epoch and the image's index.
 *
 * @param steps in their order, each at most once
 */
public record Augmentation(List<Step> steps) {
  /** What may be done to an image. */
  public enum Step {
    /** Mirrored, left to right, every other time. */
    FLIP,

    /** Set in a border of zeros, as wide as an eighth of the side, and cut to its size again anywhere. */
    CROP;

    String spelling() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** TestImages as they are. */
  public static final Augmentation NONE = new Augmentation(List.of());

  private static final int BORDER = 8;

  public Augmentation {
    steps = steps.stream().sorted().toList();
    if (!steps.isEmpty() && EnumSet.copyOf(steps).size() < steps.size()) {
      throw new FoveaException("augmentation: expected each step once, got " + spelled(steps));
    }
  }

  /**
   * Parses {@code flip}, {@code crop}, {@code flip,crop} or {@code none}.
   *
   * @throws FoveaException where there is no such step, or one stands there twice
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
        + "; write steps with commas between, as in flip,crop");
  }

  private static String spelled(List<Step> steps) {
    return steps.stream().map(Step::spelling).collect(Collectors.joining(","));
  }

  /** The draws for an image in an epoch. */
  static Rng draws(long seed, int epoch, int index) {
    return Rng.of(seed).at("augment").at(epoch).at(index);
  }

  /**
   * Varies an image or its label map in place; the same draws do the same to both.
   *
   * @param shape planes x height x width
   * @param border what the padding holds
   */
  void apply(Rng draws, float[] values, int offset, Shape shape, float border) {
    int height = shape.dim(1);
    int width = shape.dim(2);
    boolean flip = steps.contains(Step.FLIP) && draws.below(0, 2) == 1;
    int down = steps.contains(Step.CROP) ? shift(draws.at("down"), height) : 0;
    int right = steps.contains(Step.CROP) ? shift(draws.at("right"), width) : 0;
    for (int plane = 0; plane < shape.dim(0); plane++) {
      int start = offset + plane * height * width;
      if (flip) {
        flip(values, start, height, width);
      }
      if (down != 0 || right != 0) {
        shift(values, new Window(start, height, width, down, right), border);
      }
    }
  }

  /** From minus to plus the border's width, each as often. */
  private static int shift(Rng draws, int side) {
    int most = side / BORDER;
    return draws.below(0, 2 * most + 1) - most;
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

  /** A plane, and by how many pixels the part that is kept lies below and right of it. */
  private record Window(int start, int height, int width, int down, int right) {}

  /** Rows are moved in the order in which none is overwritten before it was read. */
  private static void shift(float[] values, Window w, float border) {
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

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return steps.isEmpty() ? "none" : spelled(steps);
  }
}
