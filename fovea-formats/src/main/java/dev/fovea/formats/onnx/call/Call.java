package dev.fovea.formats.onnx.call;

import dev.fovea.format.Quote;
import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.formats.onnx.constant.Operation;
import dev.fovea.formats.onnx.proto.OnnxNode;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One node while it is interpreted: its operands and attributes, and the graph that its results are appended to. */
public final class Call {
  private static final int MAX_NUMBERS = 1 << 22;

  private static final String SEQUENCE = "expects a tensor, got a sequence";

  private final Context context;
  private final OnnxNode node;
  private final List<@Nullable Known> operands;

  public Call(Context context, OnnxNode node, List<@Nullable Known> operands) {
    this.context = context;
    this.node = node;
    this.operands = operands;
  }

  public OnnxNode node() {
    return node;
  }

  public Compose g() {
    return context.g();
  }

  public Context context() {
    return context;
  }

  public int opset() {
    return context.opset();
  }

  /** The number of operands, absent ones included. */
  public int count() {
    return operands.size();
  }

  public boolean has(int index) {
    return index < operands.size() && operands.get(index) != null;
  }

  public Known operand(int index) {
    Known operand = index < operands.size() ? operands.get(index) : null;
    if (operand == null) {
      throw new Refusal("expects an operand " + (index + 1));
    }
    return operand;
  }

  /** The operand as a value of the graph. A constant that is not a number is a parameter, which training may change. */
  public Value value(int index) {
    return switch (operand(index)) {
      case Known.Computed(Value value, _) -> value;
      case Known.Constant(Array array) -> context.weights().constant(array, name(index), true);
      case Known.Sequence _ -> throw new Refusal(SEQUENCE);
      case Known.Refused _ -> throw new Refusal("reads the result of a refused node");
    };
  }

  /** The operand as a weight of a layer: a parameter even if all its elements are equal. */
  public Value weight(int index) {
    return operand(index) instanceof Known.Constant(Array array) ? weight(array, index) : value(index);
  }

  /** A parameter with the elements of an operand under other sizes. */
  public Value weight(Array array, int index) {
    return context.weights().parameter(array, name(index), true);
  }

  /** A constant matrix {@code [in, out]} as the weight {@code [out, in]} of a fully connected layer, if that is its only role. */
  public Optional<Value> linear(int index) {
    return constant(index).filter(array -> array.rank() == 2 && array.isFloat())
        .flatMap(array -> context.weights().linear(array, name(index)));
  }

  /** Whether the operand is a constant whose elements all are that number. */
  public boolean isAll(int index, double number) {
    return constant(index).filter(array -> array.isUniformNow() && array.real(0) == number).isPresent();
  }

  /** The operand as a parameter that training does not change by gradients. */
  public Value frozen(int index) {
    return operand(index) instanceof Known.Constant(Array array)
        ? context.weights().parameter(array, name(index), false)
        : value(index);
  }

  /** An array for numbers that the graph holds; refused where a node would need unreasonably many. */
  public static double[] numbers(long count) {
    if (count > MAX_NUMBERS) {
      throw new Refusal("needs " + count + " constant numbers, which is too large");
    }
    return new double[(int) count];
  }

  /** A constant operand that holds the same for each image, once: {@code [1, ...]}; as it is if images differ. */
  public Value oneForAllImages(int index) {
    Array array = constant(index, "elements");
    return array.rank() > 0 && array.dim(0) > 1 && array.hasEqualRows()
        ? context.weights().constant(array.firstRow(), name(index), true)
        : value(index);
  }

  /** An array that this node computed from its attributes or from shapes. */
  public Value computed(Array array) {
    context.g().take(array.size());
    return context.weights().constant(array, node.outputs().getFirst() + "_constant", false);
  }

  private String name(int index) {
    return index < node.inputs().size() ? node.inputs().get(index) : node.outputs().getFirst();
  }

  /** The operand if it is constant. */
  public Optional<Array> constant(int index) {
    return has(index) && operand(index) instanceof Known.Constant(Array array) ? Optional.of(array) : Optional.empty();
  }

  /** An operand that must be constant since the graph depends on it. */
  public Array constant(int index, String what) {
    return constant(index).orElseThrow(() -> new Refusal("expects constant " + what + " (operand " + (index + 1) + ", "
        + Quote.quote(name(index)) + "), got a value that depends on the input"));
  }

  /** The one number of a constant operand, or of an attribute in older versions. */
  public double number(int index, String attribute, double absent) {
    return has(index) ? constant(index, attribute).scalar() : node.number(attribute, (float) absent);
  }

  /** The integers of a constant operand or, in older versions, of an attribute; null if neither is there. */
  public long @Nullable [] integers(int index, String attribute) {
    return has(index) ? constant(index, attribute).integers() : integers(attribute);
  }

  public long @Nullable [] integers(String attribute) {
    return node.integers(attribute).map(values -> values.stream().mapToLong(Long::longValue).toArray()).orElse(null);
  }

  /** A list of ints that a node must give in that number, or may leave out. */
  public int[] ints(String attribute, int count, int absent) {
    long[] given = integers(attribute);
    if (given == null) {
      return IntStream.generate(() -> absent).limit(count).toArray();
    }
    if (given.length != count) {
      throw new Refusal("expects " + count + " " + attribute + ", got " + given.length);
    }
    return Arrays.stream(given).mapToInt(value -> {
      if (value != (int) value) {
        throw new Refusal("expects " + attribute + " below 2^31, got " + value);
      }
      return (int) value;
    }).toArray();
  }

  public int integer(String attribute, int absent) {
    long value = node.integer(attribute, absent);
    if (value != (int) value) {
      throw new Refusal("expects " + attribute + " below 2^31, got " + value);
    }
    return (int) value;
  }

  public boolean flag(String attribute, boolean absent) {
    return node.integer(attribute, absent ? 1 : 0) != 0;
  }

  /** An axis of a value of that rank. */
  public int axis(String attribute, long absent, int rank) {
    return Operation.axis(node.integer(attribute, absent), rank);
  }

  /** Axes of an operand or attribute in increasing order; empty if they are not given. */
  public List<Integer> axes(int index, int rank) {
    long[] given = integers(index, "axes");
    return given == null ? List.of()
        : Arrays.stream(given).mapToObj(axis -> Operation.axis(axis, rank)).sorted().distinct().toList();
  }

  public Shape shape(int index) {
    return switch (operand(index)) {
      case Known.Computed(Value value, _) -> g().shape(value);
      case Known.Constant(Array array) -> Weights.shape(array);
      case Known.Sequence _ -> throw new Refusal(SEQUENCE);
      case Known.Refused _ -> throw new Refusal("reads the result of a refused node");
    };
  }

  public OnnxType type(int index) {
    return switch (operand(index)) {
      case Known.Computed(_, OnnxType type) -> type;
      case Known.Constant(Array array) -> array.type();
      case Known.Sequence _, Known.Refused _ -> OnnxType.UNDEFINED;
    };
  }

  /** The shape that an operand has in the other interpretation, its own without one. */
  public Shape otherShape(int index) {
    return context.otherShape(node.inputs().get(index)).orElseGet(() -> shape(index));
  }

  /** The shape that a result has in the other interpretation. */
  public Optional<Shape> otherResult(int index) {
    return context.otherShape(node.outputs().get(index));
  }

  /** The elements that a constant operand has in the other interpretation, its own without one. */
  public Array otherConstant(int index) {
    return context.otherConstant(node.inputs().get(index)).orElseGet(() -> constant(index, "elements"));
  }

  /** An array without elements: there is no such value of a graph, but what is constant may be empty. */
  public Known empty(int[] dims) {
    Array zero = type(0).isFloat() ? Array.reals(type(0), new int[0], 0) : Array.integers(type(0), new int[0], 0);
    return new Known.Constant(Array.uniform(dims, zero));
  }

  /** The only result, of the first operand's element type. */
  public List<Known> result(Value value) {
    return result(value, count() > 0 && has(0) ? type(0) : OnnxType.FLOAT);
  }

  public List<Known> result(Value value, OnnxType type) {
    return List.of(new Known.Computed(value, type));
  }

  public Known known(Value value, OnnxType type) {
    return new Known.Computed(value, type);
  }

  /** Whether the node names that result. */
  public boolean wants(int output) {
    return output < node.outputs().size() && !node.outputs().get(output).isEmpty();
  }
}
