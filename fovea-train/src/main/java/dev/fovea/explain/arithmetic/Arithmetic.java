package dev.fovea.explain.arithmetic;

import dev.fovea.explain.Answer;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Layers;
import dev.fovea.explain.Pass;
import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Pointwise;
import dev.fovea.graph.Value;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How a network computes one number of a layer from one image, and the derivative of an answer's score by it (Rumelhart, Hinton,
 * Williams 1986).
 *
 * <pre>{@code
 * List<Calculation> steps = Arithmetic.of(explainer, "conv2", List.of(3, 4, 5)).forward(explainer.input(image));
 * }</pre>
 */
public final class Arithmetic {
  private final Explainer network;
  private final Graph graph;
  private final Value layer;
  private final List<Integer> at;
  private final int element;

  private Arithmetic(Explainer network, Graph graph, Value layer, List<Integer> at, int element) {
    this.network = network;
    this.graph = graph;
    this.layer = layer;
    this.at = at;
    this.element = element;
  }

  /**
   * The calculation of one number.
   *
   * @param path the layer's
   * @param at the place in its result, without the batch: map, row and column, or the number of a unit
   * @throws FoveaException if there is no such layer or place
   */
  public static Arithmetic of(Explainer network, String path, List<Integer> at) {
    Graph graph = network.graph(1);
    Value layer = first(graph, path, network.layer(path));
    Shape shape = graph.at(layer).shape();
    boolean inside = at.size() == shape.rank() - 1
        && IntStream.range(0, at.size()).allMatch(i -> at.get(i) >= 0 && at.get(i) < shape.dim(i + 1));
    if (!inside) {
      throw new FoveaException("place " + text(at) + ": layer " + path + " gives " + shape.withoutBatch() + ": expected "
          + IntStream.range(1, shape.rank()).mapToObj(i -> "0 to " + (shape.dim(i) - 1)).reduce((a, b) -> a + ", " + b)
              .orElse(""));
    }
    int element = IntStream.range(0, at.size()).map(i -> at.get(i) * shape.sizeFrom(i + 2)).sum();
    return new Arithmetic(network, graph, layer, List.copyOf(at), element);
  }

  /** A layer of several nodes, such as a sum and its bias, begins with the first of those that compute one number of one other. */
  private static Value first(Graph graph, String path, Value last) {
    Node node = graph.at(last);
    List<Value> computed = node.inputs().stream().filter(value -> dependsOnInput(graph, value, Model.INPUT)).toList();
    boolean back = computed.size() == 1 && Pointwise.is(node.op()) && Layers.isIn(graph.at(computed.getFirst()), path)
        && graph.at(computed.getFirst()).shape().equals(node.shape());
    return back ? first(graph, path, computed.getFirst()) : last;
  }

  private static String text(List<Integer> at) {
    return at.toString().replaceAll("[\\[\\] ]", "");
  }

  /** How the number is computed, and what becomes of it, {@link Layers#activated}. */
  public List<Calculation> forward(Tensor input) {
    List<Value> values = Layers.activated(graph, layer);
    Tensor none = new Tensor(Shape.of(1), new float[1]);
    Numbers numbers = Numbers.of(network, input, none, values, _ -> Map.of());
    return values.stream().map(value -> numbers.calculation(value, element)).toList();
  }

  /**
   * The derivative of a score by the number.
   *
   * @param arrived how it is computed of derivatives by what reads the number, and those in turn, as long as there is one of them
   * @param passed what it adds to the derivatives by what the number is computed of: inputs and weights
   */
  public record Backward(List<Calculation> arrived, List<Passed> passed) {
    public Backward {
      arrived = List.copyOf(arrived);
      passed = List.copyOf(passed);
    }

    /** The derivative. */
    public float gradient() {
      return arrived.getFirst().value();
    }
  }

  /** What one number passes on: its derivative times that of the calculation by {@code to}. */
  public record Passed(Term.Entry to, float gradient) {}

  /**
   * Of an answer's score.
   *
   * @throws FoveaException if the score does not depend on the layer, or there is an operator without a derivative between them
   */
  public Backward backward(Tensor input, Answer answer) {
    Pass pass = Pass.of(graph);
    Map<Value, Value> gradients = pass.gradients(layer);
    Value own = gradients.get(layer);
    if (own == null) {
      throw new FoveaException(pass.obstacle(layer).orElseThrow());
    }
    Graph whole = pass.g().build();
    List<Element> chain = new ArrayList<>(List.of(new Element(own, element)));
    for (Optional<Element> next = source(whole, chain.getLast()); next.isPresent(); next = source(whole, chain.getLast())) {
      chain.add(next.get());
    }
    List<Value> values = chain.stream().map(Element::of).toList();
    Numbers numbers = Numbers.of(network, input, answer.weights(), and(values, layer), p -> p.gradients(layer));
    List<Calculation> arrived = chain.stream().map(one -> numbers.calculation(one.of(), one.index())).toList();
    Calculation calculation = numbers.calculation(layer, element);
    return new Backward(arrived,
        calculation.isSum() ? products(calculation, arrived.getFirst().value()) : alone(input, answer, numbers));
  }

  private static List<Value> and(List<Value> values, Value other) {
    List<Value> all = new ArrayList<>(values);
    all.add(other);
    return all;
  }

  /** An element of a value. */
  private record Element(Value of, int index) {}

  /** The derivative that another one is computed of, if it is one: whatever the pass begins with affects it. */
  private static Optional<Element> source(Graph whole, Element derivative) {
    Node node = whole.at(derivative.of());
    List<Element> read = Reads.of(whole, node).of(derivative.index()).stream()
        .map(one -> new Element(node.inputs().get(one.operand()), one.element()))
        .filter(one -> dependsOnInput(whole, one.of(), Pass.WEIGHTS)).toList();
    boolean begins = read.size() != 1 || whole.at(read.getFirst().of()).op() instanceof Op.Input;
    return begins ? Optional.empty() : Optional.of(read.getFirst());
  }

  private static boolean dependsOnInput(Graph graph, Value value, String name) {
    boolean[] needed = Layers.needed(graph, value);
    return IntStream.range(0, needed.length)
        .anyMatch(i -> needed[i] && graph.nodes().get(i).op() instanceof Op.Input input && input.name().equals(name));
  }

  private static List<Passed> products(Calculation calculation, float gradient) {
    List<Passed> passed = new ArrayList<>();
    calculation.terms().forEach(term -> {
      Term.Entry weight = term.weight().orElseThrow();
      passed.add(new Passed(term.input(), gradient * weight.value()));
      passed.add(new Passed(weight, gradient * term.input().value()));
    });
    calculation.bias().ifPresent(bias -> passed.add(new Passed(bias, gradient)));
    return passed;
  }

  /** What the reverse pass brings to the layer's operands if no other place of the layer has a derivative. */
  private List<Passed> alone(Tensor input, Answer answer, Numbers numbers) {
    List<Value> operands =
        graph.at(layer).inputs().stream().distinct().filter(v -> !(graph.at(v).op() instanceof Op.Fill)).toList();
    Map<String, Tensor> gradients = network.run(List.of("alone", layer, element), input, answer, network::graph, pass -> {
      Value own = onlyHere(pass.g(), Objects.requireNonNull(pass.gradients(layer).get(layer)));
      Map<Value, Value> of = Gradients.of(pass.g(), layer, own, operands, Gradients.Rule.DERIVATIVE);
      return operands.stream().filter(of::containsKey)
          .collect(Collectors.toMap(v -> String.valueOf(v.id()), v -> Objects.requireNonNull(of.get(v))));
    });
    List<Passed> passed = new ArrayList<>();
    for (Value operand : operands) {
      float[] gradient =
          Optional.ofNullable(gradients.get(String.valueOf(operand.id()))).map(Tensor::values).orElse(new float[0]);
      IntStream.range(0, gradient.length).filter(i -> gradient[i] != 0)
          .forEach(i -> passed.add(new Passed(numbers.number(operand, i), gradient[i])));
    }
    return passed;
  }

  /** Zero at all other places. */
  private Value onlyHere(GraphBuilder g, Value value) {
    Value only = value;
    for (int axis = 1; axis <= at.size(); axis++) {
      int size = g.shape(value).dim(axis);
      int place = at.get(axis - 1);
      only = g.op(new Op.Pad(axis, place, size - place - 1), g.op(new Op.Slice(axis, place, place + 1), only));
    }
    return only;
  }
}
