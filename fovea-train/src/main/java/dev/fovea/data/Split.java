package dev.fovea.data;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A data set in its parts: {@code train} to learn from, {@code validation} to choose by while learning, {@code test} to report at
 * the end, where there is one.
 *
 * @param leftOut the files in its folders that are not read
 */
public record Split(Dataset train, Dataset validation, Optional<Dataset> test, List<LeftOut> leftOut) {
  /** The most images that are held out where the user does not say how many. */
  public static final int HELD_OUT = 5_000;

  public Split {
    leftOut = List.copyOf(leftOut);
  }

  /** Of which nothing is left out. */
  public Split(Dataset train, Dataset validation, Optional<Dataset> test) {
    this(train, validation, test, List.of());
  }

  /** With the files that were not read. */
  public Split leftOut(List<LeftOut> files) {
    return new Split(train, validation, test, files);
  }

  /**
   * What people should know of its classes before a network learns them, one line each: one without images, or with a single one.
   *
   * @throws FoveaException if all training labels are of one class or none, so that there is nothing to learn
   */
  public List<String> remarks() {
    return ClassLabels.remarks(this);
  }

  /** The part to report on: test, else validation. */
  public Dataset evaluation() {
    return test.orElse(validation);
  }

  /**
   * Holds validation images out of {@code all}, chosen by a permutation of {@code seed}; both parts keep the order of {@code
   * all}.
   *
   * @param count how many; where empty one in twelve, at least 1, at most {@link #HELD_OUT}
   * @throws FoveaException if that leaves nothing to train on
   */
  public static Split holdOut(Dataset all, Optional<Dataset> test, OptionalInt count, long seed) {
    int size = all.size();
    int held = count.orElse(Math.max(1, Math.min(HELD_OUT, size / 12)));
    if (size < 2) {
      throw new FoveaException(all.name() + ": expected 2 images or more, one to learn from and one to validate with, got " + size
          + "; add some");
    }
    if (held < 1 || held >= size) {
      throw new FoveaException(all.name() + ": holding " + held + " of " + size + " images out for validation leaves "
          + (held < 1 ? "none to validate with" : "none to train on") + "; expected 1 to " + (size - 1));
    }
    int[] order = Rng.of(seed).at("validation").permutation(size);
    int[] validation = Arrays.copyOf(order, held);
    int[] train = Arrays.copyOfRange(order, held, size);
    Arrays.sort(validation);
    Arrays.sort(train);
    return new Split(all.subset(train, all.name()), all.subset(validation, beside(all.name())), test);
  }

  private static String beside(String name) {
    return (name.endsWith(":train") ? name.substring(0, name.lastIndexOf(':')) : name) + ":validation";
  }
}
