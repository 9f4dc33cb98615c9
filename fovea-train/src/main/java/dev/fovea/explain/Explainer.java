package dev.fovea.explain;

import dev.fovea.graph.Backends;
import dev.fovea.graph.BatchDependence;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.image.Image;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.model.Task;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;

/**
 * Explains a model's answers. Safe from many threads.
 *
 * <pre>{@code
 * Explainer explainer = Explainer.of(Model.load(file));
 * Attribution why = explainer.explain(GradCam.LAST_MAPS, Image.read(photo), Target.HIGHEST);
 * }</pre>
 */
public final class Explainer {
  /** The number of rewritten networks that are kept, with their memory; the one that was used least recently is dropped. */
  private static final int MAX_KEPT = 4;

  /** Images in a batch, and the elements of its largest tensor, 128 MiB, above which it has fewer. */
  private static final int BATCH = 32;

  private static final long MAX_ELEMENTS = 1 << 25;

  private final Model model;

  /** Paths of layers that the model had before it got this form. */
  private final Set<String> leftOut;

  private final int threads;
  private final IntConsumer listener;
  private final AtomicLong passes = new AtomicLong();
  private final Map<Object, Model> kept = new LinkedHashMap<>(MAX_KEPT, 0.75f, true);

  private Explainer(Model model, Set<String> leftOut, int threads, IntConsumer listener) {
    this.model = model;
    this.leftOut = leftOut;
    this.threads = threads;
    this.listener = listener;
  }

  /**
   * Explains a model, on one thread: the scores of its classes before a softmax; of a model that promises no classes, the numbers of
   * its main output, those before a softmax, too.
   *
   * @throws FoveaException if it has several inputs, or one that is no image
   */
  public static Explainer of(Model model) {
    if (model.card().task().isKnown()) {
      Model form = model.standardForm();
      return of(model, form.withCard(form.card()));
    }
    Model form = model.standardForm(model.mainOutput());
    Graph graph = form.graph();
    Value output = graph.output(Model.OUTPUT);
    return of(model, numbers(form, graph.at(output).op() instanceof Op.Softmax ? graph.at(output).inputs().getFirst() : output));
  }

  /**
   * Explains one output of a model as it is, whatever it means: a {@link Target.Index} is that of a number in row-major order.
   *
   * @throws FoveaException if there is no such output, or the model has several inputs or one that is no image
   */
  public static Explainer of(Model model, String output) {
    Model form = model.standardForm(output);
    return of(model, numbers(form, form.graph().output(Model.OUTPUT)));
  }

  private static Explainer of(Model model, Model form) {
    Set<String> leftOut = Layers.paths(Rewrite.prune(model.graph()));
    leftOut.removeAll(Layers.paths(Rewrite.inference(form.graph())));
    return new Explainer(form, leftOut, 1, _ -> {});
  }

  /** The numbers of a value in a row for each image, or in one row if its first axis is not that of the images. */
  private static Model numbers(Model form, Value value) {
    Graph graph = form.graph();
    List<Op.Dim> row = switch (BatchDependence.of(graph).get(value.id())) {
      case BY_IMAGE -> List.of(new Op.Dim.Axis(0), new Op.Dim.Rest());
      case MIXED -> List.of(new Op.Dim.Size(1), new Op.Dim.Rest());
      case CONSTANT -> throw new FoveaException(graph.at(value).where() + ": does not depend on the image");
    };
    return upTo(form, graph, value, (g, output) -> g.op(new Op.Reshape(row), output));
  }

  /** A model that ends in a value of a graph, of which an output is made. */
  private static Model upTo(Model model, Graph graph, Value value, BiFunction<GraphBuilder, Value, Value> output) {
    GraphBuilder g = new GraphBuilder();
    List<Value> values = Rewrite.replayInto(g, graph, (_, _, _) -> Optional.empty());
    g.output(Model.OUTPUT, output.apply(g, values.get(value.id())));
    Card unknown = new Card(model.card().network(), new Task.None(), model.card().image(), Set.of(), Map.of());
    return new Model(Rewrite.prune(g.build()), model.parameters(), unknown);
  }

  /** The same on up to that number of threads; results do not depend on it. */
  public Explainer threads(int threads) {
    return new Explainer(model.withThreads(threads), leftOut, threads, listener);
  }

  /**
   * The same, which tells after each run of the network on how many images it was run since it was created; from the thread that runs
   * it.
   */
  public Explainer listen(IntConsumer progress) {
    return new Explainer(model, leftOut, threads, progress);
  }

  /** Explains the same of another model with this one's outputs, on as many threads. */
  public Explainer with(Model other) {
    return new Explainer(other, leftOut, 1, listener).threads(threads);
  }

  /** Explains the numbers of a layer: the network up to its result, {@link #layer}, which becomes the output. */
  public Explainer upTo(Value layer) {
    return new Explainer(upTo(model, graph(1), layer, (_, value) -> value), leftOut, 1, listener).threads(threads);
  }

  public Model model() {
    return model;
  }

  /** The number of threads at most. */
  public int threads() {
    return threads;
  }

  /** Explains the answer for an image. */
  public Attribution explain(Method method, Image image, Target target) {
    Tensor input = input(image);
    return method.explain(this, input, answer(input, target));
  }

  /** The network's input for an image, {@code 1 x C x H x W}. */
  public Tensor input(Image image) {
    Shape shape = model.input().batch(1);
    float[] values = new float[shape.size()];
    model.card().preprocessing().apply(image, values, 0);
    return new Tensor(shape, values);
  }

  /** The outputs for a batch of inputs. */
  public Tensor outputs(Tensor inputs) {
    Tensor outputs = model.run(inputs);
    ran(inputs.shape().dim(0));
    return outputs;
  }

  private void ran(int images) {
    listener.accept((int) Math.min(Integer.MAX_VALUE, passes.addAndGet(images)));
  }

  /** The score of that answer for another input. */
  public double score(Tensor input, Answer answer) {
    return answer.scoreOf(outputs(input), 0);
  }

  // ---- The answer

  /**
   * What the network says of that input.
   *
   * @throws FoveaException if there is no such class
   */
  public Answer answer(Tensor input, Target target) {
    Tensor outputs = outputs(input);
    Tensor scores =
        model.card().task().isKnown() ? row(outputs, 0) : new Tensor(Shape.of(outputs.shape().size()), outputs.values());
    int positions = scores.shape().sizeFrom(1);
    boolean two = isOneScoreOfTwo(scores);
    int index = index(scores, target);
    float[] weights = new float[scores.values().length];
    for (int p = 0; p < positions; p++) {
      boolean says = positions == 1 || ClassScores.highest(scores, p, two) == index;
      weights[(two ? 0 : index) * positions + p] = says ? two && index == 0 ? -1 : 1 : 0;
    }
    Answer answer = new Answer(index, label(index), 0, new Tensor(model.graph().outputShape(Model.OUTPUT).with(0, 1), weights));
    return new Answer(index, answer.label(), answer.scoreOf(outputs, 0), answer.weights());
  }

  /** Whether two classes share one score. */
  private boolean isOneScoreOfTwo(Tensor scores) {
    return scores.shape().dim(0) == 1 && model.card().task() instanceof Task.OneLabel;
  }

  private int index(Tensor scores, Target target) {
    List<String> names = model.card().task().names();
    int classes = isOneScoreOfTwo(scores) ? 2 : scores.shape().dim(0);
    int index = switch (target) {
      case Target.Highest _ -> mostFrequent(scores);
      case Target.Index(int given) -> given;
      case Target.Name(String name) -> {
        if (!names.contains(name)) {
          throw new FoveaException("there is no class '" + name + "': "
              + (names.isEmpty() ? "the model names none; give an index" : Names.nearest(name, names)));
        }
        yield names.indexOf(name);
      }
    };
    if (index < 0 || index >= classes) {
      throw new FoveaException("class " + index + ": expected 0 to " + (classes - 1) + (names.isEmpty() ? "" : ", or a name"));
    }
    return index;
  }

  /** The class with the highest score; of pixels, the class of most of them. */
  private int mostFrequent(Tensor scores) {
    boolean two = isOneScoreOfTwo(scores);
    int[] counts = new int[two ? 2 : scores.shape().dim(0)];
    for (int p = 0; p < scores.shape().sizeFrom(1); p++) {
      counts[ClassScores.highest(scores, p, two)]++;
    }
    int best = 0;
    for (int c = 1; c < counts.length; c++) {
      best = counts[c] > counts[best] ? c : best;
    }
    return best;
  }

  private String label(int index) {
    List<String> names = model.card().task().names();
    return index < names.size() ? names.get(index) : String.valueOf(index);
  }

  // ---- For methods

  /** The network's graph for a batch. */
  public Graph graph(int batch) {
    return Rewrite.withBatch(Rewrite.inference(model.graph()), batch);
  }

  /**
   * A layer's result in {@link #graph}.
   *
   * @throws FoveaException if there is none of that path, naming the nearest, or it is left out
   */
  public Value layer(String path) {
    if (leftOut.stream().anyMatch(left -> Layers.isIn(left, path))
        && Layers.paths(graph(1)).stream().noneMatch(is -> Layers.isIn(is, path))) {
      throw new FoveaException(
          "layer '" + path + "' is left out of what is explained, as dropout, what training alone uses, a last"
              + " softmax and other outputs are: choose a layer before it, or explain the output that it gives as it is");
    }
    return Layers.named(graph(1), path);
  }

  /** The batch that the network takes at once, of at most that number of images. */
  public int batch(int count) {
    long largest = model.graph().nodes().stream().mapToInt(node -> node.shape().rank() < 2 ? 1 : node.shape().sizeFrom(1)).max()
        .orElse(1);
    return takesBatches() ? Math.clamp(Math.min(count, MAX_ELEMENTS / largest), 1, BATCH) : 1;
  }

  private boolean takesBatches() {
    Graph graph = model.graph();
    return graph.inputs().stream().noneMatch(input -> input.fixed().contains(0))
        && BatchDependence.of(graph).get(graph.output(Model.OUTPUT).id()) == BatchDependence.Dependence.BY_IMAGE;
  }

  /**
   * The memory in bytes that running that many images at once takes, besides the parameters; allocates nothing.
   *
   * @param reverse whether also the derivatives by the input are computed, if there are any
   */
  public long bytes(int images, boolean reverse) {
    int batch = batch(images);
    Model run = reverse ? derivative(batch).orElse(model) : model;
    return run.program(batch, threads).workspaceBytes();
  }

  private Optional<Model> derivative(int batch) {
    Pass pass = Pass.of(graph(batch));
    return pass.obstacle(pass.input()).isPresent() ? Optional.empty()
        : Optional.of(rewritten(graph(batch), of -> Map.of(Model.OUTPUT, of.gradient(of.input()))));
  }

  /** Runs the body for 0 to {@code count - 1}, in any order, on the engine's threads. */
  public void loop(int count, IntConsumer body) {
    Backends.find().loop(count, threads, body);
  }

  /**
   * Runs the network with what a method appends to its graph, for the same answer of all images.
   *
   * @param key which, for inputs of this batch size: equal keys, equal graphs
   * @param network the graph, forward
   * @param method appends its nodes, and returns the outputs by name
   */
  public Map<String, Tensor> run(Object key, Tensor inputs, Answer answer, IntFunction<Graph> network,
      Function<Pass, Map<String, Value>> method) {
    return run(key, inputs, repeated(answer.weights(), inputs.shape().dim(0)), network, method);
  }

  /** The same without a reverse pass. */
  public Map<String, Tensor> run(Object key, Tensor inputs, Function<Pass, Map<String, Value>> method) {
    return run(key, inputs, new Tensor(Shape.of(1), new float[1]), this::graph, method);
  }

  /**
   * The same with weights of its own for each image.
   *
   * @param weights of the outputs, {@code N x outputs}
   */
  public Map<String, Tensor> run(Object key, Tensor inputs, Tensor weights, IntFunction<Graph> network,
      Function<Pass, Map<String, Value>> method) {
    int batch = inputs.shape().dim(0);
    Model rewritten;
    synchronized (kept) {
      rewritten = kept.computeIfAbsent(List.of(key, batch), _ -> rewritten(network.apply(batch), method));
      if (kept.size() > MAX_KEPT) {
        kept.remove(kept.keySet().iterator().next());
      }
    }
    Map<String, Tensor> given = new LinkedHashMap<>();
    rewritten.graph().inputs()
        .forEach(input -> given.put(input.name(), input.name().equals(Pass.WEIGHTS) ? weights : inputs));
    Map<String, Tensor> outputs = rewritten.run(given);
    ran(batch);
    return outputs;
  }

  private Model rewritten(Graph network, Function<Pass, Map<String, Value>> method) {
    Pass pass = Pass.of(network);
    GraphBuilder g = pass.g();
    method.apply(pass).forEach(g::output);
    return new Model(Rewrite.prune(g.build()), model.parameters(), Card.of(model.card().network())).withThreads(threads);
  }

  private static Tensor repeated(Tensor row, int count) {
    int size = row.values().length;
    float[] values = new float[count * size];
    for (int i = 0; i < count; i++) {
      System.arraycopy(row.values(), 0, values, i * size, size);
    }
    return new Tensor(row.shape().with(0, count), values);
  }

  /** One image of a batch, without the batch axis. */
  public static Tensor row(Tensor batch, int row) {
    int size = batch.shape().sizeFrom(1);
    return new Tensor(batch.shape().withoutBatch(), Arrays.copyOfRange(batch.values(), row * size, (row + 1) * size));
  }
}
