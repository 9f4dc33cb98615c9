package dev.fovea.explain.survey;

import dev.fovea.data.Dataset;
import dev.fovea.explain.ClassScores;
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
import dev.fovea.tensor.FoveaException;
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
    private final Units units;
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
      units = Units.of(graph, node, result);
      largest = new float[units.count()];
      least = new float[units.count()];
      Arrays.fill(largest, Float.NEGATIVE_INFINITY);
      Arrays.fill(least, Float.POSITIVE_INFINITY);
    }
  }

  private LayerSurvey(Explainer network) {
    this.network = network;
    this.graph = network.graph(1);
    boolean[] needed = Layers.needed(graph, graph.output(Model.OUTPUT));
    IntStream.range(0, needed.length).filter(i -> needed[i] && Layers.hasWeights(graph, graph.nodes().get(i)))
        .forEach(i -> layers.add(new Layer(new Value(i))));
  }

  /** The steps of which {@link #of} tells: one for each image, and for each probe that is trained. */
  public static int steps(Explainer network, Dataset images, Optional<Dataset> training) {
    return images.size() + training.map(others -> others.size() + new LayerSurvey(network).layers.size()).orElse(0);
  }

  /**
   * The layers in the network's order.
   *
   * @param images two or more
   * @param training images on which linear probes are trained; if empty, there are none
   * @param progress receives the number of {@link #steps} done
   * @throws FoveaException if there is only one image, of which nothing is known that images differ in
   */
  public static List<LayerStatistics> of(Explainer network, Dataset images, Optional<Dataset> training, IntConsumer progress) {
    if (images.size() < 2) {
      throw new FoveaException(images.name() + ": expected 2 images or more to measure layers on, got " + images.size());
    }
    LayerSurvey survey = new LayerSurvey(network);
    survey.measure(images, progress);
    if (training.isEmpty()) {
      return survey.layers.stream().map(layer -> survey.statistics(layer, images, OptionalDouble.empty())).toList();
    }
    Dataset others = training.get();
    Map<Layer, List<float[]>> before = survey.means(others, done -> progress.accept(images.size() + done));
    List<LayerStatistics> all = new ArrayList<>();
    before.forEach((layer, means) -> {
      all.add(survey.statistics(layer, images, OptionalDouble.of(survey.probe(layer, images, others, means))));
      progress.accept(images.size() + others.size() + all.size());
    });
    return all;
  }

  private void measure(Dataset images, IntConsumer progress) {
    int scores = graph.outputShape(Model.OUTPUT).dim(1);
    new ImageBatches(network, images).forEach((first, inputs) -> {
      int count = inputs.shape().dim(0);
      Tensor classes = ClassScores.oneHot(IntStream.range(first, first + count).map(images::label).toArray(), scores);
      add(network.run("survey", inputs, classes, network::graph, this::measured), count);
    }, progress);
  }

  private Map<String, Value> measured(Pass pass) {
    GraphBuilder g = pass.g();
    int images = g.shape(pass.input()).dim(0);
    Map<String, Value> outputs = means(pass);
    List<Value> results = layers.stream().map(layer -> layer.result).toList();
    Map<Value, Value> gradients =
        Gradients.of(g, pass.output(), ClassScores.lossGradient(pass), results, Gradients.Rule.DERIVATIVE);
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      Value x = layer.result;
      Value zero = g.number(0);
      outputs.put(SQUARE + i, squares(g, x, images));
      outputs.put(OTHER_THAN_ZERO + i, sum(g, g.add(g.op(new Op.Less(), x, zero), g.op(new Op.Less(), zero, x)), images));
      outputs.put(LARGEST + i, layer.units.largest(g, x, images));
      outputs.put(LEAST + i, layer.units.largest(g, g.mul(x, g.number(-1)), images));
      Value gradient = gradients.get(x);
      if (gradient != null) {
        outputs.put(GRADIENT + i, squares(g, gradient, images));
      }
    }
    return outputs;
  }

  private Map<String, Value> means(Pass pass) {
    Map<String, Value> outputs = new LinkedHashMap<>();
    int images = pass.g().shape(pass.input()).dim(0);
    for (int i = 0; i < layers.size(); i++) {
      outputs.put(MEANS + i, layers.get(i).units.means(pass.g(), layers.get(i).result, images));
    }
    return outputs;
  }

  private static Value squares(GraphBuilder g, Value x, int images) {
    return sum(g, g.mul(x, x), images);
  }

  /** Of each image. */
  private static Value sum(GraphBuilder g, Value x, int images) {
    return g.op(new Op.Sum(1), g.op(new Op.Reshape(List.of(new Op.Dim.Size(images), new Op.Dim.Rest())), x));
  }

  private void add(Map<String, Tensor> outputs, int images) {
    Function<String, float[]> values = name -> Objects.requireNonNull(outputs.get(name)).values();
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      for (int n = 0; n < images; n++) {
        layer.square += values.apply(SQUARE + i)[n];
        layer.nonzero += values.apply(OTHER_THAN_ZERO + i)[n];
        layer.gradient += outputs.containsKey(GRADIENT + i) ? Math.sqrt(values.apply(GRADIENT + i)[n]) : Double.NaN;
        for (int u = 0; u < layer.units.count(); u++) {
          layer.largest[u] = Math.max(layer.largest[u], values.apply(LARGEST + i)[n * layer.units.count() + u]);
          layer.least[u] = Math.min(layer.least[u], -values.apply(LEAST + i)[n * layer.units.count() + u]);
        }
        layer.means.add(Explainer.row(Objects.requireNonNull(outputs.get(MEANS + i)), n).values());
      }
    }
  }

  /** By layer, a row for each image. */
  private Map<Layer, List<float[]>> means(Dataset images, IntConsumer progress) {
    Map<Layer, List<float[]>> to = new LinkedHashMap<>();
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
    return to;
  }

  private double probe(Layer layer, Dataset images, Dataset training, List<float[]> means) {
    return LinearProbe.accuracy(means.toArray(float[][]::new), labels(training), layer.means.toArray(float[][]::new),
        labels(images), images.classes().size(), network.threads());
  }

  private static int[] labels(Dataset images) {
    return IntStream.range(0, images.size()).map(images::label).toArray();
  }

  private LayerStatistics statistics(Layer layer, Dataset images, OptionalDouble probe) {
    double count = images.size();
    double size = layer.shape.size();
    long dead = IntStream.range(0, layer.units.count()).filter(u -> layer.largest[u] == layer.least[u]).count();
    return new LayerStatistics(layer.node.where(), layer.node.op().type(), layer.shape.withoutBatch(), weightNorm(layer.node),
        Math.sqrt(layer.square / count / size), 1 - layer.nonzero / count / size,
        PrincipalComponents.of(layer.means).effectiveRank(),
        (double) dead / layer.units.count(),
        Double.isNaN(layer.gradient) ? OptionalDouble.empty() : OptionalDouble.of(layer.gradient / count), probe);
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
