package dev.fovea.cpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

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
  private final List<List<Tap>> taps;

  private Axis(int stride, int[] reaches, int elements, int[] bases, int[] classes, List<List<Tap>> taps) {
    this.stride = stride;
    this.reaches = reaches;
    this.elements = elements;
    this.bases = bases;
    this.classes = classes;
    this.taps = taps;
  }

  /** The output reads the input under its window. */
  public static Axis forward(int in, int out, int kernel, int stride, int before, int dilation) {
    Builder builder = new Builder(kernel, out);
    builder.even(stride, element -> element * dilation - before);
    for (int place = 0; place < out; place++) {
      int base = place * stride - before;
      List<Tap> reads = new ArrayList<>();
      for (int element = 0; element < kernel; element++) {
        int distance = element * dilation;
        if (base + distance >= 0 && base + distance < in) {
          reads.add(new Tap(element, distance));
        }
      }
      builder.place(place, base, reads);
    }
    return builder.build();
  }

  /** The adjoint of {@link #forward}: each place under the windows reads the places whose windows reach it. */
  public static Axis backward(int windows, int out, int kernel, int stride, int before, int dilation) {
    Builder builder = new Builder(kernel, out);
    if (stride == 1) {
      builder.even(1, element -> before - element * dilation);
    }
    for (int place = 0; place < out; place++) {
      int base = (place + before) / stride;
      List<Tap> reads = new ArrayList<>();
      for (int element = 0; element < kernel; element++) {
        int first = place + before - element * dilation;
        if (first >= 0 && first % stride == 0 && first / stride < windows) {
          reads.add(new Tap(element, first / stride - base));
        }
      }
      builder.place(place, base, reads);
    }
    return builder.build();
  }

  /** The output's places divide the input among them: {@code floor(i in / out)} up to {@code ceil((i + 1) in / out)}. */
  public static Axis adaptive(int in, int out) {
    Builder builder = new Builder(1, out);
    for (int place = 0; place < out; place++) {
      int from = (int) ((long) place * in / out);
      int to = (int) (((place + 1L) * in + out - 1) / out);
      builder.place(place, from, IntStream.range(0, to - from).mapToObj(d -> new Tap(0, d)).toList());
    }
    return builder.build();
  }

  /** The adjoint of {@link #adaptive}: each place reads those that it was given to. */
  public static Axis adaptiveBackward(int windows, int out) {
    Axis forward = adaptive(out, windows);
    Builder builder = new Builder(1, out);
    for (int place = 0; place < out; place++) {
      int at = place;
      int[] readers = IntStream.range(0, windows)
          .filter(w -> forward.base(w) <= at && at < forward.base(w) + forward.taps(forward.classOf(w)).size())
          .toArray();
      builder.place(place, readers[0], Arrays.stream(readers).mapToObj(w -> new Tap(0, w - readers[0])).toList());
    }
    return builder.build();
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

  public int base(int place) {
    return bases[place];
  }

  public int classOf(int place) {
    return classes[place];
  }

  public int classes() {
    return taps.size();
  }

  public List<Tap> taps(int number) {
    return taps.get(number);
  }

  /** The places of a class, in their order. */
  public int[] members(int number) {
    return IntStream.range(0, size()).filter(place -> classOf(place) == number).toArray();
  }

  private static final class Builder {
    private final int elements;
    private final int[] bases;
    private final int[] classes;
    private int stride;
    private int[] reaches = {};
    private final Map<List<Tap>, Integer> numbers = new LinkedHashMap<>();

    Builder(int elements, int places) {
      this.elements = elements;
      bases = new int[places];
      classes = new int[places];
    }

    void even(int apart, IntUnaryOperator reach) {
      stride = apart;
      reaches = IntStream.range(0, elements).map(reach).toArray();
    }

    void place(int place, int base, List<Tap> reads) {
      bases[place] = base;
      classes[place] = numbers.computeIfAbsent(reads, _ -> numbers.size());
    }

    Axis build() {
      return new Axis(stride, reaches, elements, bases, classes, List.copyOf(numbers.keySet()));
    }
  }
}
