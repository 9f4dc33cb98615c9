package dev.fovea.metric;

import dev.fovea.data.Dataset;
import dev.fovea.data.PreprocessedDataset;
import dev.fovea.data.Samples;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Program;
import dev.fovea.graph.SharedWorkspace;
import dev.fovea.graph.Workspace;
import dev.fovea.image.Preprocessing;
import dev.fovea.image.TestTimeAugmentation;
import dev.fovea.model.BatchPredictor;
import dev.fovea.model.Model;
import dev.fovea.model.Prediction;
import dev.fovea.model.ProcessMemory;
import dev.fovea.model.Task;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * Evaluates a model on data sets. Each evaluation reads the model's current parameters, so one evaluator serves a whole training
 * run. The result depends on the model and the data only, not on the number of threads.
 *
 * <p>Not thread-safe.
 */
public final class Evaluator {
  private static final int BATCH = 128;

  /** The maximum number of elements of a run's largest tensor, 256 MB; large images are evaluated in smaller batches. */
  private static final long MAX_ELEMENTS = 1 << 26;

  /** The number of batch sizes whose programs are cached: the full one and the remainders of a training and a validation set. */
  private static final int MAX_PLANS = 3;

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
   * @param threads the number of threads to use, the caller's included
   */
  public static Evaluator of(Model model, int threads) {
    requireThreads(threads);
    Model form = model.standardForm();
    return new Evaluator(form, threads, batchFor(form.graph()), new SharedWorkspace());
  }

  public static void requireThreads(int threads) {
    if (threads < 1) {
      throw new FoveaException("threads: expected 1 or more, got " + threads);
    }
  }

  /**
   * An evaluator in the memory of a training run: the largest batch that fits, but at least the training's batch size.
   *
   * @param bytes the size of that memory, without gradients
   */
  public static Evaluator within(Model model, int threads, SharedWorkspace memory, int trainingBatch, long bytes) {
    int batch = batchFor(model.graph());
    while (batch > trainingBatch && model.program(batch, threads).workspaceBytes() > bytes) {
      batch = Math.max(trainingBatch, batch / 2);
    }
    return new Evaluator(model, threads, batch, memory);
  }

  private static int batchFor(Graph graph) {
    long largest = graph.nodes().stream().mapToInt(Evaluator::elementsPerImage).max().orElse(1);
    return Math.clamp(MAX_ELEMENTS / largest, 1, BATCH);
  }

  private static int elementsPerImage(Node node) {
    return node.shape().rank() < 2 ? 1 : node.shape().sizeFrom(1);
  }

  /** As {@link #evaluate(Dataset, IntConsumer)}, without progress. */
  public Evaluation evaluate(Dataset data) {
    return evaluate(data, _ -> {});
  }

  /** As {@link #measure}, for a network that gives images or pixels one label. */
  public Evaluation evaluate(Dataset data, IntConsumer progress) {
    if (measure(data, progress) instanceof Evaluation evaluation) {
      return evaluation;
    }
    throw new FoveaException(data.name() + ": has " + data.task().kind() + ", expected one label: use measure");
  }

  /**
   * Reads every image of {@code data} once.
   *
   * @param progress receives the number of images done, after each batch
   * @throws FoveaException if the data's classes or numbers are not the model's, their labels are of another kind, an image cannot
   *     be read, or no pixel has a class
   */
  public Metrics measure(Dataset data, IntConsumer progress) {
    return evaluateSamples(loaded(data), progress);
  }

  private PreprocessedDataset loaded(Dataset data) {
    check(data);
    PreprocessedDataset preprocessed = preprocessed(data);
    if (memory.isEmpty()) {
      preprocessed.load();
      batch = ProcessMemory.largest(Math.min(batch, data.size()), this::bytes);
    }
    return preprocessed;
  }

  /**
   * As {@link #evaluate(Dataset, IntConsumer)} for a classifier with one label, with all its scores; {@link Scores#evaluation} is
   * what {@code evaluate} returns.
   *
   * @throws FoveaException also if the network does another task, or there are more scores than {@linkplain Scores#fit are kept}
   */
  public Scores scores(Dataset data, IntConsumer progress) {
    requireClassifier(model);
    int outputs = model.graph().outputShape(Model.OUTPUT).dim(1);
    Scores scores = Scores.empty(data.classes(), data.size(), outputs, model.card().temperature());
    run(loaded(data), (index, labels, at, logits, offset) -> scores.set(index, (int) labels[at], logits, offset), progress);
    return scores;
  }

  /**
   * The same with the mean of the probabilities over the views of each image; their logarithms are the logits. Images are decoded
   * again, since the views are of images at their own size.
   */
  public Scores scores(Dataset data, TestTimeAugmentation augmentation, IntConsumer progress) {
    if (augmentation == TestTimeAugmentation.NONE) {
      return scores(data, progress);
    }
    requireClassifier(model);
    check(data);
    Scores scores = Scores.empty(data.classes(), data.size(), data.classes().size(), 1);
    BatchPredictor.of(model, threads).augmentation(augmentation).predict(data.size(), data::image,
        new BatchPredictor.Results<>() {
          @Override
          public void predicted(int index, Prediction result) {
            float[] logarithms = new float[data.classes().size()];
            result.scores().forEach(
                score -> logarithms[score.index()] = (float) StrictMath.log(Math.max(score.probability(), Double.MIN_VALUE)));
            scores.set(index, data.label(index), logarithms, 0);
            progress.accept(index + 1);
          }

          @Override
          public void failed(int index, FoveaException reason) {
            throw reason;
          }
        });
    return scores;
  }

  /** Refuses a model that does not give each image one label. */
  public static void requireClassifier(Model model) {
    if (!model.classifies()) {
      throw new FoveaException(
          model.card().network() + " gives " + (model.segments() ? "labels of pixels" : model.card().task().kind())
              + ": scores of images are of a classifier with one label");
    }
  }

  /** As {@link #measure}, for what the network reads; whether it suits the network is for the caller to check. */
  public Metrics evaluateSamples(Samples data, IntConsumer progress) {
    Shape output = model.graph().outputShape(Model.OUTPUT);
    MetricAccumulator accumulator =
        MetricAccumulator.of(data.task(), model.card().task(), output, model.card().temperature());
    run(data, accumulator::add, progress);
    Metrics result = accumulator.metrics();
    if (result.count() == 0) {
      throw new FoveaException(data.name() + ": no pixel has a class, so nothing can be evaluated: its label maps need"
          + " class indices");
    }
    return result;
  }

  /** Receives the labels and logits of an image, as {@link MetricAccumulator#add} does. */
  private interface Reader {
    void read(int index, float[] labels, int at, float[] logits, int offset);
  }

  private void run(Samples data, Reader reader, IntConsumer progress) {
    Shape output = model.graph().outputShape(Model.OUTPUT);
    int perImage = data.labels(output);
    float[] labels = new float[Math.min(batch, data.size()) * perImage];
    for (int start = 0; start < data.size(); start += batch) {
      int count = Math.min(batch, data.size() - start);
      Plan plan = plan(count);
      for (int i = 0; i < count; i++) {
        data.read(start + i, plan.workspace(), i, labels, i * perImage);
      }
      plan.program().run(plan.workspace());
      Workspace.Slot logits = plan.workspace().output(Model.OUTPUT);
      for (int i = 0; i < count; i++) {
        reader.read(start + i, labels, i * perImage, logits.array(), logits.offset() + i * output.sizeFrom(1));
      }
      progress.accept(start + count);
    }
  }

  /** Allocates the memory for this number of images now. */
  public void prepare(int images) {
    plan(Math.min(batch, images));
  }

  /** Memory in bytes to evaluate this number of images, besides the parameters; allocates nothing. */
  public long bytes(int images) {
    return model.program(Math.min(batch, images), threads).workspaceBytes();
  }

  /** Refuses data of another kind of task, such as with labels per image for a network that labels pixels. */
  public static void requireSameKind(Model model, Dataset data) {
    if (model.card().task().kind() != data.task().kind()) {
      throw new FoveaException(data.name() + ": has " + data.task().kind() + ", the network " + model.card().network() + " gives "
          + model.card().task().kind() + ": choose other data or another network");
    }
    if (model.segments() != data.segments()) {
      throw new FoveaException(data.name() + ": labels " + (data.segments() ? "pixels" : "images") + ", the network "
          + model.card().network() + " labels " + (model.segments() ? "pixels" : "images")
          + ": choose other data or another network");
    }
    Shape logits = model.graph().outputShape(Model.OUTPUT);
    if (model.segments() && !logits.equals(model.input().with(0, logits.dim(1)).batch(1))) {
      throw new FoveaException("the network " + model.card().network() + " gives a map of " + logits.dim(2) + "x" + logits.dim(3)
          + " for an image of " + model.input() + ", but the data have a label per pixel: it can only be used for prediction");
    }
  }

  private void check(Dataset data) {
    requireSameKind(model, data);
    if (data.size() == 0) {
      throw new FoveaException(data.name() + ": has no images to evaluate on");
    }
    List<String> known = model.card().task().names();
    List<String> actual = data.task().names();
    if (actual.size() != known.size()) {
      String what = data.task() instanceof Task.Numbers ? " numbers" : " classes";
      throw new FoveaException(data.name() + ": expected the model's " + known.size() + what + ", got " + actual.size()
          + "; use data with the" + what + " it was trained on");
    }
    requireSameOrder("the model's", known, data);
  }

  /** Refuses the same names in another order. Other names are allowed: they may be the same classes with default names 0, 1, 2. */
  public static void requireSameOrder(String whose, List<String> known, Dataset data) {
    List<String> actual = data.task().names();
    if (!actual.equals(known) && new HashSet<>(actual).equals(new HashSet<>(known))) {
      throw new FoveaException(data.name() + ": expected " + whose
          + (data.task() instanceof Task.Numbers ? " numbers" : " classes") + " in their order " + known + ", got " + actual);
    }
  }

  private PreprocessedDataset preprocessed(Dataset data) {
    Preprocessing preprocessing = model.card().preprocessing();
    return data instanceof PreprocessedDataset ready && ready.preprocessing().equals(preprocessing) ? ready
        : data.preprocessed(preprocessing);
  }

  private Plan plan(int count) {
    Plan known = plans.get(count);
    if (known != null) {
      return known;
    }
    if (plans.size() == MAX_PLANS) {
      plans.keySet().removeIf(size -> size != batch);
    }
    Program program = model.program(count, threads);
    Plan plan = new Plan(program, memory.workspace(program));
    plans.put(count, plan);
    return plan;
  }
}
