package dev.fovea.data;

import dev.fovea.format.FileNames;
import dev.fovea.image.LabelMap;
import dev.fovea.model.Task;
import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Counts the labels of a data set per class, and warns about classes that cannot be trained or evaluated. */
public final class LabelCounts {
  private static final int MAX_LISTED = 5;

  /** The number of classes that {@link #text} lists. */
  public static final int MAX_COUNTED = 12;

  private LabelCounts() {}

  /** The number of images of each class or, if pixels have classes, of pixels; for these it reads all label maps. */
  public static long[] of(Dataset data) {
    if (!data.segments()) {
      return Arrays.stream(images(data)).asLongStream().toArray();
    }
    long[] counts = new long[256];
    for (int i = 0; i < data.size(); i++) {
      for (byte label : data.labelled(i).labels().classes()) {
        counts[label & 0xff]++;
      }
    }
    return Arrays.copyOf(counts, data.classes().size());
  }

  /** The numbers of images, or of pixels, of the classes, in one line. */
  public static String text(Dataset data) {
    long[] counts = of(data);
    int shown = Math.min(MAX_COUNTED, counts.length);
    return IntStream.range(0, shown).mapToObj(c -> FileNames.line(data.classes().get(c)) + " " + counts[c])
        .collect(Collectors.joining(", "))
        + (shown < counts.length ? ", ... (" + counts.length + " classes)" : "") + (data.segments() ? " pixels" : " images");
  }

  /** The number of images of each class, which may be several of an image. */
  static int[] images(Dataset data) {
    int[] counts = new int[data.classes().size()];
    if (data.task() instanceof Task.SeveralLabels) {
      float[] target = new float[counts.length];
      for (int i = 0; i < data.size(); i++) {
        data.target(i, target, 0);
        Arrays.setAll(counts, c -> counts[c] + (int) target[c]);
      }
      return counts;
    }
    IntStream.range(0, data.size()).forEach(i -> counts[data.label(i)]++);
    return counts;
  }

  /**
   * Warnings, one line each.
   *
   * @throws FoveaException if all training labels are of one class or none, or a number is the same in all training images
   */
  static List<String> warnings(Split split) {
    List<String> result = new ArrayList<>();
    Dataset train = split.train();
    if (train.task() instanceof Task.Numbers(List<Task.Quantity> quantities)) {
      requireDifferent(train, quantities);
      return result;
    }
    int[] counts = train.segments() ? pixels(train) : images(train);
    if (train.task() instanceof Task.OneLabel) {
      requireTwo(train, counts);
    }
    add(result, train, counts, n -> n == 0, "no training label is of", ", so it cannot be learned");
    if (!train.segments()) {
      add(result, train, counts, n -> n == 1, "a single training image is of", "");
      add(result, split.validation(), images(split.validation()), n -> n == 0, "0 images for validation are of", "");
      split.test().ifPresent(
          test -> add(result, test, images(test), n -> n == 0, "0 test images are of", ", so it is not evaluated"));
    }
    return result;
  }

  private static void add(List<String> result, Dataset data, int[] counts, IntPredicate which, String what, String consequence) {
    String listed = listed(data, IntStream.range(0, counts.length).filter(c -> which.test(counts[c])).toArray());
    if (!listed.isEmpty()) {
      result.add(FileNames.line(data.name()) + ": " + what + " " + listed + consequence);
    }
  }

  private static String listed(Dataset data, int[] classes) {
    List<String> names = Arrays.stream(classes).limit(MAX_LISTED).mapToObj(c -> "'" + FileNames.line(data.classes().get(c)) + "'")
        .toList();
    return switch (classes.length) {
      case 0 -> "";
      case 1 -> "the class " + names.getFirst();
      default -> "the " + classes.length + " classes " + String.join(", ", names) + (classes.length > MAX_LISTED ? ", ..." : "");
    };
  }

  private static void requireDifferent(Dataset train, List<Task.Quantity> quantities) {
    float[] first = new float[quantities.size()];
    float[] other = new float[quantities.size()];
    boolean[] differs = new boolean[quantities.size()];
    train.target(0, first, 0);
    for (int i = 1; i < train.size(); i++) {
      train.target(i, other, 0);
      for (int k = 0; k < other.length; k++) {
        differs[k] |= other[k] != first[k];
      }
    }
    for (int k = 0; k < differs.length; k++) {
      if (!differs[k]) {
        throw new FoveaException(train.name() + ": '" + FileNames.line(quantities.get(k).name()) + "' is "
            + quantities.get(k).value(first[k]) + " in all training images, so there is nothing to learn; choose other columns");
      }
    }
  }

  private static void requireTwo(Dataset train, int[] counts) {
    int[] present = IntStream.range(0, counts.length).filter(c -> counts[c] > 0).toArray();
    String fix = train.segments()
        ? "; check the values in its label maps (" + LabelMap.VOID + " is not a class) and the names in classes.txt, one per line"
        : "; add images of two classes or more";
    if (present.length == 0) {
      throw new FoveaException(train.name() + ": no training label has a class" + fix);
    }
    if (present.length == 1) {
      throw new FoveaException(train.name() + ": all its training labels are of " + listed(train, present)
          + ", expected two classes or more" + fix);
    }
  }

  /** The number of label maps with each class; stops reading maps when all classes have occurred. */
  private static int[] pixels(Dataset data) {
    int[] counts = new int[data.classes().size()];
    for (int i = 0; i < data.size() && Arrays.stream(counts).anyMatch(n -> n == 0); i++) {
      byte[] labels = data.labelled(i).labels().classes();
      boolean[] seen = new boolean[256];
      for (byte label : labels) {
        seen[label & 0xff] = true;
      }
      for (int c = 0; c < counts.length; c++) {
        counts[c] += seen[c] ? 1 : 0;
      }
    }
    return counts;
  }
}
