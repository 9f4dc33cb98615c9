package dev.fovea.metric;

import dev.fovea.data.Dataset;
import dev.fovea.data.PreprocessedDataset;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Program;
import dev.fovea.graph.Shapes;
import dev.fovea.graph.SharedWorkspace;
import dev.fovea.graph.Workspace;
import dev.fovea.image.Preprocessing;
import dev.fovea.model.Model;
import dev.fovea.model.ProcessMemory;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * Measures a model on data sets, as often as one likes: the model's numbers are read anew at each evaluation, so one evaluator
 * serves a whole training. The result depends on the model and the data alone, never on the number of threads.
 *
 * <p>One thread at a time.
 */
public final class Evaluator {
  private static final int BATCH = 128;

  /** The most numbers that the largest tensor of a run may have, 256 MB; large images come in smaller batches. */
  private static final long MOST_NUMBERS = 1 << 26;

  /** How many batch sizes are kept planned: the full one and the rests of a training and a validation set. */
  private static final int MOST_PLANS = 3;

  private final Model model;
  private final int threads;
  private final SharedWorkspace memory;
  private int batch;
  private final Map<Integer, Plan> plans = new LinkedHashMap<>();

  private record Plan(Program program, Workspace workspace) {}

  private Evaluator(Model model, int threads, int batch, SharedWorkspace memory) {
    this.model = model;
    this.threads = threads;
    this.batch = batch;
    this.memory = memory;
  }

  /**
   * Nothing is planned before the first evaluation.
   *
   * @param threads how many threads a run may use, the caller's included
   */
  public static Evaluator of(Model model, int threads) {
    requireThreads(threads);
    return new Evaluator(model, threads, batchFor(model.graph()), new SharedWorkspace());
  }

  public static void requireThreads(int threads) {
    if (threads < 1) {
      throw new FoveaException("threads: expected 1 or more, got " + threads);
    }
  }

  /**
   * Works in a training's memory: as many images at once as that holds, and a training's batch at least.
   *
   * @param bytes how much there is, gradients not counted
   */
  public static Evaluator within(Model model, int threads, SharedWorkspace memory, int trainingBatch, long bytes) {
    int batch = batchFor(model.graph());
    while (batch > trainingBatch && model.program(batch, threads).workspaceBytes() > bytes) {
      batch = Math.max(trainingBatch, batch / 2);
    }
    return new Evaluator(model, threads, batch, memory);
  }

  private static int batchFor(Graph graph) {
    long largest = graph.nodes().stream().mapToInt(Evaluator::numbersPerImage).max().orElse(1);
    return Math.clamp(MOST_NUMBERS / largest, 1, BATCH);
  }

  private static int numbersPerImage(Node node) {
    return node.shape().rank() < 2 ? 1 : node.shape().sizeFrom(1);
  }

  public Evaluation evaluate(Dataset data) {
    return evaluate(data, _ -> {});
  }

  /**
   * Reads every image of {@code data} once.
   *
   * @param progress hears after each batch how many images are done
   * @throws FoveaException where the data's classes are not the model's, their labels are of another kind, an image cannot
   *     be read, or no pixel has a class
   */
  public Evaluation evaluate(Dataset data, IntConsumer progress) {
    check(data);
    PreprocessedDataset fitted = fitted(data);
    if (memory.untouched()) {
      fitted.prepare();
      batch = ProcessMemory.largest(Math.min(batch, data.size()), this::bytes);
    }
    Shape output = model.graph().outputShape(Model.OUTPUT);
    MetricAccumulator tally = MetricAccumulator.of(data.classes().size(), output);
    int perImage = Shapes.labelsOf(output).size();
    float[] labels = new float[Math.min(batch, data.size()) * perImage];
    for (int start = 0; start < data.size(); start += batch) {
      int count = Math.min(batch, data.size() - start);
      Plan plan = plan(count);
      Workspace.Slot input = plan.workspace().input(Model.INPUT);
      int stride = input.shape().sizeFrom(1);
      for (int i = 0; i < count; i++) {
        fitted.read(start + i, input.array(), input.offset() + i * stride, labels, i * perImage);
      }
      plan.program().run(plan.workspace());
      Workspace.Slot logits = plan.workspace().output(Model.OUTPUT);
      for (int i = 0; i < count; i++) {
        tally.add(start + i, labels, i * perImage, logits.array(), logits.offset() + i * output.sizeFrom(1));
      }
      progress.accept(start + count);
    }
    Evaluation result = tally.evaluation(data.classes());
    if (result.count() == 0) {
      throw new FoveaException(data.name() + ": none of its pixels has a class, so nothing can be measured: its label maps need"
          + " the numbers of classes");
    }
    return result;
  }

  /** Takes that memory now. */
  public void prepare(int images) {
    plan(Math.min(batch, images));
  }

  /** What evaluating so many images needs beside the parameters; nothing of it is taken yet. */
  public long bytes(int images) {
    return model.program(Math.min(batch, images), threads).workspaceBytes();
  }

  /** A network that labels pixels needs data that do, and one that labels images likewise. */
  public static void requireSameKind(Model model, Dataset data) {
    if (model.segments() != data.segments()) {
      throw new FoveaException(data.name() + ": labels " + (data.segments() ? "pixels" : "images") + ", the network "
          + model.card().network() + " labels " + (model.segments() ? "pixels" : "images")
          + ": take data or a network that suits");
    }
    Shape logits = model.graph().outputShape(Model.OUTPUT);
    if (model.segments() && !logits.equals(model.input().with(0, logits.dim(1)).batch(1))) {
      throw new FoveaException("the network " + model.card().network() + " gives a map of " + logits.dim(2) + "x" + logits.dim(3)
          + " for an image of " + model.input() + ", the data have a label for each pixel: it can only predict");
    }
  }

  private void check(Dataset data) {
    requireSameKind(model, data);
    if (data.size() == 0) {
      throw new FoveaException(data.name() + ": has no images to evaluate on");
    }
    List<String> known = model.card().classes();
    List<String> given = data.classes();
    if (given.size() != known.size()) {
      throw new FoveaException(
          data.name() + ": expected the model's " + known.size() + " classes, got " + given.size()
              + "; evaluate on the kind of data it was trained on");
    }
    requireSameOrder("the model's", known, data);
  }

  /** Other names may be the same classes under the default names 0, 1, 2; the same names elsewhere are surely not. */
  public static void requireSameOrder(String whose, List<String> known, Dataset data) {
    List<String> given = data.classes();
    if (!given.equals(known) && new HashSet<>(given).equals(new HashSet<>(known))) {
      throw new FoveaException(data.name() + ": expected " + whose + " classes in their order " + known + ", got " + given);
    }
  }

  private PreprocessedDataset fitted(Dataset data) {
    Preprocessing wanted = model.card().preprocessing();
    return data instanceof PreprocessedDataset ready && ready.preprocessing().equals(wanted) ? ready : data.fitted(wanted);
  }

  private Plan plan(int count) {
    Plan known = plans.get(count);
    if (known != null) {
      return known;
    }
    if (plans.size() == MOST_PLANS) {
      plans.keySet().removeIf(size -> size != batch);
    }
    Program program = model.program(count, threads);
    Plan plan = new Plan(program, memory.workspace(program));
    plans.put(count, plan);
    return plan;
  }
}
