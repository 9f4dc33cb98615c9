package dev.fovea.model;

import dev.fovea.graph.BatchDependence;
import dev.fovea.graph.BatchDependence.Dependence;
import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Program;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.image.TestTimeAugmentation;
import dev.fovea.layer.Layer;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A network with its parameters: a forward graph with named inputs and outputs, the parameters and a {@link Card}. Any model
 * {@linkplain #run runs} on tensors. If the card names a {@link Task}, the model's one input is an image and its main output tells it:
 * {@code N x classes} classify the image, {@code N x classes x H x W}, of the input's size, classify each pixel, {@code N x numbers}
 * are numbers of the image. Running is thread-safe as long as the parameters do not change.
 */
public final class Model {
  /** The input of a network that was created here. */
  public static final String INPUT = "input";

  /** The main output of a network that was created here: its logits. */
  public static final String OUTPUT = "output";

  /** The name of a model's file in a folder, such as a run's folder. */
  public static final String FILE = "model.safetensors";

  private final Graph graph;
  private final Parameters parameters;
  private final Card card;
  private final int threads;
  private final Runner runner;

  /** Null until it is needed; this model itself if it is in standard form. */
  private volatile @Nullable Model standard;

  public Model(Graph graph, Parameters parameters, Card card) {
    this(graph, parameters, card, 1);
  }

  private Model(Graph graph, Parameters parameters, Card card, int threads) {
    this.graph = graph;
    this.parameters = parameters;
    this.card = card;
    this.threads = threads;
    this.runner = new Runner(graph, parameters, threads);
    check();
    if (card.task().isKnown()) {
      standardForm().checkTask();
    }
  }

  private void check() {
    if (graph.outputs().keySet().stream().allMatch(graph.heads()::containsKey)) {
      throw new FoveaException(
          "a model needs an output that is no head, which only training uses, got " + graph.outputs().keySet());
    }
    for (String name : graph.outputs().keySet()) {
      if (Rewrite.updatedParameterOf(name).isPresent() || Gradients.parameterOf(name).isPresent()) {
        throw new FoveaException("the output name '" + name + "' is reserved for training: rename it");
      }
    }
  }

  /** Checks that a model in standard form can be used for prediction and training with any batch size. */
  private void checkTask() {
    Preprocessing p = card.preprocessing();
    if (!input().equals(p.shape())) {
      throw new FoveaException(
          "the network expects an input of " + input() + ", its preprocessing produces " + p.channels() + "x" + p.height() + "x"
              + p.width());
    }
    checkOutput(graph.outputShape(OUTPUT), card.task());
    List<Dependence> dependences = BatchDependence.of(graph);
    graph.outputs().forEach((name, value) -> checkBatch(name, dependences.get(value.id())));
  }

  private static void checkBatch(String name, Dependence dependence) {
    switch (dependence) {
      case BY_IMAGE -> {}
      case CONSTANT -> throw new FoveaException("the output '" + name + "' does not depend on the input");
      case MIXED -> throw new FoveaException(
          "the output '" + name
              + "' mixes the images of a batch; each image needs a separate row along axis 0, as in the input");
    }
  }

  private void checkOutput(Shape output, Task task) {
    int classes = task.size();
    if (!(task instanceof Task.OneLabel)) {
      if (!(output.rank() >= 2 && output.dim(1) == classes && output.size() == classes)) {
        throw new FoveaException("a model of " + task.kind() + " needs one output for each of " + classes + ", got " + output);
      }
      return;
    }
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
    if (!oneLogit && !(output.rank() >= 2 && output.dim(1) == classes && output.size() == classes)) {
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

  /** The shape of its first input without the batch axis: of an image, C x H x W. */
  public Shape input() {
    return graph.inputs().getFirst().shape().withoutBatch();
  }

  /** The same network with the same parameters, not copied, for images of another size, C x H x W. */
  public Model withInput(Shape image) {
    Graph other = Rewrite.withInputs(graph, Map.of(graph.inputs().getFirst().name(), image.batch(1)));
    Card sized =
        card.image().map(p -> card.preprocessing(p.size(image.dim(1), image.dim(2))).provenance(card.provenance())).orElse(card);
    return new Model(other, parameters, sized, threads);
  }

  /**
   * This model in the form that training and prediction use: one input {@value #INPUT} of {@code N x C x H x W} and the logits
   * {@value #OUTPUT}. Parameters are not copied. A network that was created here is in this form; one from elsewhere may have other
   * names, channels as its last axis, or a softmax at its end.
   *
   * @throws FoveaException if nothing is known about its outputs, or if it has several inputs or one that is not an image
   */
  @SuppressWarnings("ReferenceEquality") // the same graph is returned if it has the form
  public Model standardForm() {
    if (!card.task().isKnown()) {
      throw new FoveaException(card.network() + ": nothing is known about what its outputs mean: run it on arrays, or convert it"
          + " with the names of its classes");
    }
    Model form = standard;
    if (form == null) {
      Graph standardGraph = new StandardForm(card.network(), graph).graph(mainOutput());
      form = standardGraph == graph ? this : new Model(standardGraph, parameters, card, threads);
      standard = form;
    }
    return form;
  }

  /**
   * The form of {@link #standardForm()}, with one output as it is: of any shape, whatever it means, probabilities if these are its
   * numbers. Nothing is known about them, then.
   *
   * @param output its name in this model
   * @throws FoveaException if there is no such output, or if the model has several inputs or one that is not an image
   */
  public Model standardForm(String output) {
    if (!graph.outputs().containsKey(output)) {
      throw new FoveaException(
          card.network() + ": has no output '" + output + "': " + Names.nearest(output, graph.outputs().keySet()));
    }
    Card unknown = new Card(card.network(), new Task.None(), card.image(), Set.of(), card.provenance());
    return new Model(new StandardForm(card.network(), graph).graphOf(output), parameters, unknown, threads);
  }

  /**
   * Runs the network on tensors, with its inputs' names; their sizes may differ from the graph's, unless the network fixes them.
   *
   * @return the outputs by name, without heads
   * @throws FoveaException if an input is missing, unknown or has a shape that the network cannot take
   */
  public Map<String, Tensor> run(Map<String, Tensor> inputs) {
    return runner.run(inputs);
  }

  /** As {@link #run(Map)}, for a network with one input: its {@linkplain #mainOutput() main output}. */
  public Tensor run(Tensor input) {
    if (graph.inputs().size() != 1) {
      throw new FoveaException(card.network() + " has " + graph.inputs().size() + " inputs: name each tensor's");
    }
    return Objects.requireNonNull(run(Map.of(graph.inputs().getFirst().name(), input)).get(mainOutput()));
  }

  /**
   * This classifier as a network for images of any size, {@link #withInput}: its fully connected layers become convolutions, its
   * global and adaptive pools windows of their current size. No weight changes. The output is a map of logits.
   *
   * @throws FoveaException if a layer cannot be converted, with its name, or the model is no classifier
   */
  public Model fullyConvolutional() {
    return FullyConvolutional.of(standardForm());
  }

  /** As {@link #withTask}, for one label of these classes. */
  public Model withClasses(List<String> classes, long seed) {
    return withTask(new Task.OneLabel(classes), seed);
  }

  /**
   * This model in standard form for another task, to be trained on. If it has another number of classes or numbers, the last layer is
   * initialised from the seed, as are those of its heads; all other parameters keep their values. They are copied. The temperature
   * is 1 again, since other parameters need another.
   *
   * @throws FoveaException if nothing is known about its outputs, or their number is built into more than the last layer
   */
  public Model withTask(Task task, long seed) {
    Model form = standardForm();
    return LastLayer.of(form, form.card.task(task).temperature(1), seed).withThreads(threads);
  }

  /**
   * The names of the parameters of the last layer, which scores the classes, and of the last layers of its heads; all others are the
   * body, which is common to all tasks.
   *
   * @throws FoveaException if nothing is known about its outputs, or several layers score the classes
   */
  public Set<String> lastLayer() {
    return LastLayer.parameters(standardForm());
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
    return Runner.compile(Rewrite.withBatch(graph, batch), parameters, threads);
  }

  /**
   * Whether its main output is a map, so that a model with classes labels each pixel and is for {@link #segment}; otherwise it
   * tells of whole images, for {@link #predict} or {@link #numbers}.
   */
  public boolean segments() {
    Shape output = graph.outputShape(mainOutput());
    return output.rank() == 4 && output.sizeFrom(2) > 1;
  }

  /** Whether it gives each image one label. */
  public boolean classifies() {
    return card.task() instanceof Task.OneLabel && !segments();
  }

  /** The name of the output that scores classes, if the card names some: {@value #OUTPUT}, or else the first that is no head. */
  public String mainOutput() {
    return mainOutput(graph);
  }

  static String mainOutput(Graph graph) {
    return graph.outputs().containsKey(OUTPUT) && !graph.heads().containsKey(OUTPUT) ? OUTPUT
        : graph.outputs().keySet().stream().filter(name -> !graph.heads().containsKey(name)).findFirst().orElse(OUTPUT);
  }

  private Predictor predictor() {
    Model form = standardForm();
    return new Predictor(form, form.runner);
  }

  /**
   * Classifies an image, into one class or several.
   *
   * @throws FoveaException if the model is not a classifier, or its outputs are not finite
   */
  public Prediction predict(Image image) {
    return predict(image, TestTimeAugmentation.NONE);
  }

  /** Classifies an image by the mean of the probabilities of its views. */
  public Prediction predict(Image image, TestTimeAugmentation augmentation) {
    return predictor().predict(image, augmentation);
  }

  public Prediction predict(BufferedImage image) {
    return predict(Image.of(image));
  }

  /** Classifies an image file, as {@link Image#read(Path)} reads it. */
  public Prediction predict(Path file) {
    return predict(Image.read(file));
  }

  /**
   * The numbers of an image by name, in the user's units.
   *
   * @throws FoveaException if the model is not one of numbers, or its outputs are not finite
   */
  public Map<String, Double> numbers(Image image) {
    return predictor().numbers(image);
  }

  /** Labels each pixel of an image, at the image's own size; for a segmentation model. */
  public Segmentation segment(Image image) {
    return predictor().segment(image);
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
   * Reads a model that {@link #save} wrote, or one of another {@linkplain ModelFormats format}; for a folder, such as a run's, its
   * {@value #FILE}.
   *
   * @throws FoveaException in one line that names the file, if it is missing, damaged or not a model
   */
  public static Model load(Path fileOrFolder) {
    return other(fileOrFolder).map(format -> format.read(fileOrFolder)).orElseGet(() -> own(fileOrFolder));
  }

  /**
   * As {@link #load(Path)}, for these inputs of {@link #run}: sizes that the file leaves open are theirs, and an input from which
   * the network computes a shape becomes a constant.
   */
  public static Model load(Path fileOrFolder, Map<String, Tensor> inputs) {
    return other(fileOrFolder).map(format -> format.read(fileOrFolder, inputs)).orElseGet(() -> own(fileOrFolder));
  }

  /** The format of a file that is to be read, if it is not Fovea's own. */
  private static Optional<ModelFormat> other(Path fileOrFolder) {
    Optional<ModelFormat> format = ModelFormats.of(fileOrFolder);
    format.ifPresent(_ -> ModelFile.warmUp(fileOrFolder.toFile().length()));
    return format;
  }

  private static Model own(Path fileOrFolder) {
    return ModelFile.read(Files.isDirectory(fileOrFolder) ? fileOrFolder.resolve(FILE) : fileOrFolder);
  }
}
