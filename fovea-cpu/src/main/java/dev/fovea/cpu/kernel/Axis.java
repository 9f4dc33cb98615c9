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
 * One axis of a sliding window, as a gather: which input positions each output position reads, and with which element of the
 * kernel. Most positions read the same taps from another start; those at the borders read fewer. So each position has a base and a
 * class, and a class is a list of taps (kernel element, offset from the base), in ascending order of the element.
 *
 * <p>Convolution, its transpose, pooling and its adjoint all iterate over these lists; padding needs no other treatment.
 */
public final class Axis {
  /** A read: the kernel's element and the offset from the position's base. */
  public record Tap(int element, int offset) {}

  private final int kernelSize;
  private final int stride;
  private final int[] firstInputs;
  private final int[] bases;
  private final int[] classes;
  private final int[][] positions;
  private final List<Taps> taps;

  private Axis(int stride, int[] firstInputs, int kernelSize, int[] bases, int[] classes, List<Taps> taps) {
    this.stride = stride;
    this.firstInputs = firstInputs;
    this.kernelSize = kernelSize;
    this.bases = bases;
    this.classes = classes;
    this.taps = taps;
    this.positions = positionsByClass(classes, taps.size());
  }

  private static int[][] positionsByClass(int[] classes, int count) {
    int[] sizes = new int[count];
    for (int positionClass : classes) {
      sizes[positionClass]++;
    }
    int[][] positions = new int[count][];
    Arrays.setAll(positions, positionClass -> new int[sizes[positionClass]]);
    for (int position = classes.length - 1; position >= 0; position--) {
      positions[classes[position]][--sizes[classes[position]]] = position;
    }
    return positions;
  }

  /**
   * The taps of a class, in ascending order of the element. Elements and offsets are evenly spaced, so a list takes constant
   * memory, however large the window is.
   */
  private static final class Taps extends AbstractList<Tap> implements RandomAccess {
    private final Tap first;
    private final int elementStep;
    private final int offsetStep;
    private final int count;

    /** Steps of a list with fewer than two taps are set to 0, so that lists with the same taps are equal. */
    Taps(int element, int elementStep, int offset, int offsetStep, int count) {
      this.first = count > 0 ? new Tap(element, offset) : new Tap(0, 0);
      this.elementStep = count > 1 ? elementStep : 0;
      this.offsetStep = count > 1 ? offsetStep : 0;
      this.count = count;
    }

    @Override
    public Tap get(int index) {
      Objects.checkIndex(index, count);
      return new Tap(first.element + index * elementStep, first.offset + index * offsetStep);
    }

    @Override
    public int size() {
      return count;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Taps t && first.equals(t.first) && elementStep == t.elementStep && offsetStep == t.offsetStep
          && count == t.count;
    }

    @Override
    public int hashCode() {
      return Objects.hash(first, elementStep, offsetStep, count);
    }
  }

  /** Each output position reads the input under its window. */
  public static Axis forward(int in, int out, int kernel, int stride, int before, int dilation) {
    Builder builder = new Builder(kernel, out);
    builder.evenWindows(stride, element -> element * dilation - before);
    for (int position = 0; position < out; position++) {
      int base = position * stride - before;
      int first = Math.ceilDiv(Math.max(0, -base), dilation);
      int end = Math.min(kernel, Math.ceilDiv(Math.max(0, in - base), dilation));
      builder.position(position, base, new Taps(first, 1, first * dilation, dilation, Math.max(0, end - first)));
    }
    return builder.build();
  }

  /** The adjoint of {@link #forward}: each position under the windows reads the outputs whose windows contain it. */
  public static Axis backward(int windows, int out, int kernel, int stride, int before, int dilation) {
    Builder builder = new Builder(kernel, out);
    if (stride == 1) {
      builder.evenWindows(1, element -> before - element * dilation);
    }
    int[] firstElements = firstElementByResidue(stride, dilation);
    int period = (int) Arrays.stream(firstElements).filter(element -> element >= 0).count();
    for (int position = 0; position < out; position++) {
      int at = position + before;
      int base = at / stride;
      int element = firstElements[at % stride];
      int min = Math.max(0, Math.ceilDiv(at - (windows - 1) * stride, dilation));
      int end = element < 0 ? 0 : Math.min(kernel, at / dilation + 1);
      int first = element + Math.ceilDiv(Math.max(0, min - element), period) * period;
      int count = Math.ceilDiv(Math.max(0, end - first), period);
      int offset = (at - first * dilation) / stride - base;
      builder.position(position, base, new Taps(first, period, offset, -(period * dilation / stride), count));
    }
    return builder.build();
  }

  /**
   * For each residue of a position modulo the stride, the smallest element with which a window can cover that position, or -1 if
   * there is none. The elements that match one residue repeat with a period: the number of residues that have an element.
   */
  private static int[] firstElementByResidue(int stride, int dilation) {
    int[] elements = new int[stride];
    Arrays.fill(elements, -1);
    for (int element = 0, residue = 0; elements[residue] < 0; element++, residue = (residue + dilation) % stride) {
      elements[residue] = element;
    }
    return elements;
  }

  /** Adaptive pooling: output {@code i} reads from {@code floor(i in / out)} up to {@code ceil((i + 1) in / out)}. */
  public static Axis adaptive(int in, int out) {
    Builder builder = new Builder(1, out);
    for (int position = 0; position < out; position++) {
      int from = (int) ((long) position * in / out);
      int to = (int) (((position + 1L) * in + out - 1) / out);
      builder.position(position, from, new Taps(0, 0, 0, 1, to - from));
    }
    return builder.build();
  }

  /** The adjoint of {@link #adaptive}: each position reads the outputs that read it, which are consecutive. */
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

  /** The elements of the kernel along this axis. */
  public int kernelSize() {
    return kernelSize;
  }

  /** The input positions from one window to the next; 0 if windows are not evenly spaced. */
  public int stride() {
    return stride;
  }

  /** The input position that this element of the first window falls on, possibly in the padding; for evenly spaced windows only. */
  public int firstInput(int element) {
    return firstInputs[element];
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

  public int classCount() {
    return taps.size();
  }

  public List<Tap> taps(int positionClass) {
    return taps.get(positionClass);
  }

  /** The first input position that each position reads; any value if it reads none. */
  public int[] firstReads() {
    return IntStream.range(0, size()).map(position -> base(position) + taps.get(classOf(position)).first.offset).toArray();
  }

  /** The number of input positions that each position reads. */
  public int[] tapCounts() {
    return IntStream.range(0, size()).map(position -> taps.get(classOf(position)).count).toArray();
  }

  /** The distance between consecutive reads, the same for all positions; 0 if no position reads two. */
  public int readStride() {
    return taps.stream().mapToInt(list -> list.offsetStep).filter(step -> step != 0).findFirst().orElse(0);
  }

  /** The positions of a class, ascending. The array is shared: do not write to it. */
  public int[] positions(int positionClass) {
    return positions[positionClass];
  }

  /** For each element of the kernel, the number of positions that read with it. */
  public int[] readerCounts() {
    // marks where ranges of elements begin and end, then takes prefix sums: a class costs the same however large the kernel is
    int[] counts = new int[kernelSize + 1];
    for (int positionClass = 0; positionClass < taps.size(); positionClass++) {
      Taps list = taps.get(positionClass);
      int length = list.elementStep == 1 ? list.count : 1;
      for (int k = 0; k < list.count; k += length) {
        int element = list.first.element + k * list.elementStep;
        counts[element] += positions[positionClass].length;
        counts[element + length] -= positions[positionClass].length;
      }
    }
    for (int element = 1; element < kernelSize; element++) {
      counts[element] += counts[element - 1];
    }
    return Arrays.copyOf(counts, kernelSize);
  }

  private static final class Builder {
    private final int kernelSize;
    private final int[] bases;
    private final int[] classes;
    private int stride;
    private int[] firstInputs = {};
    private final Map<Taps, Integer> classIndices = new LinkedHashMap<>();

    Builder(int kernelSize, int positions) {
      this.kernelSize = kernelSize;
      bases = new int[positions];
      classes = new int[positions];
    }

    void evenWindows(int windowStride, IntUnaryOperator firstInput) {
      stride = windowStride;
      firstInputs = IntStream.range(0, kernelSize).map(firstInput).toArray();
    }

    void position(int position, int base, Taps list) {
      bases[position] = base;
      classes[position] = classIndices.computeIfAbsent(list, _ -> classIndices.size());
    }

    Axis build() {
      return new Axis(stride, firstInputs, kernelSize, bases, classes, List.copyOf(classIndices.keySet()));
    }
  }
}
