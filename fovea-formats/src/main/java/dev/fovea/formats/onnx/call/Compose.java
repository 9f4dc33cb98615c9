package dev.fovea.formats.onnx.call;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Dim;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** Appends nodes to a graph, and the compositions of nodes that many of ONNX's operators need. */
public final class Compose {
  /** The limit of all lists of indices together for a small file, more than a network needs to pick along its axes. */
  private static final int MIN_INDICES = 1 << 18;

  /** A large file may need one more index per this many elements; an index in a list takes the memory of five elements. */
  private static final int ELEMENTS_PER_INDEX = 16;

  /** The limit of the elements of all constants that nodes need beside those of the file. */
  private static final int MAX_ELEMENTS = 1 << 24;

  /** The limit of the steps of all recurrent layers together. */
  private static final int MAX_STEPS = 1 << 13;

  private long indices;
  private long elements;
  private long steps;

  private final GraphBuilder g;
  private final long maxIndices;

  /** @param elements of the file's tensors */
  public Compose(GraphBuilder g, long elements) {
    this.g = g;
    this.maxIndices = MIN_INDICES + elements / ELEMENTS_PER_INDEX;
  }

  public Shape shape(Value x) {
    return g.shape(x);
  }

  public int rank(Value x) {
    return g.shape(x).rank();
  }

  public Value op(Op op, Value... inputs) {
    return g.op(op, inputs);
  }

  public Value op(Op op, List<Value> inputs) {
    return g.op(op, inputs);
  }

  public Value number(double value) {
    return g.number(value);
  }

  public Value add(Value a, Value b) {
    return g.add(a, b);
  }

  public Value mul(Value a, Value b) {
    return g.mul(a, b);
  }

  public Value add(Value a, double b) {
    return b == 0 ? a : g.add(a, number(b));
  }

  public Value mul(Value a, double b) {
    return b == 1 ? a : g.mul(a, number(b));
  }

  public Value neg(Value x) {
    return mul(x, -1);
  }

  public Value sub(Value a, Value b) {
    return add(a, neg(b));
  }

  /** {@code 1 - x}: negation of a truth value. */
  public Value not(Value x) {
    return add(neg(x), 1);
  }

  public Value div(Value a, Value b) {
    return op(new Op.Div(), a, b);
  }

  public Value max(Value a, Value b) {
    return op(new Op.Max(), a, b);
  }

  public Value min(Value a, Value b) {
    return neg(max(neg(a), neg(b)));
  }

  public Value abs(Value x) {
    return max(x, neg(x));
  }

  public Value less(Value a, Value b) {
    return op(new Op.Less(), a, b);
  }

  /** 1 where two values that are numbers are equal. */
  public Value equal(Value a, Value b) {
    return mul(not(less(a, b)), not(less(b, a)));
  }

  public Value where(Value condition, Value a, Value b) {
    return op(new Op.Where(), condition, a, b);
  }

  public Value sqrt(Value x) {
    return op(new Op.Pow(0.5f), x);
  }

  public Value reciprocal(Value x) {
    return op(new Op.Pow(-1), x);
  }

  public Value square(Value x) {
    return mul(x, x);
  }

  public Value floor(Value x) {
    return op(new Op.Floor(), x);
  }

  /** Towards zero. */
  public Value truncate(Value x) {
    Value positive = floor(op(new Op.Relu(), x));
    return sub(positive, floor(op(new Op.Relu(), neg(x))));
  }

  public Value clip(Value x, double min, double max) {
    float low = (float) Math.max(-Float.MAX_VALUE, min);
    float high = (float) Math.min(Float.MAX_VALUE, max);
    if (low == 0 && high == Float.MAX_VALUE) {
      return op(new Op.Relu(), x);
    }
    return op(new Op.Clip(Math.min(low, high), high), x);
  }

  /** Whether the axis has size 1 for every batch. */
  private boolean isOne(Value x, int axis) {
    return axis > 0 && shape(x).dim(axis) == 1;
  }

  /** The sum along these axes, which are kept. */
  public Value sum(Value x, List<Integer> axes) {
    Value sum = x;
    for (int axis : axes) {
      sum = isOne(sum, axis) ? sum : op(new Op.Sum(axis), sum);
    }
    return sum;
  }

  /** The mean along these axes, which are kept; the mean over an image's height and width is an adaptive pool. */
  public Value mean(Value x, List<Integer> axes) {
    if (axes.equals(List.of(2, 3)) && rank(x) == 4) {
      return op(new Op.AdaptiveAveragePool(1, 1), x);
    }
    double count = axes.stream().mapToDouble(shape(x)::dim).reduce(1, (a, b) -> a * b);
    return mul(sum(x, axes), 1 / count);
  }

  public Value largest(Value x, List<Integer> axes) {
    Value largest = x;
    for (int axis : axes) {
      largest = isOne(largest, axis) ? largest : op(new Op.ReduceMax(axis), largest);
    }
    return largest;
  }

  public Value reshape(Value x, Dim... dims) {
    return reshape(x, List.of(dims));
  }

  /** Nothing is appended if the result has the operand's shape and says so. */
  public Value reshape(Value x, List<Dim> dims) {
    boolean same = dims.size() == rank(x) && IntStream.range(0, dims.size()).allMatch(axis -> switch (dims.get(axis)) {
      case Dim.Axis(int from) -> from == axis;
      case Dim.Size(int size) -> size == shape(x).dim(axis);
      case Dim.Rest _ -> true;
    });
    return same ? x : op(new Op.Reshape(dims), x);
  }

  /** The operand's axes without those of size 1 at these positions. */
  public Value squeeze(Value x, List<Integer> axes) {
    return reshape(x, IntStream.range(0, rank(x)).filter(axis -> !axes.contains(axis)).<Dim>mapToObj(Dim.Axis::new).toList());
  }

  /** Axes of size 1 added at these positions of the result, in increasing order. */
  public Value unsqueeze(Value x, List<Integer> axes) {
    List<Dim> dims = new ArrayList<>(IntStream.range(0, rank(x)).<Dim>mapToObj(Dim.Axis::new).toList());
    for (int axis : axes.stream().sorted().toList()) {
      if (axis > dims.size()) {
        throw new Refusal("expects an operand of " + axis + " axes or more, got " + shape(x));
      }
      dims.add(axis, new Dim.Size(1));
    }
    return reshape(x, dims);
  }

  /** Ones in front until the value has that number of axes. */
  public Value atLeast(int rank, Value x) {
    return unsqueeze(x, IntStream.range(0, Math.max(0, rank - rank(x))).boxed().toList());
  }

  public Value transpose(Value x, List<Integer> perm) {
    boolean same = IntStream.range(0, perm.size()).allMatch(axis -> perm.get(axis) == axis);
    return same ? x : op(new Op.Transpose(perm), x);
  }

  /** Exchanges two axes. */
  public Value swap(Value x, int a, int b) {
    List<Integer> perm = new ArrayList<>(IntStream.range(0, rank(x)).boxed().toList());
    Collections.swap(perm, a, b);
    return transpose(x, perm);
  }

  /** What {@code body} does along the given axis of a value of another order of axes. */
  public Value along(Value x, int axis, int place, UnaryOperator<Value> body) {
    return axis == place ? body.apply(x) : swap(body.apply(swap(x, axis, place)), axis, place);
  }

  /** The products of what lies along an axis of x with a matrix {@code [size, length]}. */
  public Value times(Value x, int axis, Value matrix) {
    int rank = rank(x);
    if (rank == 1) {
      return squeeze(op(new Op.MatMul(), atLeast(2, x), matrix), List.of(0));
    }
    return along(x, axis, rank - 1, y -> op(new Op.MatMul(), y, matrix));
  }

  public Value slice(Value x, int axis, int from, int to) {
    return from == 0 && to == Integer.MAX_VALUE ? x : op(new Op.Slice(axis, from, to), x);
  }

  /** Counts the elements of a constant that is about to be placed; throws if all of them are more than a network needs. */
  void take(long count) {
    elements += count;
    if (elements > MAX_ELEMENTS) {
      throw new Refusal("computes constants that are much larger than the file");
    }
  }

  /** Counts the steps that a recurrent layer is about to be unrolled into; throws if all of them are more than a network needs. */
  public void unroll(long count) {
    steps += count;
    if (steps > MAX_STEPS) {
      throw new Refusal("needs " + count + " steps; the recurrent layers of a file may need " + MAX_STEPS + " in all");
    }
  }

  /** Indices for {@link #gather}; throws if all of them are more than a network needs. */
  public List<Integer> indices(long count, IntUnaryOperator index) {
    indices += count;
    if (indices > maxIndices) {
      throw new Refusal("needs " + count + " indices; this file may need " + maxIndices + " in all");
    }
    return IntStream.range(0, (int) count).map(index).boxed().toList();
  }

  public Value gather(Value x, int axis, List<Integer> indices) {
    return op(new Op.Gather(axis, indices), x);
  }

  public Value concat(int axis, List<Value> parts) {
    return parts.size() == 1 ? parts.getFirst() : op(new Op.Concat(axis), parts);
  }

  public Value pad(Value x, int axis, int before, int after) {
    return before == 0 && after == 0 ? x : op(new Op.Pad(axis, before, after), x);
  }

  /** Zeros of x's shape, whatever x holds. */
  public Value zerosLike(Value x) {
    return less(x, x);
  }

  /** Ones of {@code [N, 1, ...]} for the images of x, whatever x holds. */
  public Value onesOfImages(Value x, int rank) {
    Value first = x;
    for (int axis = 1; axis < rank(x); axis++) {
      first = shape(first).dim(axis) == 1 ? first : slice(first, axis, 0, 1);
    }
    List<Dim> dims = new ArrayList<>(Collections.nCopies(rank, new Dim.Size(1)));
    dims.set(0, new Dim.Axis(0));
    return add(zerosLike(reshape(first, dims)), 1);
  }

  public Value ones(Shape shape) {
    return op(new Op.Fill(shape, 1));
  }
}
