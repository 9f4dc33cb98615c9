package dev.fovea.model;

import dev.fovea.graph.BatchDependence;
import dev.fovea.graph.BatchDependence.Dependence;
import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Program;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Layer;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A network with its parameters: a forward graph for one image (input {@value #INPUT}, output {@value #OUTPUT}, its logits), the
 * parameters and a {@link Card}. Logits of {@code 1 x classes} classify the image; logits of {@code 1 x classes x H x W},
 * of the input's size, classify each pixel. Prediction is thread-safe as long as the parameters do not change.
 */
public final class Model {
  public static final String INPUT = "input";
  public static final String OUTPUT = "output";

  /** The name of a model's file in a folder, such as a run's folder. */
  public static final String FILE = "model.safetensors";

  private final Graph graph;
  private final Parameters parameters;
  private final Card card;
  private final int threads;
  private final Predictor predictor;

  public Model(Graph graph, Parameters parameters, Card card) {
    this(graph, parameters, card, 1);
  }

  private Model(Graph graph, Parameters parameters, Card card, int threads) {
    this.graph = graph;
    this.parameters = parameters;
    this.card = card;
    this.threads = threads;
    this.predictor = new Predictor(graph, parameters, card, threads);
    check();
  }

  private void check() {
    if (graph.inputs().size() != 1 || !graph.inputs().getFirst().name().equals(INPUT) || !graph.outputs().containsKey(OUTPUT)) {
      List<String> inputs = graph.inputs().stream().map(Op.Input::name).toList();
      throw new FoveaException(
          "a model's graph has one input '" + INPUT + "' and an output '" + OUTPUT + "', got " + inputs + " and "
              + graph.outputs().keySet());
    }
    checkOutput(graph.outputShape(OUTPUT), card.classes().size());
    List<Dependence> dependences = BatchDependence.of(graph);
    graph.outputs().forEach((name, value) -> checkOutputAxis(name, dependences.get(value.id())));
    Preprocessing p = card.preprocessing();
    if (!input().equals(Shape.of(p.channels(), p.height(), p.width()))) {
      throw new FoveaException(
          "the network expects an input of " + input() + ", its preprocessing produces " + p.channels() + "x" + p.height() + "x"
              + p.width());
    }
  }

  /** Checks that an output can be used for prediction and training with any batch size. */
  private void checkOutputAxis(String name, Dependence dependence) {
    if (name.equals(OUTPUT) && graph.heads().containsKey(OUTPUT)) {
      throw new FoveaException("the output '" + OUTPUT + "' is also a head, which only training uses");
    }
    if (Rewrite.updatedParameterOf(name).isPresent() || Gradients.parameterOf(name).isPresent()) {
      throw new FoveaException("the output name '" + name + "' is reserved for training: rename it");
    }
    switch (dependence) {
      case BY_IMAGE -> {}
      case CONSTANT -> throw new FoveaException("the output '" + name + "' does not depend on the input");
      case MIXED -> throw new FoveaException(
          "the output '" + name
              + "' mixes the images of a batch; each image needs a separate row along axis 0, as in the input");
    }
  }

  private void checkOutput(Shape output, int classes) {
    if (segments()) {
      if (output.dim(1) != classes) {
        throw new FoveaException("a segmentation model of " + classes + " classes needs a map for each class, got " + output);
      }
      if (card.preprocessing().fit() != Fit.STRETCH) {
        throw new FoveaException("a segmentation model labels the whole image, so its preprocessing must stretch it, got "
            + card.preprocessing().fit());
      }
      return;
    }
    boolean oneLogit = classes == 2 && output.equals(Shape.of(1, 1));
    if (!oneLogit && !output.equals(Shape.of(1, classes))) {
      throw new FoveaException("a model of " + classes + " classes needs an output for each class, got " + output);
    }
  }

  /**
   * A new network, initialised from the seed; its classes are named 0, 1, 2, ... and pixels are scaled to 0 to 1.
   */
  public static Model create(Layer layer, Shape input, long seed) {
    Graph graph = graphOf(layer, input);
    Shape output = graph.outputShape(OUTPUT);
    int outputs = output.rank() == 4 ? output.dim(1) : output.size();
    List<String> classes = IntStream.range(0, Math.max(2, outputs)).mapToObj(String::valueOf).toList();
    return create(layer, new Card("network", classes, Preprocessing.of(input, Fit.STRETCH), Map.of()), seed);
  }

  /** A new network, initialised from the seed, for images after the card's preprocessing. */
  public static Model create(Layer layer, Card card, long seed) {
    Preprocessing p = card.preprocessing();
    Graph graph = graphOf(layer, Shape.of(p.channels(), p.height(), p.width()));
    return new Model(graph, Parameters.initial(graph, seed), card);
  }

  /** The forward graph of a layer for one image of C x H x W. */
  public static Graph graphOf(Layer layer, Shape input) {
    GraphBuilder g = new GraphBuilder();
    Value logits = layer.apply(g, g.input(INPUT, input.batch(1)));
    g.output(OUTPUT, logits);
    return g.build();
  }

  public Graph graph() {
    return graph;
  }

  public Parameters parameters() {
    return parameters;
  }

  public Card card() {
    return card;
  }

  /** The shape of its input image, C x H x W. */
  public Shape input() {
    return graph.inputs().getFirst().shape().withoutBatch();
  }

  /** The same network with the same parameters, not copied, for images of another size, C x H x W. */
  public Model withInput(Shape image) {
    Graph other = Rewrite.withInputs(graph, Map.of(INPUT, image.batch(1)));
    Preprocessing sized = card.preprocessing().size(image.dim(1), image.dim(2));
    return new Model(other, parameters, new Card(card.network(), card.classes(), sized, card.provenance()), threads);
  }

  /**
   * This classifier as a network for images of any size, {@link #withInput}: its fully connected layers become convolutions, its
   * global and adaptive pools windows of their current size. No weight changes. The output is a map of logits.
   *
   * @throws FoveaException if a layer cannot be converted, with its name
   */
  public Model fullyConvolutional() {
    return FullyConvolutional.of(this);
  }

  /** The same network with the same parameters, not copied, and another card. */
  public Model withCard(Card other) {
    return new Model(graph, parameters, other, threads);
  }

  /** The same network with the same parameters, not copied; a prediction uses up to this many threads instead of one. */
  public Model withThreads(int threads) {
    if (threads < 1) {
      throw new FoveaException("threads: expected 1 or more, got " + threads);
    }
    return new Model(graph, parameters, card, threads);
  }

  /** Plans prediction for {@code batch} images at once. */
  public Program program(int batch, int threads) {
    return Predictor.plan(graph, parameters, batch, threads);
  }

  /** Whether it is a segmentation model, for {@link #segment}; otherwise it is a classifier, for {@link #predict}. */
  public boolean segments() {
    return graph.outputShape(OUTPUT).rank() == 4;
  }

  /**
   * Classifies an image.
   *
   * @throws FoveaException if the model is not a classifier, or its outputs are not finite
   */
  public Prediction predict(Image image) {
    return predictor.predict(image);
  }

  public Prediction predict(BufferedImage image) {
    return predict(Image.of(image));
  }

  /** Classifies an image file: PNG, JPEG, GIF or BMP. */
  public Prediction predict(Path file) {
    return predict(Image.read(file));
  }

  /** Labels each pixel of an image, at the image's own size; for a segmentation model. */
  public Segmentation segment(Image image) {
    return predictor.segment(image);
  }

  public Segmentation segment(BufferedImage image) {
    return segment(Image.of(image));
  }

  /** Labels each pixel of an image file. */
  public Segmentation segment(Path file) {
    return segment(Image.read(file));
  }

  /**
   * Loads the tensors of a file of any format ({@link ModelFormats}) whose name and shape match a parameter; other parameters keep their
   * values.
   */
  public Transfer loadWeights(Path weights) {
    return Transfer.of(weights, this);
  }

  /** Writes the whole model as one {@code .safetensors} file, which Python's safetensors opens too. */
  public void save(Path file) {
    ModelFile.write(this, file);
  }

  /**
   * Reads a model that {@link #save} wrote; for a folder, such as a run's, its {@value #FILE}.
   *
   * @throws FoveaException in one line that names the file, if it is missing, damaged or not a model
   */
  public static Model load(Path fileOrFolder) {
    return ModelFile.read(Files.isDirectory(fileOrFolder) ? fileOrFolder.resolve(FILE) : fileOrFolder);
  }
}
