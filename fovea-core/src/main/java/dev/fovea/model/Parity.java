package dev.fovea.model;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How far two models' results for the same inputs differ: at their outputs, in the order in which each declares them, and at each
 * layer whose parameters have the same names in both.
 */
public record Parity(List<Difference> outputs, List<Difference> layers) {
  /** Marks the outputs that are added for layers. */
  private static final String LAYER = "layer/";

  private static final String WEIGHT = ".weight";

  public Parity {
    outputs = List.copyOf(outputs);
    layers = List.copyOf(layers);
  }

  /**
   * The difference of two tensors of one shape.
   *
   * @param name the output's name in the first model, or the layer's
   * @param max the largest difference of two elements; NaN if one of them is not finite and the other differs
   * @param mean the mean difference
   * @param largest the largest magnitude of an element of the second tensor
   */
  public record Difference(String name, Shape shape, double max, double mean, double largest) {
    /** The largest difference, relative to the largest magnitude. */
    public double relative() {
      return max == 0 ? 0 : max / largest;
    }

    static Difference of(String name, Tensor a, Tensor b) {
      double max = 0;
      double sum = 0;
      double largest = 0;
      for (int i = 0; i < a.values().length; i++) {
        float x = a.values()[i];
        float y = b.values()[i];
        double difference = Float.compare(x, y) == 0 ? 0 : Math.abs((double) x - y);
        max = Double.isNaN(difference) ? Double.NaN : Math.max(max, difference);
        sum += difference;
        largest = Math.max(largest, Float.isFinite(y) ? Math.abs(y) : 0);
      }
      return new Difference(name, a.shape(), max, sum / a.values().length, largest);
    }
  }

  /** Whether every output differs by at most {@code tolerance} times the largest magnitude of its elements. */
  public boolean within(double tolerance) {
    return outputs.stream().allMatch(d -> d.relative() <= tolerance);
  }

  /**
   * Compares two models.
   *
   * @param inputs of the first model by name; the second model takes them in its own order
   * @throws FoveaException if the models' inputs or outputs do not correspond
   */
  public static Parity of(Model a, Model b, Map<String, Tensor> inputs) {
    Model openA = withLayers(a);
    Model openB = withLayers(b);
    Map<String, Tensor> fromA = openA.run(inputs);
    Map<String, Tensor> fromB = openB.run(renamed(a, b, inputs));
    List<Difference> layers = new ArrayList<>();
    fromA.forEach((name, tensor) -> {
      Tensor other = fromB.get(name);
      if (name.startsWith(LAYER) && other != null && other.shape().equals(tensor.shape())) {
        layers.add(Difference.of(name.substring(LAYER.length()), tensor, other));
      }
    });
    return new Parity(outputs(own(fromA), own(fromB)), layers);
  }

  /** Compares a model's outputs, in their order, with those that are expected. */
  public static Parity of(Model model, Map<String, Tensor> inputs, Map<String, Tensor> expected) {
    return new Parity(outputs(model.run(inputs), expected), List.of());
  }

  /** Random inputs of a model's shapes, from -1 to 1: a function of the seed. */
  public static Map<String, Tensor> randomInputs(Model model, long seed) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (Op.Input input : model.graph().inputs()) {
      Tensor tensor = new Tensor(input.shape(), new float[input.shape().size()]);
      Rng random = Rng.of(seed).at(inputs.size());
      for (int i = 0; i < tensor.values().length; i++) {
        tensor.values()[i] = random.uniform(i, -1, 1);
      }
      inputs.put(input.name(), tensor);
    }
    return inputs;
  }

  private static Map<String, Tensor> renamed(Model a, Model b, Map<String, Tensor> inputs) {
    List<Op.Input> from = a.graph().inputs();
    List<Op.Input> to = b.graph().inputs();
    if (from.size() != to.size()) {
      throw new FoveaException("the models have " + from.size() + " and " + to.size() + " inputs, expected the same number");
    }
    Map<String, Tensor> renamed = new LinkedHashMap<>();
    for (int i = 0; i < from.size(); i++) {
      Tensor tensor = inputs.get(from.get(i).name());
      if (tensor == null) {
        throw new FoveaException("the input '" + from.get(i).name() + "' is missing, got " + inputs.keySet());
      }
      renamed.put(to.get(i).name(), tensor);
    }
    return renamed;
  }

  private static Map<String, Tensor> own(Map<String, Tensor> outputs) {
    Map<String, Tensor> own = new LinkedHashMap<>(outputs);
    own.keySet().removeIf(name -> name.startsWith(LAYER));
    return own;
  }

  private static List<Difference> outputs(Map<String, Tensor> a, Map<String, Tensor> b) {
    if (a.size() != b.size()) {
      throw new FoveaException(
          "the outputs " + a.keySet() + " and " + b.keySet() + " cannot be compared: expected as many of each");
    }
    List<Difference> differences = new ArrayList<>();
    Iterator<Tensor> others = b.values().iterator();
    a.forEach((name, tensor) -> {
      Tensor other = others.next();
      if (!tensor.shape().equals(other.shape())) {
        throw new FoveaException("output '" + name + "': the shapes " + tensor.shape() + " and " + other.shape() + " differ");
      }
      differences.add(Difference.of(name, tensor, other));
    });
    return differences;
  }

  /** The model with one more output for each layer that has a weight: its result after a batch normalisation that follows. */
  private static Model withLayers(Model model) {
    Graph graph = Rewrite.inference(model.graph());
    Map<String, Value> layers = new LinkedHashMap<>();
    for (int i = 0; i < graph.nodes().size(); i++) {
      Node node = graph.nodes().get(i);
      Value value = new Value(i);
      Optional<String> layer = node.inputs().stream().map(graph::at).map(Node::op)
          .filter(op -> op instanceof Op.Param param && param.name().endsWith(WEIGHT))
          .map(op -> ((Op.Param) op).name()).map(name -> name.substring(0, name.length() - WEIGHT.length())).findFirst();
      if (node.op() instanceof Op.BatchNormalization) {
        layers.replaceAll((_, known) -> known.equals(node.inputs().getFirst()) ? value : known);
      }
      layer.ifPresent(name -> layers.put(name, value));
    }
    GraphBuilder g = new GraphBuilder();
    List<Value> values = Rewrite.replayInto(g, graph, (_, _, _) -> Optional.empty());
    graph.outputs().forEach((name, value) -> g.output(name, values.get(value.id())));
    layers.forEach((name, value) -> g.output(LAYER + name, values.get(value.id())));
    return new Model(g.build(), model.parameters(), Card.of(model.card().network()));
  }
}
