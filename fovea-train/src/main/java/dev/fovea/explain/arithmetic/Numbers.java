package dev.fovea.explain.arithmetic;

import dev.fovea.explain.Explainer;
import dev.fovea.explain.Pass;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Values of a pass, as the engine computed them.
 *
 * @param forward the number of nodes that are the network's own; the others are of the reverse pass
 * @param gradientsOf of values that are derivatives, what they are derivatives by
 * @param computed by value; parameters and constants are not among them
 */
record Numbers(Graph graph, int forward, Parameters parameters, Map<Value, Value> gradientsOf, Map<Value, Tensor> computed) {
  /** The name of a number that is no element of a tensor. */
  private static final String FACTOR = "factor";

  /** Runs the network once for these values and what they are computed of. */
  static Numbers of(Explainer network, Tensor input, Tensor weights, List<Value> values,
      Function<Pass, Map<Value, Value>> gradients) {
    Pass pass = Pass.of(network.graph(1));
    Map<Value, Value> gradientsOf = new HashMap<>();
    gradients.apply(pass).forEach((of, gradient) -> gradientsOf.putIfAbsent(gradient, of));
    Graph graph = pass.g().build();
    List<Value> all =
        values.stream().flatMap(value -> Stream.concat(Stream.of(value), graph.at(value).inputs().stream())).distinct()
            .filter(value -> !(graph.at(value).op() instanceof Op.Param || graph.at(value).op() instanceof Op.Fill)).toList();
    Map<String, Tensor> outputs = network.run(List.of("numbers", all), input, weights, network::graph, p -> {
      var _ = gradients.apply(p);
      Map<String, Value> named = new LinkedHashMap<>();
      all.forEach(value -> named.put(String.valueOf(value.id()), value));
      return named;
    });
    Map<Value, Tensor> computed = new HashMap<>();
    all.forEach(value -> computed.put(value, Objects.requireNonNull(outputs.get(String.valueOf(value.id())))));
    return new Numbers(graph, pass.network().nodes().size(), network.model().parameters(), gradientsOf, computed);
  }

  /** How an element of a value was computed. */
  Calculation calculation(Value value, int element) {
    Node node = graph.at(value);
    List<Term> terms = new ArrayList<>();
    for (Reads.Read read : Reads.of(graph, node).of(element)) {
      Optional<Term.Entry> weight = read.weight().isPresent()
          ? Optional.of(number(node.inputs().get(1), read.weight().getAsInt()))
          : read.factor().map(factor -> new Term.Entry(FACTOR, List.of(), factor));
      terms.add(new Term(number(node.inputs().get(read.operand()), read.element()), weight));
    }
    Term.Entry own = number(value, element);
    return new Calculation(own.of(), node.op().type(), own.at(), bias(node, element), terms, own.value());
  }

  private Optional<Term.Entry> bias(Node node, int element) {
    boolean sum = node.op() instanceof Op.Conv || node.op() instanceof Op.ConvTranspose || node.op() instanceof Op.Gemm;
    return sum && node.inputs().size() == 3
        ? Optional.of(number(node.inputs().get(2), element / node.shape().sizeFrom(2) % node.shape().dim(1)))
        : Optional.empty();
  }

  Term.Entry number(Value value, int element) {
    Node node = graph.at(value);
    float number = switch (node.op()) {
      case Op.Param(String name, _, _, _) -> parameters.values()[parameters.entry(name).offset() + element];
      case Op.Fill(_, float constant) -> constant;
      default -> Objects.requireNonNull(computed.get(value)).values()[element];
    };
    return new Term.Entry(name(value), place(node, element), number);
  }

  private String name(Value value) {
    Value of = gradientsOf.get(value);
    if (of != null && !of.equals(value)) {
      return "gradient of " + name(of);
    }
    return switch (graph.at(value).op()) {
      case Op.Param(String name, _, _, _) -> name;
      case Op.Input(String name, _, _) -> name.equals(Pass.WEIGHTS) ? "the score's weights" : name;
      // several are added up where a value has several readers
      default -> value.id() > forward ? "part of a gradient at " + graph.at(value).where() : graph.at(value).where();
    };
  }

  /** Without the batch, which parameters and constants do not have. */
  private static List<Integer> place(Node node, int element) {
    Shape shape = node.shape();
    Integer[] at = new Integer[shape.rank()];
    for (int axis = shape.rank() - 1, rest = element; axis >= 0; axis--) {
      at[axis] = rest % shape.dim(axis);
      rest /= shape.dim(axis);
    }
    boolean batch = !(node.op() instanceof Op.Param || node.op() instanceof Op.Fill) && at.length > 0;
    return Arrays.asList(at).subList(batch ? 1 : 0, at.length);
  }
}
