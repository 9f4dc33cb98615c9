package dev.fovea.explain;

import dev.fovea.graph.Backends;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

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
  private final int threads;
  private final IntConsumer listener;
  private final AtomicInteger passes = new AtomicInteger();
  private final Map<Object, Model> kept = new LinkedHashMap<>(MAX_KEPT, 0.75f, true);

  private Explainer(Model model, int threads, IntConsumer listener) {
    this.model = model;
    this.threads = threads;
    this.listener = listener;
  }

  /**
   * Explains a model, on one thread.
   *
   * @throws FoveaException if it has several inputs, or one that is no image
   */
  public static Explainer of(Model model) {
    Model form = model.standardForm();
    return new Explainer(form.withCard(form.card()), 1, _ -> {});
  }

  /**
   * Explains one output of a model, whatever it means: a {@link Target.Index} is that of a number in row-major order.
   *
   * @throws FoveaException if there is no such output, or the model has several inputs or one that is no image
   */
  public static Explainer of(Model model, String output) {
    return new Explainer(model.standardForm(output), 1, _ -> {});
  }

  /** The same on up to that number of threads; results do not depend on it. */
  public Explainer threads(int threads) {
    return new Explainer(model.withThreads(threads), threads, listener);
  }

  /** The same, which tells after each run of the network on how many images it was run since it was created. */
  public Explainer listen(IntConsumer progress) {
    return new Explainer(model, threads, progress);
  }

  /** Explains the same of another model with this one's outputs, on as many threads. */
  public Explainer with(Model other) {
    return new Explainer(other, 1, listener).threads(threads);
  }

  /** Explains the numbers of a layer: the network up to its result, {@link Layers#named}, which becomes the output. */
  public Explainer upTo(Value layer) {
    GraphBuilder g = new GraphBuilder();
    List<Value> values = Rewrite.replayInto(g, graph(1), (_, _, _) -> Optional.empty());
    g.output(Model.OUTPUT, values.get(layer.id()));
    Card unknown = new Card(model.card().network(), new Task.None(), model.card().image(), Set.of(), Map.of());
    return new Explainer(new Model(Rewrite.prune(g.build()), model.parameters(), unknown), 1, listener).threads(threads);
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
    listener.accept(passes.addAndGet(inputs.shape().dim(0)));
    return outputs;
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
    if (!model.card().task().isKnown()) {
      outputs = new Tensor(Shape.of(1, outputs.shape().size()), outputs.values());
    }
    int classes = outputs.shape().dim(1);
    int positions = outputs.shape().sizeFrom(2);
    int index = index(outputs, target);
    float[] weights = new float[classes * positions];
    Tensor image = row(outputs, 0);
    for (int p = 0; p < positions; p++) {
      weights[index * positions + p] = positions == 1 || highest(image, p, positions) == index ? 1 : 0;
    }
    Answer answer = new Answer(index, label(index), 0, new Tensor(model.graph().outputShape(Model.OUTPUT).with(0, 1), weights));
    return new Answer(index, answer.label(), answer.scoreOf(outputs, 0), answer.weights());
  }

  private int index(Tensor outputs, Target target) {
    int classes = outputs.shape().dim(1);
    int index = switch (target) {
      case Target.Highest _ -> mostFrequent(outputs);
      case Target.Index(int given) -> given;
      case Target.Name(String name) -> {
        List<String> names = model.card().task().names();
        if (!names.contains(name)) {
          throw new FoveaException("there is no class '" + name + "': "
              + (names.isEmpty() ? "the model names none; give an index" : Names.nearest(name, names)));
        }
        yield names.indexOf(name);
      }
    };
    if (index < 0 || index >= classes) {
      throw new FoveaException("class " + index + ": expected 0 to " + (classes - 1) + ", or a name");
    }
    return index;
  }

  /** The class with the highest score; of pixels, the class of most of them. */
  private static int mostFrequent(Tensor outputs) {
    int positions = outputs.shape().sizeFrom(2);
    int[] counts = new int[outputs.shape().dim(1)];
    Tensor image = row(outputs, 0);
    for (int p = 0; p < positions; p++) {
      counts[highest(image, p, positions)]++;
    }
    int best = 0;
    for (int c = 1; c < counts.length; c++) {
      best = counts[c] > counts[best] ? c : best;
    }
    return best;
  }

  /** Of one image at a position. */
  private static int highest(Tensor outputs, int position, int positions) {
    float[] values = outputs.values();
    int best = 0;
    for (int c = 1; c < outputs.shape().dim(0); c++) {
      best = values[c * positions + position] > values[best * positions + position] ? c : best;
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

  /** The batch that the network takes at once, of at most that number of images. */
  public int batch(int count) {
    long largest = model.graph().nodes().stream().mapToInt(node -> node.shape().rank() < 2 ? 1 : node.shape().sizeFrom(1)).max()
        .orElse(1);
    return Math.clamp(Math.min(count, MAX_ELEMENTS / largest), 1, BATCH);
  }

  /** The memory in bytes that running that many images at once takes, besides the parameters; allocates nothing. */
  public long bytes(int images) {
    return model.program(batch(images), threads).workspaceBytes();
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
    listener.accept(passes.addAndGet(batch));
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

  /** The class with the highest score, of each image of a batch. */
  public static int[] classes(Tensor scores) {
    return IntStream.range(0, scores.shape().dim(0)).map(n -> highest(row(scores, n), 0, 1)).toArray();
  }

  /** One image of a batch, without the batch axis. */
  public static Tensor row(Tensor batch, int row) {
    int size = batch.shape().sizeFrom(1);
    return new Tensor(batch.shape().withoutBatch(), Arrays.copyOfRange(batch.values(), row * size, (row + 1) * size));
  }
}
