package dev.fovea.formats.onnx.read;

import dev.fovea.format.Quote;
import dev.fovea.formats.onnx.call.Broadcasts;
import dev.fovea.formats.onnx.call.Call;
import dev.fovea.formats.onnx.call.Compose;
import dev.fovea.formats.onnx.call.Context;
import dev.fovea.formats.onnx.call.Known;
import dev.fovea.formats.onnx.call.Origins;
import dev.fovea.formats.onnx.call.Quantities;
import dev.fovea.formats.onnx.call.Refusal;
import dev.fovea.formats.onnx.call.Reshapes;
import dev.fovea.formats.onnx.call.Weights;
import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.formats.onnx.constant.Limits;
import dev.fovea.formats.onnx.constant.Operation;
import dev.fovea.formats.onnx.constant.Shaping;
import dev.fovea.formats.onnx.operator.Operators;
import dev.fovea.formats.onnx.pattern.Patterns;
import dev.fovea.formats.onnx.proto.OnnxFunction;
import dev.fovea.formats.onnx.proto.OnnxGraph;
import dev.fovea.formats.onnx.proto.OnnxNode;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.formats.onnx.proto.OnnxValue;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Interprets a file for certain shapes of its inputs: nodes with constant operands are evaluated, the others appended to a graph.
 * Another interpretation, for other shapes, shows what depends on them.
 */
final class Interpreter {
  /** Functions and subgraphs inside each other. */
  private static final int MAX_DEPTH = 32;

  private static final int MAX_NODES = 1 << 17;

  private final OnnxSource source;
  private final Map<String, Shape> inputs;
  private final @Nullable Pass other;
  private final boolean literalBatch;

  private final GraphBuilder builder = new GraphBuilder();
  private final Compose g;
  private final Weights weights;
  private final Limits limits;
  private final Map<String, Shape> shapes = new HashMap<>();
  private final LinkedHashMap<String, Value> values = new LinkedHashMap<>();
  private final Map<String, Array> constants = new HashMap<>();
  private final Origins origins = new Origins();
  private final Quantities quantities = new Quantities();
  private final List<String> refusals = new ArrayList<>();
  private int interpreted;

  /**
   * @param inputs the shapes of the inputs
   * @param other an interpretation for other shapes
   * @param literalBatch whether a number in a Reshape stands for the batch where it was equal to it in the other interpretation
   */
  Interpreter(OnnxSource source, Map<String, Shape> inputs, @Nullable Pass other, boolean literalBatch) {
    this.source = source;
    this.inputs = inputs;
    this.other = other;
    this.literalBatch = literalBatch;
    this.weights = new Weights(builder, inputs.keySet(), source.frozen());
    this.g = new Compose(builder, source.elements());
    this.limits = new Limits(source.elements());
  }

  /** The surroundings of a node in that scope. */
  private final class InScope implements Context {
    private final Scope scope;

    InScope(Scope scope) {
      this.scope = scope;
    }

    @Override
    public Compose g() {
      return g;
    }

    @Override
    public Weights weights() {
      return weights;
    }

    @Override
    public int opset() {
      return scope.opset();
    }

    @Override
    public Optional<Shape> otherShape(String name) {
      return inOther(Pass::shapes, name);
    }

    @Override
    public Optional<Array> otherConstant(String name) {
      return inOther(Pass::constants, name);
    }

    private <T> Optional<T> inOther(Function<Pass, Map<String, T>> kind, String name) {
      for (Scope at = scope; other != null && at != null; at = at.outer()) {
        T found = kind.apply(other).get(at.prefix() + name);
        if (found != null) {
          return Optional.of(found);
        }
      }
      return Optional.empty();
    }

    @Override
    public boolean literalBatch() {
      return literalBatch;
    }

    @Override
    public int batchRatio() {
      return batch(inputs) / otherBatch();
    }

    @Override
    public int otherBatch() {
      return batch(other == null ? inputs : other.inputs());
    }

    @Override
    public Quantities quantities() {
      return quantities;
    }

    @Override
    public Origins origins() {
      return origins;
    }

    @Override
    public Optional<Value> imagesOf(int h, int w, int otherH, int otherW) {
      return find(values.reversed(), (shape, otherShape) -> shape.rank() == 4 && shape.dim(2) == h && shape.dim(3) == w
          && otherShape.rank() == 4 && otherShape.dim(2) == otherH && otherShape.dim(3) == otherW);
    }

    @Override
    public Optional<Value> onesOf(int batch, int otherBatch, int rank) {
      return find(values, (shape, otherShape) -> shape.rank() > 0 && shape.dim(0) == batch
          && otherShape.rank() > 0 && otherShape.dim(0) == otherBatch).map(x -> g.onesOfImages(x, rank));
    }

    /** The first value with a shape here and a shape in the other interpretation that fit. */
    private Optional<Value> find(Map<String, Value> among, BiPredicate<Shape, Shape> fits) {
      return among.entrySet().stream()
          .filter(entry -> {
            Shape shape = g.shape(entry.getValue());
            Shape there = other == null ? null : other.shapes().get(entry.getKey());
            return fits.test(shape, there == null ? shape : there);
          })
          .map(Map.Entry::getValue)
          .findFirst();
    }
  }

  /** The number of images in inputs of these shapes. */
  static int batch(Map<String, Shape> inputs) {
    return inputs.values().stream().filter(shape -> shape.rank() > 0).findFirst().map(shape -> shape.dim(0)).orElse(1);
  }

  Pass run() {
    OnnxGraph graph = source.model().graph();
    Scope scope = new Scope(new HashMap<>(), null, "", source.model().opsets(), Map.of(), 0);
    source.arrays().forEach((name, array) -> define(scope, name, new Known.Constant(array)));
    for (OnnxValue input : graph.inputs()) {
      Shape shape = inputs.get(input.name());
      if (shape != null) {
        define(scope, input.name(), new Known.Computed(builder.input(input.name(), shape), input.type()));
      }
    }
    List<String> outputs = graph.outputs().stream().map(OnnxValue::name).distinct().toList();
    interpret(Order.needed(graph.nodes(), outputs, scope.names()::containsKey), scope);
    Map<String, OnnxType> types = new LinkedHashMap<>();
    for (String output : outputs) {
      switch (scope.find(output)) {
        case Known.Computed(Value value, OnnxType type) -> {
          builder.output(output, value);
          types.put(output, type);
        }
        case Known.Constant(Array array) -> {
          builder.output(output, weights.constant(array, output, false));
          types.put(output, array.type());
        }
        case Known.Sequence _ -> throw new FoveaException("output " + Quote.quote(output) + " is a sequence, expected a tensor");
        case Known.Refused _ -> {
        }
        case null -> throw new FoveaException("output " + Quote.quote(output) + " is computed by no node");
      }
    }
    Graph built = refusals.isEmpty() ? Patterns.replace(Rewrite.prune(builder.build()), weights.uniform()) : builder.build();
    return new Pass(built, inputs, shapes, constants, weights.arrays(), types, refusals);
  }

  private void define(Scope scope, String name, Known known) {
    scope.names().put(name, known);
    switch (known) {
      case Known.Computed(Value value, _) -> {
        shapes.put(scope.prefix() + name, g.shape(value));
        values.put(scope.prefix() + name, value);
      }
      case Known.Constant(Array array) -> constants.put(scope.prefix() + name, array);
      case Known.Sequence _, Known.Refused _ -> {
      }
    }
  }

  private void interpret(List<OnnxNode> nodes, Scope scope) {
    interpreted += nodes.size();
    if (interpreted > MAX_NODES) {
      throw new FoveaException("has more than " + MAX_NODES + " nodes, those of functions counted at each use");
    }
    for (OnnxNode node : nodes) {
      List<Known> results = results(node, scope);
      for (int i = 0; i < node.outputs().size(); i++) {
        String name = node.outputs().get(i);
        if (!name.isEmpty()) {
          define(scope, name, i < results.size() ? results.get(i) : new Known.Refused());
        }
      }
    }
  }

  /** What the node computes; nothing if it is refused, which is remembered, since all refusals of a file are reported together. */
  private List<Known> results(OnnxNode node, Scope scope) {
    List<@Nullable Known> operands = new ArrayList<>();
    for (String input : node.inputs()) {
      operands.add(input.isEmpty() ? null : scope.find(input));
    }
    String path = Paths.of(node);
    try {
      if (operands.stream().anyMatch(Known.Refused.class::isInstance)) {
        Operators.require(node, source.functions());
        return List.of();
      }
      return path.isEmpty() ? apply(node, scope, operands) : builder.scope(path, () -> apply(node, scope, operands));
    } catch (FoveaException e) {
      String reason = reason(e, path);
      refusals.add(reason.startsWith("node ") ? reason : node.where() + ": " + reason);
      return List.of();
    } catch (ArithmeticException e) {
      refusals.add(node.where() + ": has a size of 2^31 or more");
      return List.of();
    }
  }

  /** The message without what the graph's builder and {@code Shapes} put before it, since the node is named anyway. */
  private static String reason(FoveaException e, String path) {
    String message = String.valueOf(e.getMessage());
    return e.getCause() instanceof FoveaException && message.startsWith(path + ": ") ? message.substring(path.length() + 2)
        : message;
  }

  private List<Known> apply(OnnxNode node, Scope scope, List<@Nullable Known> operands) {
    OnnxFunction function = source.functions().get(Operators.key(node));
    if (function != null) {
      return expand(function, node, scope, operands);
    }
    OnnxNode bound = Attributes.bound(node, scope.attributes());
    Call call = new Call(new InScope(scope), bound, Broadcasts.aligned(bound, scope.opset(), operands));
    Optional<Sequences.Rewritten> sequence = Sequences.rewritten(call);
    if (sequence.isPresent()) {
      interpret(sequence.get().nodes(), scope);
      return sequence.get().result().map(List::of).orElseGet(() -> results(bound.outputs(), scope));
    }
    return switch (bound.domain() + ":" + bound.type()) {
      case ":Constant" -> List.of(new Known.Constant(source.constant(bound)));
      case ":If" -> branch(bound, scope, call.constant(0, "a condition"));
      case ":Shape" -> List.of(new Known.Constant(Shaping.shape(sizes(call), bound.integer("start", 0),
          bound.integer("end", Long.MAX_VALUE))));
      case ":Size" -> List.of(new Known.Constant(
          Array.integers(OnnxType.INT64, new int[0], Array.size(sizes(call)))));
      default -> folded(call, scope).orElseGet(() -> Operators.of(bound).apply(call));
    };
  }

  private static int[] sizes(Call call) {
    return call.constant(0).map(Array::dims).orElseGet(() -> Reshapes.sizes(call.shape(0)));
  }

  /** The results of a node whose operands are all constant, if there is a rule for it. */
  private Optional<List<Known>> folded(Call call, Scope scope) {
    List<@Nullable Array> arrays = new ArrayList<>();
    for (int i = 0; i < call.count(); i++) {
      if (!call.has(i)) {
        arrays.add(null);
      } else if (call.operand(i) instanceof Known.Constant(Array array)) {
        arrays.add(array);
      } else {
        return Optional.empty();
      }
    }
    if (source.isOwn() && arrays.stream().anyMatch(array -> array != null && array.isFloat() && !array.name().isEmpty())) {
      return Optional.empty(); // a network that Fovea wrote trains on as it was: nothing is computed from its parameters in advance
    }
    if (isRepeatedWeight(call)) {
      return Optional.empty();
    }
    Optional<List<Array>> results = source.folded(new Operation(call.node(), scope.opset(), arrays, limits));
    results.ifPresent(all -> remember(call, arrays, all));
    return results
        .map(all -> all.stream().<Known>map(Known.Constant::new).toList());
  }

  /** Whether a tensor of the file is repeated as often as the input asks for, such as a token for each image. */
  private static boolean isRepeatedWeight(Call call) {
    return call.node().type().equals("Expand") && call.constant(0).filter(x -> x.isFloat() && !x.name().isEmpty()).isPresent()
        && !call.otherConstant(1).sameAs(call.constant(1, "sizes"));
  }

  /** Dequantised weights are remembered with their integers. */
  private void remember(Call call, List<@Nullable Array> operands, List<Array> results) {
    Array integers = call.node().type().equals("DequantizeLinear") ? operands.get(0) : null;
    Array scale = integers == null ? null : operands.get(1);
    if (integers != null && scale != null && scale.rank() <= 1) {
      int axis = scale.size() == 1 ? 0 : call.axis("axis", 1, integers.rank());
      quantities.dequantised(results.getFirst(), integers, operands.size() > 2 ? operands.get(2) : null, scale, axis);
    }
  }

  private List<Known> branch(OnnxNode node, Scope scope, Array condition) {
    OnnxGraph graph = Attributes.graph(node, condition.scalar() != 0 ? "then_branch" : "else_branch");
    Scope inside = scope.inside(label(node));
    deepEnough(inside);
    graph.initializers().forEach(tensor -> define(inside, tensor.name(), new Known.Constant(Array.of(tensor))));
    List<String> outputs = graph.outputs().stream().map(OnnxValue::name).toList();
    interpret(Order.needed(graph.nodes(), outputs, name -> inside.find(name) != null), inside);
    return results(outputs, inside);
  }

  private List<Known> expand(OnnxFunction function, OnnxNode node, Scope scope, List<@Nullable Known> operands) {
    Scope inside = new Scope(new HashMap<>(), null, scope.prefix() + label(node) + "/", function.opsets(),
        Attributes.ofCall(function, Attributes.bound(node, scope.attributes())), scope.depth() + 1);
    deepEnough(inside);
    for (int i = 0; i < function.inputs().size(); i++) {
      Known operand = i < operands.size() ? operands.get(i) : null;
      if (operand != null) {
        define(inside, function.inputs().get(i), operand);
      }
    }
    List<OnnxNode> nodes =
        Order.of(function.nodes(), name -> inside.names().containsKey(name) || function.inputs().contains(name));
    interpret(nodes, inside);
    return results(function.outputs(), inside);
  }

  private List<Known> results(List<String> outputs, Scope inside) {
    List<Known> results = new ArrayList<>();
    for (String output : outputs) {
      Known known = inside.find(output);
      if (known == null) {
        throw new Refusal("has an output " + Quote.quote(output) + " that no node computes");
      }
      results.add(known);
    }
    return results;
  }

  private static void deepEnough(Scope scope) {
    if (scope.depth() > MAX_DEPTH) {
      throw new Refusal("functions or subgraphs are nested more than " + MAX_DEPTH + " deep, or call themselves");
    }
  }

  /** A name that no other node has. */
  private String label(OnnxNode node) {
    return node.type() + (node.outputs().isEmpty() ? "#" + interpreted : ":" + node.outputs().getFirst());
  }
}
