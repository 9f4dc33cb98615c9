package dev.fovea.data;

import dev.fovea.model.Task;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import dev.fovea.tensor.Rng;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Which images an epoch consists of, and in which order. */
public enum Sampling {
  /** Each image once, in random order. */
  SHUFFLED,

  /**
   * As many images, drawn with replacement, of each class in turn (class-aware sampling, Shen, Lin and Huang 2016, arXiv 1512.05830,
   * section 4.2). Of several labels an image stands for each that it has, or for having none.
   */
  BALANCED;

  /** The names on the command line, the default first. */
  public static List<String> names() {
    return Arrays.stream(values()).map(Sampling::toString).toList();
  }

  /**
   * The sampling of that name.
   *
   * @throws FoveaException if there is none
   */
  public static Sampling named(String name) {
    return Arrays.stream(values()).filter(s -> s.toString().equals(name)).findFirst()
        .orElseThrow(() -> new FoveaException("there is no sampling '" + name + "': " + Names.nearest(name, names())));
  }

  /** The order of an epoch's images. */
  @FunctionalInterface
  public interface Order {
    /** As many indices as there are images, as a function of the epoch's key. */
    int[] of(Rng epoch);
  }

  /**
   * The order of the images of a data set.
   *
   * @throws FoveaException if its images have no classes to be balanced
   */
  public Order of(Dataset data) {
    if (this == SHUFFLED) {
      return epoch -> epoch.permutation(data.size());
    }
    int[][] groups = groups(data);
    return epoch -> balanced(epoch, groups, data.size());
  }

  /** The draws of each class differ by one at most. */
  private static int[] balanced(Rng epoch, int[][] groups, int size) {
    int[] order = epoch.permutation(size);
    Rng draws = epoch.at("draws");
    for (int i = 0; i < size; i++) {
      int[] group = groups[order[i] % groups.length];
      order[i] = group[draws.below(i, group.length)];
    }
    return order;
  }

  /** The images of each class that occurs, then those of none. */
  private static int[][] groups(Dataset data) {
    if (data.segments() || data.task() instanceof Task.Numbers) {
      throw new FoveaException(data.name() + ": balanced sampling needs images of classes, it has "
          + (data.segments() ? "classes of pixels" : data.task().kind()) + ": leave the sampling out");
    }
    int classes = data.classes().size();
    List<List<Integer>> groups = new ArrayList<>();
    IntStream.rangeClosed(0, classes).forEach(_ -> groups.add(new ArrayList<>()));
    float[] target = new float[classes];
    for (int i = 0; i < data.size(); i++) {
      data.target(i, target, 0);
      if (data.task() instanceof Task.OneLabel) {
        groups.get((int) target[0]).add(i);
        continue;
      }
      int image = i;
      int[] labels = IntStream.range(0, classes).filter(c -> target[c] > 0).toArray();
      IntStream.of(labels.length == 0 ? new int[] {classes} : labels).forEach(c -> groups.get(c).add(image));
    }
    return groups.stream().filter(group -> !group.isEmpty()).map(group -> group.stream().mapToInt(Integer::intValue).toArray())
        .toArray(int[][]::new);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
