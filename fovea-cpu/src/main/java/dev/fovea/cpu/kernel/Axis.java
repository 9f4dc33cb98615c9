package dev.fovea.cpu.kernel;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.RandomAccess;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One axis of a sliding window, from the side that gathers: which places of the input each place of the output reads, and with
 * which element of the kernel. Most places read alike but for where they start; those at the borders read less. So each place has
 * a base and a class, and a class is a list of (kernel element, distance from the base), in ascending order of the element.
 *
 * <p>Convolution, its transpose, pooling and its adjoint all walk these lists; padding needs no other treatment.
 */
public final class Axis {
  /** A read: the kernel's element and the distance from the place's base. */
  public record Tap(int element, int distance) {}

  private final int elements;
  private final int stride;
  private final int[] reaches;
  private final int[] bases;
  private final int[] classes;
  private final int[][] members;
  private final List<Taps> taps;

  private Axis(int stride, int[] reaches, int elements, int[] bases, int[] classes, List<Taps> taps) {
    this.stride = stride;
    this.reaches = reaches;
    this.elements = elements;
    this.bases = bases;
    this.classes = classes;
    this.taps = taps;
    this.members = members(classes, taps.size());
  }

  private static int[][] members(int[] classes, int count) {
    int[] sizes = new int[count];
    for (int number : classes) {
      sizes[number]++;
    }
    int[][] members = new int[count][];
    Arrays.setAll(members, number -> new int[sizes[number]]);
    for (int position = classes.length - 1; position >= 0; position--) {
      members[classes[position]][--sizes[classes[position]]] = position;
    }
    return members;
  }

  /**
   * What a class reads, in ascending order of the element. Elements and distances each are evenly spaced, so a window takes no more
   * memory than a pixel does, however large it is.
   */
  private static final class Taps extends AbstractList<Tap> implements RandomAccess {
    private final Tap first;
    private final int elementStep;
    private final int distanceStep;
    private final int count;

    /** Equal where the same is read: a step that no second tap takes is none. */
    Taps(int element, int elementStep, int distance, int distanceStep, int count) {
      this.first = count > 0 ? new Tap(element, distance) : new Tap(0, 0);
      this.elementStep = count > 1 ? elementStep : 0;
      this.distanceStep = count > 1 ? distanceStep : 0;
      this.count = count;
    }

    @Override
    public Tap get(int index) {
      Objects.checkIndex(index, count);
      return new Tap(first.element + index * elementStep, first.distance + index * distanceStep);
    }

    @Override
    public int size() {
      return count;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Taps t && first.equals(t.first) && elementStep == t.elementStep && distanceStep == t.distanceStep
          && count == t.count;
    }

    @Override
    public int hashCode() {
      return Objects.hash(first, elementStep, distanceStep, count);
    }
  }

  /** The output reads the input under its window. */
  public static Axis forward(int in, int out, int kernel, int stride, int before, int dilation) {
    Builder builder = new Builder(kernel, out);
    builder.even(stride, element -> element * dilation - before);
    for (int position = 0; position < out; position++) {
      int base = position * stride - before;
      int first = Math.ceilDiv(Math.max(0, -base), dilation);
      int end = Math.min(kernel, Math.ceilDiv(Math.max(0, in - base), dilation));
      builder.position(position, base, new Taps(first, 1, first * dilation, dilation, Math.max(0, end - first)));
    }
    return builder.build();
  }

  /** The adjoint of {@link #forward}: each place under the windows reads the places whose windows reach it. */
  public static Axis backward(int windows, int out, int kernel, int stride, int before, int dilation) {
    Builder builder = new Builder(kernel, out);
    if (stride == 1) {
      builder.even(1, element -> before - element * dilation);
    }
    int[] meets = elementsByResidue(stride, dilation);
    int period = (int) Arrays.stream(meets).filter(element -> element >= 0).count();
    for (int position = 0; position < out; position++) {
      int at = position + before;
      int base = at / stride;
      int element = meets[at % stride];
      int least = Math.max(0, Math.ceilDiv(at - (windows - 1) * stride, dilation));
      int end = element < 0 ? 0 : Math.min(kernel, at / dilation + 1);
      int first = element + Math.ceilDiv(Math.max(0, least - element), period) * period;
      int count = Math.ceilDiv(Math.max(0, end - first), period);
      int distance = (at - first * dilation) / stride - base;
      builder.position(position, base, new Taps(first, period, distance, -(period * dilation / stride), count));
    }
    return builder.build();
  }

  /**
   * The first element under which a window begins at a place, by the place's residue modulo the stride; -1: none. There are as many
   * elements as it takes until residues come again.
   */
  private static int[] elementsByResidue(int stride, int dilation) {
    int[] elements = new int[stride];
    Arrays.fill(elements, -1);
    for (int element = 0, residue = 0; elements[residue] < 0; element++, residue = (residue + dilation) % stride) {
      elements[residue] = element;
    }
    return elements;
  }

  /** The output's places divide the input among them: {@code floor(i in / out)} up to {@code ceil((i + 1) in / out)}. */
  public static Axis adaptive(int in, int out) {
    Builder builder = new Builder(1, out);
    for (int position = 0; position < out; position++) {
      int from = (int) ((long) position * in / out);
      int to = (int) (((position + 1L) * in + out - 1) / out);
      builder.position(position, from, new Taps(0, 0, 0, 1, to - from));
    }
    return builder.build();
  }

  /** The adjoint of {@link #adaptive}: each place reads those that it was given to, which follow one another. */
  public static Axis adaptiveBackward(int windows, int out) {
    Axis forward = adaptive(out, windows);
    Builder builder = new Builder(1, out);
    int first = 0;
    int end = 0;
    for (int position = 0; position < out; position++) {
      while (forward.end(first) <= position) {
        first++;
      }
      while (end < windows && forward.base(end) <= position) {
        end++;
      }
      builder.position(position, first, new Taps(0, 0, 0, 1, end - first));
    }
    return builder.build();
  }

  private int end(int position) {
    return base(position) + taps(classOf(position)).size();
  }

  /** Elements of the kernel along this axis. */
  public int elements() {
    return elements;
  }

  /** Places of the input from one place's window to the next one's; 0 where the windows do not follow each other evenly. */
  public int stride() {
    return stride;
  }

  /** Which place of the input the first window's element lies on, be it outside; of even windows only. */
  public int reach(int element) {
    return reaches[element];
  }

  public int size() {
    return bases.length;
  }

  public int base(int position) {
    return bases[position];
  }

  public int classOf(int position) {
    return classes[position];
  }

  public int classes() {
    return taps.size();
  }

  public List<Tap> taps(int number) {
    return taps.get(number);
  }

  /** The first place of the input that each place reads, or any where it reads none. */
  public int[] firstReads() {
    return IntStream.range(0, size()).map(position -> base(position) + taps.get(classOf(position)).first.distance).toArray();
  }

  /** How many places of the input each place reads. */
  public int[] reads() {
    return IntStream.range(0, size()).map(position -> taps.get(classOf(position)).count).toArray();
  }

  /** From one place that is read to the next one, for all places alike; 0 where none reads two. */
  public int readStep() {
    return taps.stream().mapToInt(reads -> reads.distanceStep).filter(step -> step != 0).findFirst().orElse(0);
  }

  /** The places of a class, in their order; not to be written to. */
  public int[] members(int number) {
    return members[number];
  }

  /** For each element of the kernel how many places read it. */
  public int[] readers() {
    // where runs of elements begin and end, then summed: a class costs the same however large the kernel is
    int[] readers = new int[elements + 1];
    for (int number = 0; number < taps.size(); number++) {
      Taps reads = taps.get(number);
      int run = reads.elementStep == 1 ? reads.count : 1;
      for (int k = 0; k < reads.count; k += run) {
        int element = reads.first.element + k * reads.elementStep;
        readers[element] += members[number].length;
        readers[element + run] -= members[number].length;
      }
    }
    for (int element = 1; element < elements; element++) {
      readers[element] += readers[element - 1];
    }
    return Arrays.copyOf(readers, elements);
  }

  private static final class Builder {
    private final int elements;
    private final int[] bases;
    private final int[] classes;
    private int stride;
    private int[] reaches = {};
    private final Map<Taps, Integer> numbers = new LinkedHashMap<>();

    Builder(int elements, int positions) {
      this.elements = elements;
      bases = new int[positions];
      classes = new int[positions];
    }

    void even(int apart, IntUnaryOperator reach) {
      stride = apart;
      reaches = IntStream.range(0, elements).map(reach).toArray();
    }

    void position(int position, int base, Taps reads) {
      bases[position] = base;
      classes[position] = numbers.computeIfAbsent(reads, _ -> numbers.size());
    }

    Axis build() {
      return new Axis(stride, reaches, elements, bases, classes, List.copyOf(numbers.keySet()));
    }
  }
}
