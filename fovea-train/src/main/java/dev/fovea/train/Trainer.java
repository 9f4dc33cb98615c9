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
import dev.fovea.train.TrainEvent.Finished;
import dev.fovea.train.TrainEvent.Interrupted;
import dev.fovea.train.TrainEvent.Measuring;
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
 * the same bits whatever the number of threads, also where the run was stopped and taken up {@linkplain #from from a checkpoint}.
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
  private final Surroundings around;

  /** What leaves the result's bits as they are; an exchange among machines is a part of the data. */
  private record Surroundings(
      int threads,
      GradientExchange exchange,
      List<Consumer<TrainEvent>> listeners,
      BooleanSupplier stop,
      Optional<Checkpoint> from) {}

  private Trainer(Model model, TrainingSettings settings, Surroundings around) {
    this.model = model;
    this.settings = settings;
    this.around = around;
  }

  /**
   * Momentum SGD at a constant rate of 0.01, batches of 64, 1 epoch, seed 1, on all processors; the loss that suits the model's
   * outputs.
   */
  public static Trainer of(Model model) {
    TrainingSettings settings =
        new TrainingSettings(Loss.forModel(model), Sgd.momentum(0.9), Schedule.constant(0.01), Augmentation.NONE, 64, 1,
            Long.MAX_VALUE,
            1);
    int threads = Runtime.getRuntime().availableProcessors();
    Surroundings around = new Surroundings(threads, GradientExchange.NONE, List.of(), () -> false, Optional.empty());
    return new Trainer(model, settings, around);
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

  /** How training images are varied; those that it validates on stay as they are. */
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

  /** The run ends after so many steps, should its epochs not end it before; the schedule knows. */
  public Trainer steps(long limit) {
    return with(settings.steps(limit));
  }

  /** Of the images' order, of augmentation and of dropout; the first parameters are the model's matter. */
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
    return around.threads;
  }

  private Trainer with(TrainingSettings changed) {
    return new Trainer(model, changed, around);
  }

  /** How many threads of this machine it may use. */
  public Trainer threads(int threads) {
    Evaluator.requireThreads(threads);
    return with(new Surroundings(threads, around.exchange, around.listeners, around.stop, around.from));
  }

  public Trainer exchange(GradientExchange exchange) {
    return with(new Surroundings(around.threads, exchange, around.listeners, around.stop, around.from));
  }

  /** One more listener; they hear each event in the order in which they were added. */
  public Trainer listen(Consumer<TrainEvent> listener) {
    List<Consumer<TrainEvent>> more = new ArrayList<>(around.listeners);
    more.add(listener);
    return with(new Surroundings(around.threads, around.exchange, List.copyOf(more), around.stop, around.from));
  }

  /** Asked before each step; where it says yes, the run ends as {@link TrainEvent.Interrupted}. */
  public Trainer stopWhen(BooleanSupplier stop) {
    return with(new Surroundings(around.threads, around.exchange, around.listeners, stop, around.from));
  }

  /** Goes on where the checkpoint was written; {@link #fit} refuses one that was written under other settings. */
  public Trainer from(Checkpoint checkpoint) {
    return with(
        new Surroundings(around.threads, around.exchange, around.listeners, around.stop, Optional.of(checkpoint)));
  }

  /** How many steps {@link #fit} will make in all on so many training images. */
  public long totalSteps(int images) {
    return new TrainingPlan(settings, images).totalSteps();
  }

  private Trainer with(Surroundings changed) {
    return new Trainer(model, settings, changed);
  }

  /**
   * Trains the model in place: its parameters are the result.
   *
   * @param validation images that are never learned from, to compare epochs by
   * @return the last event
   * @throws DivergedException where the loss is no longer a number
   * @throws FoveaException where the data do not suit the model
   */
  public TrainEvent.Ended fit(Dataset train, Dataset validation) {
    PreprocessedDataset images = fitted(train);
    PreprocessedDataset heldOut = fitted(validation);
    Evaluator.requireSameOrder("the training images'", train.classes(), validation);
    images.prepare();
    TrainingPlan course = new TrainingPlan(settings, images.size());
    Map<String, String> named = course.describe();
    TrainingBatches.Variation variation = new TrainingBatches.Variation(settings.augmentation(), settings.seed());
    SharedWorkspace working = new SharedWorkspace();
    TrainingBatches batches = new TrainingBatches(model, settings.loss(), images, variation, around.threads, working);
    Parameters parameters = model.parameters();
    int batch = Math.min(settings.batchSize(), course.images());
    long gradients = (long) Float.BYTES * parameters.size();
    batches.requireEnough(batch);
    ProcessMemory.of(batch, batches::bytes); // refuses what has no plan before anything is planned around it
    Evaluator evaluator = Evaluator.within(model, around.threads, working, batch, batches.bytes(batch) - gradients);
    long kept = (long) Float.BYTES * settings.optimizer().slots() * parameters.trainableSize();
    ProcessMemory memory = ProcessMemory.of(batch,
        n -> kept + Math.max(batches.bytes(n), gradients + evaluator.bytes(Math.min(n, heldOut.size()))));
    if (evaluator.bytes(heldOut.size()) > batches.bytes(batch) - gradients) {
      evaluator.prepare(heldOut.size());
    }
    OptimizerState update = OptimizerState.of(settings.optimizer(), parameters, around.threads);
    float[][] slots = update.slots();
    Rng random = Rng.of(settings.seed());
    TrainState state = around.from.map(c -> course.checked(c.restore(named, parameters, slots))).orElse(TrainState.START);
    tell(new Started(model, course.images(), settings.batchSize(), course.stepsPerEpoch(),
        course.epochs(), course.totalSteps(), memory.peakOfRun(), state));

    String fingerprint = "";
    while (state.epochs() < course.epochs()) {
      int[] order = random.at("order").at(state.epochs()).permutation(course.images());
      double rate = course.rate(Math.max(0, state.step() - 1));
      while (state.step() < course.stepsOf(state.epochs() + 1)) {
        if (around.stop.getAsBoolean()) {
          return tell(new Interrupted(state, course.totalSteps(), Checkpoint.of(named, state, parameters, slots)));
        }
        long began = System.nanoTime();
        long step = state.step();
        int to = course.to(step);
        int from = Math.min(course.from(step), to - batches.fewest()); // a last image too few comes with the one before it
        TrainingBatches.Part part = new TrainingBatches.Part(state.epochs(), order, from, to);
        TrainingBatches.Outcome outcome = batches.run(part, random.at("step").at(step));
        rate = course.rate(step);
        requireFinite("loss", outcome.loss(), step, rate);
        around.exchange.average(outcome.gradients());
        update.step(outcome.gradients(), rate, step);
        state = state.stepDone(outcome, part.to() - part.from(), (System.nanoTime() - began) * 1e-9);
        Checkpoint now = Checkpoint.of(named, state, parameters, slots);
        tell(new StepDone(step + 1, course.totalSteps(), state.epochs() + 1, outcome.loss(), rate, now));
      }
      Evaluation result =
          evaluator.evaluate(heldOut, done -> tell(new Measuring(heldOut.name(), done, heldOut.size())));
      requireFinite("validation loss", result.loss(), state.step() - 1, rate);
      TrainState epoch = state;
      state = state.epochDone(result.score(), result.loss());
      fingerprint = parameters.fingerprint();
      Checkpoint now = Checkpoint.of(named, state, parameters, slots);
      tell(new EpochDone(state.epochs(), course.epochs(), epoch, result, state.best(), fingerprint, rate, now));
    }
    return tell(new Finished(state, fingerprint.isEmpty() ? parameters.fingerprint() : fingerprint));
  }

  private <T extends TrainEvent> T tell(T event) {
    around.listeners.forEach(listener -> listener.accept(event));
    return event;
  }

  private PreprocessedDataset fitted(Dataset data) {
    Evaluator.requireSameKind(model, data);
    if (data.size() == 0) {
      throw new FoveaException(data.name() + ": has no images, expected one or more");
    }
    int expected = model.card().classes().size();
    if (data.classes().size() != expected) {
      throw new FoveaException(data.name() + ": has " + data.classes().size() + " classes, the network tells " + expected
          + " apart: build it for as many, or choose classes of the data");
    }
    Evaluator.requireSameOrder("the model's", model.card().classes(), data);
    boolean ready = data instanceof PreprocessedDataset f && f.preprocessing().equals(model.card().preprocessing());
    return ready ? (PreprocessedDataset) data : data.fitted(model.card().preprocessing());
  }

  static void requireFinite(String what, double value, long step, double rate) {
    if (!Double.isFinite(value)) {
      throw new DivergedException(what, value, step + 1, rate);
    }
  }
}
