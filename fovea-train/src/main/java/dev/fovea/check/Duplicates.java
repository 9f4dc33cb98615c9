package dev.fovea.check;

import dev.fovea.data.Dataset;
import dev.fovea.model.Task;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Images that occur more than once in a data set, in one part or in several.
 *
 * @param exact groups of images with the same pixels, the largest first
 * @param near groups of images that look alike: dHashes that differ in at most {@value NearHashes#MAX_DISTANCE} of 64 bits, directly
 *     or over others of the group; drawings and handwriting are not searched
 * @param leaks the images of one part that occur in another
 */
public record Duplicates(List<Group> exact, List<Group> near, List<Leak> leaks) {
  public Duplicates {
    exact = List.copyOf(exact);
    near = List.copyOf(near);
    leaks = List.copyOf(leaks);
  }

  /**
   * Images that are equal or look alike.
   *
   * @param labels the number of different labels that they have; 0 if pixels have labels, or images have numbers, which are never quite
   *     equal
   */
  public record Group(List<Member> images, int labels) {
    public Group {
      images = List.copyOf(images);
    }

    /** The parts that they are in. */
    Set<String> parts() {
      return images.stream().map(Member::part).collect(Collectors.toCollection(LinkedHashSet::new));
    }
  }

  /** An image; {@code source} is its file, or its number in the data set. */
  public record Member(String part, int index, String source) {}

  /**
   * Images of a part that occur in another, which they would be measured or selected by.
   *
   * @param exact the number of those whose pixels are equal
   * @param near of those that only look alike
   */
  public record Leak(String from, String into, int exact, int near) {}

  /** @param similar whether images that look alike are searched too */
  static Duplicates of(List<ScannedPart> parts, boolean similar) {
    Search search = new Search(parts);
    List<Group> exact = search.groups(search.equal());
    int[] roots = similar ? search.alike() : new int[0];
    List<Group> near = similar ? search.groups(roots).stream().filter(search::hasDifferent).toList() : List.of();
    return new Duplicates(exact, near, search.leaks(exact, near));
  }

  /** The number of images that are equal to another one. */
  int exactImages() {
    return exact.stream().mapToInt(group -> group.images.size()).sum();
  }

  /** Numbers the images of all parts, one part after the other. */
  private static final class Search {
    private final List<ScannedPart> parts;
    private final int[] partOf;
    private final int[] indexOf;

    Search(List<ScannedPart> parts) {
      this.parts = parts;
      this.partOf = IntStream.range(0, parts.size()).flatMap(p -> parts.get(p).readable().map(_ -> p)).toArray();
      this.indexOf = parts.stream().flatMapToInt(ScannedPart::readable).toArray();
    }

    private ImageHashes hashes(int image) {
      return hashes(parts.get(partOf[image]), indexOf[image]);
    }

    /** For each image the first one with the same pixels. */
    int[] equal() {
      record Pixels(long first, long second) {}
      Map<Pixels, Integer> first = new HashMap<>();
      int[] roots = new int[partOf.length];
      for (int i = 0; i < roots.length; i++) {
        roots[i] = first.computeIfAbsent(new Pixels(hashes(i).first(), hashes(i).second()), unseen(i));
      }
      return roots;
    }

    private static <K> Function<K, Integer> unseen(int image) {
      return _ -> image;
    }

    /** For each image the first of those that look alike. */
    int[] alike() {
      int[] roots = equal();
      Map<Long, Integer> first = new LinkedHashMap<>();
      for (int i = 0; i < roots.length; i++) {
        if (!hashes(i).flat()) {
          join(roots, i, first.computeIfAbsent(hashes(i).difference(), unseen(i)));
        }
      }
      int[] image = first.values().stream().mapToInt(Integer::intValue).toArray();
      NearHashes.find(first.keySet().stream().mapToLong(Long::longValue).toArray(), (a, b) -> join(roots, image[a], image[b]));
      for (int i = 0; i < roots.length; i++) {
        roots[i] = root(roots, i);
      }
      return roots;
    }

    private static int root(int[] roots, int image) {
      int at = image;
      while (roots[at] != at) {
        roots[at] = roots[roots[at]];
        at = roots[at];
      }
      return at;
    }

    private static void join(int[] roots, int a, int b) {
      int first = root(roots, a);
      int second = root(roots, b);
      roots[Math.max(first, second)] = Math.min(first, second);
    }

    List<Group> groups(int[] roots) {
      int[] sizes = new int[roots.length];
      Arrays.stream(roots).forEach(root -> sizes[root]++);
      Map<Integer, List<Integer>> members = new LinkedHashMap<>();
      for (int i = 0; i < roots.length; i++) {
        if (sizes[roots[i]] > 1) {
          members.computeIfAbsent(roots[i], _ -> new ArrayList<>()).add(i);
        }
      }
      return members.values().stream().map(this::group).sorted(Comparator.comparingInt((Group g) -> -g.images().size())).toList();
    }

    private Group group(List<Integer> images) {
      List<Member> members = images.stream().map(i -> {
        ScannedPart part = parts.get(partOf[i]);
        return new Member(part.part(), indexOf[i], part.data().source(indexOf[i]));
      }).toList();
      long labels = images.stream().filter(i -> hasLabels(parts.get(partOf[i]).data())).map(this::labels).distinct().count();
      return new Group(members, (int) labels);
    }

    private static boolean hasLabels(Dataset data) {
      return !data.segments() && !(data.task() instanceof Task.Numbers);
    }

    /** The class of an image or, of several, which of all it has. */
    private FloatBuffer labels(int image) {
      Dataset data = parts.get(partOf[image]).data();
      float[] target = new float[data.task().size()];
      data.target(indexOf[image], target, 0);
      return FloatBuffer.wrap(target);
    }

    private ImageHashes hashes(Member member) {
      ScannedPart part = parts.stream().filter(p -> p.part().equals(member.part)).findFirst().orElseThrow();
      return hashes(part, member.index);
    }

    private static ImageHashes hashes(ScannedPart part, int index) {
      ImageHashes hashes = part.hashes()[index];
      if (hashes == null) {
        throw new IllegalStateException("only images that were read are searched");
      }
      return hashes;
    }

    /** Whether not all of its images have the same pixels. */
    boolean hasDifferent(Group group) {
      ImageHashes first = hashes(group.images.getFirst());
      return group.images.stream().map(this::hashes).anyMatch(h -> h.first() != first.first() || h.second() != first.second());
    }

    List<Leak> leaks(List<Group> exact, List<Group> near) {
      List<Leak> leaks = new ArrayList<>();
      for (int into = 1; into < parts.size(); into++) {
        for (int from = 0; from < into; from++) {
          String a = parts.get(from).part();
          String b = parts.get(into).part();
          Set<Integer> equal = inBoth(exact, a, b);
          Set<Integer> alike = inBoth(near, a, b);
          alike.removeAll(equal);
          if (!equal.isEmpty() || !alike.isEmpty()) {
            leaks.add(new Leak(a, b, equal.size(), alike.size()));
          }
        }
      }
      return leaks;
    }

    /** The images of {@code into} in groups that have images of {@code from} too. */
    private static Set<Integer> inBoth(List<Group> groups, String from, String into) {
      return groups.stream().filter(group -> group.parts().contains(from)).flatMap(group -> group.images.stream())
          .filter(member -> member.part.equals(into)).map(Member::index).collect(Collectors.toCollection(LinkedHashSet::new));
    }
  }
}
