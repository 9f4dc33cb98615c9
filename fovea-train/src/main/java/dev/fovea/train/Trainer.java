package dev.fovea.train;

import dev.fovea.augment.Augmentation;
import dev.fovea.data.Dataset;
import dev.fovea.data.PreprocessedDataset;
import dev.fovea.data.Sampling;
import dev.fovea.feature.FeatureCache;
import dev.fovea.metric.Evaluator;
import dev.fovea.model.Model;
import dev.fovea.model.Task;
import dev.fovea.optim.GradientClipping;
import dev.fovea.optim.Optimizer;
import dev.fovea.optim.Plateau;
import dev.fovea.optim.Schedule;
import dev.fovea.optim.WeightAveraging;
import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.List;
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
  record Execution(
      int threads,
      GradientExchange exchange,
      List<Consumer<TrainEvent>> listeners,
      BooleanSupplier stop,
      FeatureCache features,
      Optional<Checkpoint> from) {
    Execution listeners(List<Consumer<TrainEvent>> all) {
      return new Execution(threads, exchange, List.copyOf(all), stop, features, from);
    }
  }

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
    int threads = Runtime.getRuntime().availableProcessors();
    Execution execution =
        new Execution(threads, GradientExchange.NONE, List.of(), () -> false, FeatureCache.NONE, Optional.empty());
    return new Trainer(form, new TrainingSettings(Loss.forModel(form)), execution);
  }

  public Trainer loss(Loss loss) {
    return with(settings.with(s -> s.loss = loss));
  }

  public Trainer optimizer(Optimizer optimizer) {
    return with(settings.with(s -> s.optimizer = optimizer));
  }

  public Trainer schedule(Schedule schedule) {
    return with(settings.with(s -> s.schedule = schedule));
  }

  /**
   * Augmentation of the training images; validation images are not changed.
   *
   * @throws FoveaException if it mixes images, and the model labels pixels or gives numbers
   */
  public Trainer augment(Augmentation augmentation) {
    augmentation.requireImageLabels(model.card().task(), model.segments());
    return with(settings.with(s -> s.augmentation = augmentation));
  }

  /** Which images an epoch consists of; by default each once, in random order. */
  public Trainer sampling(Sampling sampling) {
    return with(settings.with(s -> s.sampling = sampling));
  }

  public Trainer batchSize(int batchSize) {
    return with(settings.with(s -> s.batchSize = batchSize));
  }

  /** Passes over the training images. */
  public Trainer epochs(int epochs) {
    return with(settings.with(s -> s.epochs = epochs));
  }

  /** An upper bound of the run's steps; the schedule takes it into account. */
  public Trainer steps(long limit) {
    return with(settings.with(s -> s.steps = limit));
  }

  /** The seed of the images' order, of augmentation and of dropout; the initial parameters come with the model. */
  public Trainer seed(long seed) {
    return with(settings.with(s -> s.seed = seed));
  }

  /** Which parameters change, and how fast; by default all at the same rate. */
  public Trainer fineTuning(FineTuning fineTuning) {
    return with(settings.with(s -> s.fineTuning = fineTuning));
  }

  /** Whether weight decay applies to vectors too, to biases and the scales of normalisations; by default it does. */
  public Trainer decaysVectors(boolean decaysVectors) {
    return with(settings.with(s -> s.decaysVectors = decaysVectors));
  }

  /** A bound of the gradients; by default there is none. */
  public Trainer clip(GradientClipping clipping) {
    return with(settings.with(s -> s.clipping = clipping));
  }

  /** Computes a batch in this number of parts, one after the other, which takes less memory; 1 by default. */
  public Trainer accumulate(int parts) {
    return with(settings.with(s -> s.accumulation = parts));
  }

  /** Evaluates and keeps an average of the parameters over the steps; by default there is none. */
  public Trainer average(WeightAveraging averaging) {
    return with(settings.with(s -> s.averaging = averaging));
  }

  /** Reduces the schedule's learning rate when the validation loss has stopped falling. */
  public Trainer plateau(Plateau plateau) {
    return with(settings.with(s -> s.plateau = Optional.of(plateau)));
  }

  /** Ends the run after this number of epochs without a better one; 0, the default: it does not end early. */
  public Trainer patience(int epochs) {
    return with(settings.with(s -> s.patience = epochs));
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
    return with(
        new Execution(threads, execution.exchange, execution.listeners, execution.stop, execution.features, execution.from));
  }

  /** Training on several machines; {@link GradientExchange#NONE} by default. */
  public Trainer exchange(GradientExchange exchange) {
    return with(
        new Execution(execution.threads, exchange, execution.listeners, execution.stop, execution.features, execution.from));
  }

  /** Adds a listener; listeners receive each event in the order in which they were added. */
  public Trainer listen(Consumer<TrainEvent> listener) {
    List<Consumer<TrainEvent>> more = new ArrayList<>(execution.listeners);
    more.add(listener);
    return with(execution.listeners(more));
  }

  /** Checked before each step; if true, the run ends with {@link TrainEvent.Interrupted}. */
  public Trainer stopWhen(BooleanSupplier stop) {
    return with(
        new Execution(execution.threads, execution.exchange, execution.listeners, stop, execution.features, execution.from));
  }

  /** Where the features of images are kept if the network's body is frozen; by default nowhere. */
  public Trainer features(FeatureCache cache) {
    return with(new Execution(execution.threads, execution.exchange, execution.listeners, execution.stop, cache, execution.from));
  }

  /** Resumes from a checkpoint; {@link #fit} refuses one that was written under other settings. */
  public Trainer from(Checkpoint checkpoint) {
    return with(
        new Execution(execution.threads, execution.exchange, execution.listeners, execution.stop, execution.features,
            Optional.of(checkpoint)));
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
    PreprocessedDataset images =
        settings.augmentation.resizes() ? preprocessed(train).uncropped() : preprocessed(train);
    PreprocessedDataset heldOut = preprocessed(validation);
    Evaluator.requireSameOrder("the training images'", train.task().names(), validation);
    images.load();
    return new TrainingLoop(model, settings, execution, images, heldOut).run();
  }

  private PreprocessedDataset preprocessed(Dataset data) {
    Evaluator.requireSameKind(model, data);
    if (data.size() == 0) {
      throw new FoveaException(data.name() + ": has no images, expected one or more");
    }
    int expected = model.card().task().size();
    if (data.task().size() != expected) {
      String what = data.task() instanceof Task.Numbers ? " numbers" : " classes";
      throw new FoveaException(data.name() + ": has " + data.task().size() + what + ", the network has " + expected
          + ": build it for the" + what + " of the data, or choose" + what);
    }
    Evaluator.requireSameOrder("the model's", model.card().task().names(), data);
    boolean ready = data instanceof PreprocessedDataset f && f.preprocessing().equals(model.card().preprocessing());
    return ready ? (PreprocessedDataset) data : data.preprocessed(model.card().preprocessing());
  }

  static void requireFinite(String what, double value, long step, double learningRate) {
    if (!Double.isFinite(value)) {
      throw new DivergedException(what, value, "", step, learningRate);
    }
  }
}
