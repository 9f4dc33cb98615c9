package dev.fovea.train;

import dev.fovea.data.Dataset;
import dev.fovea.data.PreprocessedDataset;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.SharedWorkspace;
import dev.fovea.metric.Evaluation;
import dev.fovea.metric.Evaluator;
import dev.fovea.model.Model;
import dev.fovea.model.ProcessMemory;
import dev.fovea.optim.Optimizer;
import dev.fovea.optim.OptimizerState;
import dev.fovea.optim.Schedule;
import dev.fovea.optim.Sgd;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.train.TrainEvent.EpochDone;
import dev.fovea.train.TrainEvent.Evaluating;
import dev.fovea.train.TrainEvent.Finished;
import dev.fovea.train.TrainEvent.Interrupted;
import dev.fovea.train.TrainEvent.Started;
import dev.fovea.train.TrainEvent.StepDone;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Trains a model. A trainer is an immutable configuration; {@link #fit} is the loop. The same model, data, settings and seed give
 * the same bits on any number of threads, also if the run was stopped and resumed {@linkplain #from from a checkpoint}.
 *
 * <pre>{@code
 * Trainer.of(lenet).optimizer(Sgd.momentum(0.9).weightDecay(5e-4)).schedule(Schedule.cosine(0.05)).batchSize(64).epochs(10)
 *     .listen(Progress.on(System.err))
 *     .fit(train, validation);
 * }</pre>
 */
public final class Trainer {
  private final Model model;
  private final TrainingSettings settings;
  private final Execution execution;

  /** What does not change the result's bits, for given data; an exchange among machines counts as data. */
  private record Execution(
      int threads,
      GradientExchange exchange,
      List<Consumer<TrainEvent>> listeners,
      BooleanSupplier stop,
      Optional<Checkpoint> from) {}

  private Trainer(Model model, TrainingSettings settings, Execution execution) {
    this.model = model;
    this.settings = settings;
    this.execution = execution;
  }

  /**
   * SGD with momentum 0.9 at a constant learning rate of 0.01, batch size 64, 1 epoch, seed 1, on all processors, with the
   * {@linkplain Loss#forModel loss for the model's outputs}.
   */
  public static Trainer of(Model model) {
    Model form = model.standardForm();
    TrainingSettings settings =
        new TrainingSettings(Loss.forModel(form), Sgd.momentum(0.9), Schedule.constant(0.01), Augmentation.NONE, 64, 1,
            Long.MAX_VALUE,
            1);
    int threads = Runtime.getRuntime().availableProcessors();
    Execution execution = new Execution(threads, GradientExchange.NONE, List.of(), () -> false, Optional.empty());
    return new Trainer(form, settings, execution);
  }

  public Trainer loss(Loss loss) {
    return with(settings.loss(loss));
  }

  public Trainer optimizer(Optimizer optimizer) {
    return with(settings.optimizer(optimizer));
  }

  public Trainer schedule(Schedule schedule) {
    return with(settings.schedule(schedule));
  }

  /** Augmentation of the training images; validation images are not changed. */
  public Trainer augment(Augmentation augmentation) {
    return with(settings.augmentation(augmentation));
  }

  public Trainer batchSize(int batchSize) {
    return with(settings.batchSize(batchSize));
  }

  /** Passes over the training images. */
  public Trainer epochs(int epochs) {
    return with(settings.epochs(epochs));
  }

  /** An upper bound of the run's steps; the schedule takes it into account. */
  public Trainer steps(long limit) {
    return with(settings.steps(limit));
  }

  /** The seed of the images' order, of augmentation and of dropout; the initial parameters come with the model. */
  public Trainer seed(long seed) {
    return with(settings.seed(seed));
  }

  Model model() {
    return model;
  }

  TrainingSettings settings() {
    return settings;
  }

  int threads() {
    return execution.threads;
  }

  private Trainer with(TrainingSettings changed) {
    return new Trainer(model, changed, execution);
  }

  /** The number of threads to use. */
  public Trainer threads(int threads) {
    Evaluator.requireThreads(threads);
    return with(new Execution(threads, execution.exchange, execution.listeners, execution.stop, execution.from));
  }

  /** Training on several machines; {@link GradientExchange#NONE} by default. */
  public Trainer exchange(GradientExchange exchange) {
    return with(new Execution(execution.threads, exchange, execution.listeners, execution.stop, execution.from));
  }

  /** Adds a listener; listeners receive each event in the order in which they were added. */
  public Trainer listen(Consumer<TrainEvent> listener) {
    List<Consumer<TrainEvent>> more = new ArrayList<>(execution.listeners);
    more.add(listener);
    return with(new Execution(execution.threads, execution.exchange, List.copyOf(more), execution.stop, execution.from));
  }

  /** Checked before each step; if true, the run ends with {@link TrainEvent.Interrupted}. */
  public Trainer stopWhen(BooleanSupplier stop) {
    return with(new Execution(execution.threads, execution.exchange, execution.listeners, stop, execution.from));
  }

  /** Resumes from a checkpoint; {@link #fit} refuses one that was written under other settings. */
  public Trainer from(Checkpoint checkpoint) {
    return with(
        new Execution(execution.threads, execution.exchange, execution.listeners, execution.stop, Optional.of(checkpoint)));
  }

  /** The number of steps of {@link #fit} for this number of training images. */
  public long totalSteps(int images) {
    return new TrainingPlan(settings, images).totalSteps();
  }

  private Trainer with(Execution changed) {
    return new Trainer(model, settings, changed);
  }

  /**
   * Trains the model in place: its parameters are the result.
   *
   * @param validation images that are not trained on, to compare epochs by
   * @return the last event
   * @throws DivergedException if the loss is no longer finite
   * @throws FoveaException if the data do not fit the model
   */
  public TrainEvent.Ended fit(Dataset train, Dataset validation) {
    PreprocessedDataset images = preprocessed(train);
    PreprocessedDataset heldOut = preprocessed(validation);
    Evaluator.requireSameOrder("the training images'", train.classes(), validation);
    images.load();
    TrainingPlan plan = new TrainingPlan(settings, images.size());
    Map<String, String> description = plan.describe();
    TrainingBatches.Variation variation = new TrainingBatches.Variation(settings.augmentation(), settings.seed());
    SharedWorkspace workspace = new SharedWorkspace();
    TrainingBatches batches = new TrainingBatches(model, settings.loss(), images, variation, execution.threads, workspace);
    Parameters parameters = model.parameters();
    int batch = Math.min(settings.batchSize(), plan.images());
    long gradients = (long) Float.BYTES * parameters.size();
    batches.requireEnough(batch);
    ProcessMemory.of(batch, batches::bytes); // refuses a batch that does not fit before anything else is planned
    Evaluator evaluator = Evaluator.within(model, execution.threads, workspace, batch, batches.bytes(batch) - gradients);
    long optimizerBytes = (long) Float.BYTES * settings.optimizer().slots() * parameters.trainableSize();
    ProcessMemory memory = ProcessMemory.of(batch,
        n -> optimizerBytes + Math.max(batches.bytes(n), gradients + evaluator.bytes(Math.min(n, heldOut.size()))));
    if (evaluator.bytes(heldOut.size()) > batches.bytes(batch) - gradients) {
      evaluator.prepare(heldOut.size());
    }
    OptimizerState optimizer = OptimizerState.of(settings.optimizer(), parameters, execution.threads);
    float[][] slots = optimizer.slots();
    Rng random = Rng.of(settings.seed());
    TrainState state = execution.from.map(c -> plan.checked(c.restore(description, parameters, slots))).orElse(TrainState.START);
    publish(new Started(model, plan.images(), settings.batchSize(), plan.stepsPerEpoch(),
        plan.epochs(), plan.totalSteps(), memory.peakOfRun(), state));

    String fingerprint = "";
    while (state.epochs() < plan.epochs()) {
      int[] order = random.at("order").at(state.epochs()).permutation(plan.images());
      double learningRate = plan.learningRate(Math.max(0, state.step() - 1));
      while (state.step() < plan.stepsOf(state.epochs() + 1)) {
        if (execution.stop.getAsBoolean()) {
          return publish(new Interrupted(state, plan.totalSteps(), Checkpoint.of(description, state, parameters, slots)));
        }
        long began = System.nanoTime();
        long step = state.step();
        int to = plan.to(step);
        int from = Math.min(plan.from(step), to - batches.minBatch()); // too small a last batch is extended to the front
        TrainingBatches.Batch samples = new TrainingBatches.Batch(state.epochs(), order, from, to);
        TrainingBatches.StepResult result = batches.run(samples, random.at("step").at(step));
        learningRate = plan.learningRate(step);
        requireFinite("loss", result.loss(), step, learningRate);
        execution.exchange.average(result.gradients());
        optimizer.step(result.gradients(), learningRate, step);
        state = state.stepDone(result, samples.to() - samples.from(), (System.nanoTime() - began) * 1e-9);
        Checkpoint now = Checkpoint.of(description, state, parameters, slots);
        publish(new StepDone(step + 1, plan.totalSteps(), state.epochs() + 1, result.loss(), learningRate, now));
      }
      Evaluation evaluation =
          evaluator.evaluate(heldOut, done -> publish(new Evaluating(heldOut.name(), done, heldOut.size())));
      requireFinite("validation loss", evaluation.loss(), state.step() - 1, learningRate);
      TrainState epoch = state;
      state = state.epochDone(evaluation.score(), evaluation.loss());
      fingerprint = parameters.fingerprint();
      Checkpoint now = Checkpoint.of(description, state, parameters, slots);
      publish(new EpochDone(state.epochs(), plan.epochs(), epoch, evaluation, state.best(), fingerprint, learningRate, now));
    }
    return publish(new Finished(state, fingerprint.isEmpty() ? parameters.fingerprint() : fingerprint));
  }

  private <T extends TrainEvent> T publish(T event) {
    execution.listeners.forEach(listener -> listener.accept(event));
    return event;
  }

  private PreprocessedDataset preprocessed(Dataset data) {
    Evaluator.requireSameKind(model, data);
    if (data.size() == 0) {
      throw new FoveaException(data.name() + ": has no images, expected one or more");
    }
    int expected = model.card().classes().size();
    if (data.classes().size() != expected) {
      throw new FoveaException(data.name() + ": has " + data.classes().size() + " classes, the network has " + expected
          + ": build it for the classes of the data, or choose classes");
    }
    Evaluator.requireSameOrder("the model's", model.card().classes(), data);
    boolean ready = data instanceof PreprocessedDataset f && f.preprocessing().equals(model.card().preprocessing());
    return ready ? (PreprocessedDataset) data : data.preprocessed(model.card().preprocessing());
  }

  static void requireFinite(String what, double value, long step, double learningRate) {
    if (!Double.isFinite(value)) {
      throw new DivergedException(what, value, step + 1, learningRate);
    }
  }
}
