package dev.fovea.explain.survey;

import dev.fovea.data.Dataset;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Layers;
import dev.fovea.explain.Pass;
import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Value;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Measures every layer with weights of a classifier in one pass over images; the graph sums, so that no map is kept. */
public final class LayerSurvey {
  private static final String SQUARE = "square of ";
  private static final String OTHER_THAN_ZERO = "nonzero of ";
  private static final String MEANS = "means of ";
  private static final String LARGEST = "largest of ";
  private static final String LEAST = "least of ";
  private static final String GRADIENT = "gradient of ";

  private final Explainer network;
  private final Graph graph;
  private final List<Layer> layers = new ArrayList<>();

  /** A layer's node, what becomes of its result, and what is known of that so far. */
  private final class Layer {
    private final Node node;
    private final Value result;
    private final Shape shape;
    private final List<float[]> means = new ArrayList<>();
    private final float[] largest;
    private final float[] least;
    private double square;
    private double gradient;
    private double nonzero;

    Layer(Value value) {
      node = graph.at(value);
      result = Layers.activated(graph, value).getLast();
      shape = graph.at(result).shape();
      largest = new float[units()];
      least = new float[units()];
      Arrays.fill(largest, Float.NEGATIVE_INFINITY);
      Arrays.fill(least, Float.POSITIVE_INFINITY);
    }

    /** Maps, or numbers of a result that has none. */
    int units() {
      return shape.rank() == 4 ? shape.dim(1) : shape.sizeFrom(1);
    }
  }

  private LayerSurvey(Explainer network) {
    this.network = network;
    this.graph = network.graph(1);
    boolean[] needed = Layers.needed(graph, graph.output(Model.OUTPUT));
    IntStream.range(0, needed.length).filter(i -> needed[i] && Layers.hasWeights(graph, graph.nodes().get(i)))
        .forEach(i -> layers.add(new Layer(new Value(i))));
  }

  /**
   * The layers in the network's order.
   *
   * @param training images on which linear probes are trained; if empty, there are none
   * @param progress receives the number of images done, of both
   */
  public static List<LayerStatistics> of(Explainer network, Dataset images, Optional<Dataset> training, IntConsumer progress) {
    LayerSurvey survey = new LayerSurvey(network);
    survey.measure(images, progress);
    Map<Layer, List<float[]>> before = new LinkedHashMap<>();
    training.ifPresent(others -> survey.means(others, before, done -> progress.accept(images.size() + done)));
    return survey.layers.stream().map(layer -> survey.statistics(layer, images,
        training.map(others -> survey.probe(layer, images, others, Objects.requireNonNull(before.get(layer)))))).toList();
  }

  private void measure(Dataset images, IntConsumer progress) {
    new ImageBatches(network, images).forEach((first, inputs) -> {
      Tensor outputs = network.outputs(inputs);
      Tensor seeds = LossGradient.of(outputs, n -> images.label(first + n));
      add(network.run("survey", inputs, seeds, network::graph, this::measured), inputs.shape().dim(0));
    }, progress);
  }

  private Map<String, Value> measured(Pass pass) {
    GraphBuilder g = pass.g();
    Map<String, Value> outputs = means(pass);
    List<Value> results = layers.stream().map(layer -> layer.result).toList();
    Map<Value, Value> gradients = Gradients.of(g, pass.output(), pass.weights(), results, Gradients.Rule.DERIVATIVE);
    for (int i = 0; i < layers.size(); i++) {
      Value x = layers.get(i).result;
      outputs.put(SQUARE + i, squares(g, x));
      Value zero = g.number(0);
      outputs.put(OTHER_THAN_ZERO + i, sum(g, g.add(g.op(new Op.Less(), x, zero), g.op(new Op.Less(), zero, x))));
      outputs.put(LARGEST + i, largest(g, x));
      outputs.put(LEAST + i, largest(g, g.mul(x, g.number(-1))));
      outputs.put(GRADIENT + i, squares(g, Objects.requireNonNull(gradients.get(x))));
    }
    return outputs;
  }

  private Map<String, Value> means(Pass pass) {
    Map<String, Value> outputs = new LinkedHashMap<>();
    for (int i = 0; i < layers.size(); i++) {
      Value x = layers.get(i).result;
      boolean maps = pass.g().shape(x).rank() == 4;
      outputs.put(MEANS + i, flat(pass.g(), maps ? pass.g().op(new Op.AdaptiveAveragePool(1, 1), x) : x));
    }
    return outputs;
  }

  private static Value largest(GraphBuilder g, Value x) {
    return flat(g, g.shape(x).rank() == 4 ? g.op(new Op.AdaptiveMaxPool(1, 1), x) : x);
  }

  private static Value flat(GraphBuilder g, Value x) {
    return g.op(new Op.Flatten(), x);
  }

  private static Value squares(GraphBuilder g, Value x) {
    return sum(g, g.mul(x, x));
  }

  /** Of each image. */
  private static Value sum(GraphBuilder g, Value x) {
    return g.op(new Op.Sum(1), flat(g, x));
  }

  private void add(Map<String, Tensor> outputs, int images) {
    Function<String, float[]> values = name -> Objects.requireNonNull(outputs.get(name)).values();
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      for (int n = 0; n < images; n++) {
        layer.square += values.apply(SQUARE + i)[n];
        layer.nonzero += values.apply(OTHER_THAN_ZERO + i)[n];
        layer.gradient += Math.sqrt(values.apply(GRADIENT + i)[n]);
        for (int u = 0; u < layer.units(); u++) {
          layer.largest[u] = Math.max(layer.largest[u], values.apply(LARGEST + i)[n * layer.units() + u]);
          layer.least[u] = Math.min(layer.least[u], -values.apply(LEAST + i)[n * layer.units() + u]);
        }
        layer.means.add(Explainer.row(Objects.requireNonNull(outputs.get(MEANS + i)), n).values());
      }
    }
  }

  private void means(Dataset images, Map<Layer, List<float[]>> to, IntConsumer progress) {
    layers.forEach(layer -> to.put(layer, new ArrayList<>()));
    new ImageBatches(network, images).forEach((_, inputs) -> {
      Map<String, Tensor> outputs = network.run("means", inputs, this::means);
      for (int i = 0; i < layers.size(); i++) {
        for (int n = 0; n < inputs.shape().dim(0); n++) {
          Objects.requireNonNull(to.get(layers.get(i)))
              .add(Explainer.row(Objects.requireNonNull(outputs.get(MEANS + i)), n).values());
        }
      }
    }, progress);
  }

  private double probe(Layer layer, Dataset images, Dataset training, List<float[]> means) {
    return LinearProbe.accuracy(means.toArray(float[][]::new), labels(training), layer.means.toArray(float[][]::new),
        labels(images), images.classes().size(), network.threads());
  }

  private static int[] labels(Dataset images) {
    return IntStream.range(0, images.size()).map(images::label).toArray();
  }

  private LayerStatistics statistics(Layer layer, Dataset images, Optional<Double> probe) {
    double count = images.size();
    double size = layer.shape.sizeFrom(1);
    long dead = IntStream.range(0, layer.units()).filter(u -> layer.largest[u] == layer.least[u]).count();
    return new LayerStatistics(layer.node.where(), layer.node.op().type(), layer.shape.withoutBatch(), weightNorm(layer.node),
        Math.sqrt(layer.square / count / size), 1 - layer.nonzero / count / size,
        PrincipalComponents.of(layer.means).effectiveRank(),
        (double) dead / layer.units(),
        layer.gradient / count, probe.map(OptionalDouble::of).orElse(OptionalDouble.empty()));
  }

  private double weightNorm(Node node) {
    Parameters parameters = network.model().parameters();
    double square = 0;
    for (Value operand : node.inputs().subList(0, Math.min(2, node.inputs().size()))) {
      if (graph.at(operand).op() instanceof Op.Param param) {
        int offset = parameters.entry(param.name()).offset();
        for (int i = offset; i < offset + param.shape().size(); i++) {
          square += (double) parameters.values()[i] * parameters.values()[i];
        }
      }
    }
    return Math.sqrt(square);
  }
}
