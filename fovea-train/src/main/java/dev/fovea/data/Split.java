package dev.fovea.data;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A data set split into parts: {@code train} to train on, {@code validation} to select by during training, and optionally
 * {@code test} for the final evaluation.
 *
 * @param skipped the files in its folders that are skipped
 */
public record Split(Dataset train, Dataset validation, Optional<Dataset> test, List<SkippedFile> skipped) {
  /** The default maximum of images that are held out. */
  public static final int MAX_HELD_OUT = 5_000;

  public Split {
    skipped = List.copyOf(skipped);
  }

  /** Without skipped files. */
  public Split(Dataset train, Dataset validation, Optional<Dataset> test) {
    this(train, validation, test, List.of());
  }

  /** With these skipped files. */
  public Split skipped(List<SkippedFile> files) {
    return new Split(train, validation, test, files);
  }

  /**
   * Warnings about its classes for the user, one line each: classes without images, or with a single one.
   *
   * @throws FoveaException if all training labels are of one class or none, or a number is the same in all training images
   */
  public List<String> warnings() {
    return LabelCounts.warnings(this);
  }

  /** A part of a data set. */
  public enum Part {
    TRAIN,
    VALIDATION,
    TEST;

    /** As in options: {@code train}, {@code validation}, {@code test}. */
    public String spelling() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * That part.
   *
   * @throws FoveaException if there is no test part
   */
  public Dataset part(Part part) {
    return switch (part) {
      case TRAIN -> train;
      case VALIDATION -> validation;
      case TEST -> test.orElseThrow(() -> new FoveaException(train.name() + ": has no test part: choose train or validation"));
    };
  }

  /** The part for the final evaluation: test, else validation. */
  public Dataset evaluation() {
    return test.orElse(validation);
  }

  /**
   * Holds validation images out of {@code all}, chosen by a permutation of {@code seed}; both parts keep the order of {@code
   * all}.
   *
   * @param count the number of images; if empty, one in twelve, at least 1, at most {@link #MAX_HELD_OUT}
   * @throws FoveaException if no training image is left
   */
  public static Split holdOut(Dataset all, Optional<Dataset> test, OptionalInt count, long seed) {
    int size = all.size();
    int held = count.orElse(Math.max(1, Math.min(MAX_HELD_OUT, size / 12)));
    if (size < 2) {
      throw new FoveaException(all.name() + ": expected 2 images or more, one for training and one for validation, got " + size
          + "; add some");
    }
    if (held < 1 || held >= size) {
      throw new FoveaException(all.name() + ": holding " + held + " of " + size + " images out for validation leaves "
          + (held < 1 ? "none for validation" : "none for training") + "; expected 1 to " + (size - 1));
    }
    int[] order = Rng.of(seed).at("validation").permutation(size);
    int[] validation = Arrays.copyOf(order, held);
    int[] train = Arrays.copyOfRange(order, held, size);
    Arrays.sort(validation);
    Arrays.sort(train);
    return new Split(all.subset(train, all.name()), all.subset(validation, validationName(all.name())), test);
  }

  private static String validationName(String name) {
    return (name.endsWith(":train") ? name.substring(0, name.lastIndexOf(':')) : name) + ":validation";
  }
}
