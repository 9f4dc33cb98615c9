package dev.fovea.train;

import dev.fovea.data.PreprocessedDataset;
import dev.fovea.data.Samples;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.SharedWorkspace;
import dev.fovea.metric.Evaluation;
import dev.fovea.metric.Evaluator;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.model.ProcessMemory;
import dev.fovea.optim.OptimizerState;
import dev.fovea.optim.WeightAveraging.Kind;
import dev.fovea.tensor.Rng;
import dev.fovea.train.TrainEvent.EpochDone;
import dev.fovea.train.TrainEvent.Evaluating;
import dev.fovea.train.TrainEvent.Extracting;
import dev.fovea.train.TrainEvent.Finished;
import dev.fovea.train.TrainEvent.Interrupted;
import dev.fovea.train.TrainEvent.Started;
import dev.fovea.train.TrainEvent.StepDone;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;

/** A training run in progress: the loop of {@link Trainer#fit}. */
final class TrainingLoop {
  private final Model model;
  private final TrainingSettings settings;
  private final Trainer.Execution execution;
  private final PreprocessedDataset train;
  private final PreprocessedDataset validation;
  private final TrainingPlan plan;
  private final Map<String, FineTuning.Rate> rates;
  private final Map<String, String> description;
  private final Parameters parameters;
  private final OptimizerState optimizer;

  /** Of the parameters; without elements if they are not averaged. */
  private final float[] average;

  /** Of the parts of a batch; without elements if it is computed at once. */
  private final GradientSum sum;

  private final Rng random;
  private final SharedWorkspace workspace = new SharedWorkspace();

  /** Whose features are computed once, so that only the head is trained on. */
  private final Optional<FrozenBody> body;

  private IntFunction<Samples> samples;
  private Samples heldOut;
  private TrainState state = TrainState.START;
  private double learningRate;

  TrainingLoop(Model model, TrainingSettings settings, Trainer.Execution execution, PreprocessedDataset train,
      PreprocessedDataset validation) {
    this.model = model;
    this.settings = settings;
    this.execution = execution;
    this.train = train;
    this.validation = validation;
    this.plan = new TrainingPlan(settings, train.size());
    this.rates = settings.fineTuning.rates(model);
    this.description = plan.describe();
    this.parameters = model.parameters();
    this.optimizer = OptimizerState.of(settings.optimizer, parameters,
        entry -> settings.group(entry, rates, plan.stepsPerEpoch()), execution.threads());
    this.average = new float[settings.averaging.isUsed() ? parameters.size() : 0];
    this.sum = new GradientSum(settings.accumulation == 1 ? 0 : parameters.trainableSize());
    this.random = Rng.of(settings.seed);
    boolean frozen = settings.fineTuning.isConstant() && rates.values().stream().anyMatch(rate -> !rate.changes(0));
    this.body = frozen && settings.augmentation.equals(Augmentation.NONE) && !model.segments()
        ? FrozenBody.of(model.graph(), FineTuning.changing(rates, 0))
        : Optional.empty();
    this.samples = epoch -> new AugmentedImages(train, settings.augmentation, settings.seed, epoch);
    this.heldOut = validation;
  }

  TrainEvent.Ended run() {
    TrainingBatches batches = batches(plan.epochs());
    Model evaluated = body.map(parts -> new Model(parts.head(), parameters, Card.of(model.card().network()))).orElse(model);
    long largest = memory(batches);
    Evaluator evaluator = Evaluator.within(evaluated, execution.threads(), workspace, partSize(), largest);
    if (evaluator.bytes(validation.size()) > largest) {
      evaluator.prepare(validation.size());
    }
    state = execution.from().map(c -> plan.checked(c.restore(description, arrays(parameters.values()))))
        .orElse(TrainState.START);
    publish(new Started(model, plan.images(), settings.batchSize, plan.stepsPerEpoch(), plan.epochs(), plan.totalSteps(),
        peak(batches, evaluator), state));
    body.ifPresent(this::extract);
    String fingerprint = "";
    Set<String> changing = Set.of();
    while (state.epochs() < plan.epochs() && !isOutOfPatience()) {
      if (!FineTuning.changing(rates, state.epochs()).equals(changing)) {
        changing = FineTuning.changing(rates, state.epochs());
        batches = batches(state.epochs());
      }
      int[] order = random.at("order").at(state.epochs()).permutation(plan.images());
      learningRate = learningRate(Math.max(0, state.step() - 1));
      while (state.step() < plan.stepsOf(state.epochs() + 1)) {
        if (execution.stop().getAsBoolean()) {
          return publish(new Interrupted(state, plan.totalSteps(), checkpoint(parameters.values())));
        }
        step(batches, order);
      }
      fingerprint = evaluate(evaluator);
    }
    if (hasAverage()) {
      use(average);
    }
    return publish(new Finished(state, fingerprint.isEmpty() ? parameters.fingerprint() : fingerprint));
  }

  private TrainingBatches batches(int epoch) {
    Graph graph = body.map(FrozenBody::head).orElseGet(model::graph);
    return new TrainingBatches(FineTuning.frozen(graph, rates, epoch), parameters, settings.loss, e -> samples.apply(e),
        execution.threads(), workspace);
  }

  private void extract(FrozenBody parts) {
    Samples features = extracted(parts, train);
    samples = _ -> features;
    heldOut = extracted(parts, validation);
  }

  private Samples extracted(FrozenBody parts, PreprocessedDataset images) {
    return Features.of(images, parts.body(), parameters, execution.threads(),
        done -> publish(new Extracting(images.name(), done, images.size())));
  }

  private double learningRate(long step) {
    return plan.learningRate(step) * state.plateau().scale();
  }

  private boolean isOutOfPatience() {
    return settings.patience > 0 && state.epochs() - state.best().epoch() >= settings.patience;
  }

  // ---- A step

  /** The largest number of images of the parts that a batch is computed in. */
  private int partSize() {
    return Math.ceilDiv(Math.min(settings.batchSize, plan.images()), settings.accumulation);
  }

  private void step(TrainingBatches batches, int[] order) {
    long began = System.nanoTime();
    long step = state.step();
    int to = plan.to(step);
    int from = Math.min(plan.from(step), to - batches.minBatch()); // too small a last batch is extended to the front
    learningRate = learningRate(step);
    Rng key = random.at("step").at(step);
    TrainingBatches.StepResult result = settings.accumulation == 1
        ? batches.run(new TrainingBatches.Batch(state.epochs(), order, from, to), key)
        : accumulated(batches, new TrainingBatches.Batch(state.epochs(), order, from, to), key);
    Trainer.requireFinite("loss", result.loss(), step, learningRate);
    execution.exchange().average(result.gradients());
    settings.clipping.apply(result.gradients(), parameters.trainableSize());
    optimizer.step(result.gradients(), learningRate, step);
    if (settings.averaging.kind() == Kind.EXPONENTIAL) {
      settings.averaging.take(average, parameters.values(), step);
    }
    state = state.stepDone(result, to - from, (System.nanoTime() - began) * 1e-9);
    publish(new StepDone(step + 1, plan.totalSteps(), state.epochs() + 1, result.loss(), learningRate,
        checkpoint(parameters.values())));
  }

  private TrainingBatches.StepResult accumulated(TrainingBatches batches, TrainingBatches.Batch all, Rng key) {
    sum.clear();
    for (int from = all.from(), part = 0; from < all.to(); from += partSize(), part++) {
      int to = Math.min(all.to(), from + partSize());
      int first = Math.min(from, to - batches.minBatch());
      sum.add(batches.run(new TrainingBatches.Batch(all.epoch(), all.order(), first, to), key.at(part)), to - first);
    }
    return sum.mean();
  }

  private Checkpoint checkpoint(float[] values) {
    return Checkpoint.of(description, state, arrays(values));
  }

  private Checkpoint.Arrays arrays(float[] values) {
    return new Checkpoint.Arrays(parameters, values, optimizer.slots(), average);
  }

  // ---- The end of an epoch

  /** Evaluates the network with the averaged parameters, if there are such; returns their fingerprint. */
  private String evaluate(Evaluator evaluator) {
    if (settings.averaging.kind() == Kind.EQUAL && hasAverage()) {
      settings.averaging.take(average, parameters.values(), averaged());
    }
    float[] trained = parameters.values();
    if (hasAverage()) {
      trained = trained.clone();
      use(average);
    }
    Evaluation evaluation =
        evaluator.evaluateSamples(heldOut, done -> publish(new Evaluating(validation.name(), done, validation.size())));
    Trainer.requireFinite("validation loss", evaluation.loss(), state.step() - 1, learningRate);
    TrainState epoch = state;
    state = state.epochDone(evaluation.score(), evaluation.loss(), settings.plateau);
    String fingerprint = parameters.fingerprint();
    publish(new EpochDone(state.epochs(), plan.epochs(), epoch, evaluation, state.best(), fingerprint, learningRate,
        checkpoint(trained)));
    if (hasAverage()) {
      use(trained);
    }
    return fingerprint;
  }

  /** Whether there is an average by the end of the current epoch. */
  private boolean hasAverage() {
    return switch (settings.averaging.kind()) {
      case NONE -> false;
      case EXPONENTIAL -> state.step() > 0;
      case EQUAL -> averaged() >= 0;
    };
  }

  /** The number of epochs before the current one whose parameters are in the mean; negative before its start. */
  private int averaged() {
    return state.epochs() - (int) (settings.averaging.start() * plan.epochs());
  }

  private void use(float[] values) {
    System.arraycopy(values, 0, parameters.values(), 0, values.length);
    parameters.changed();
  }

  // ---- Memory

  /** The memory in bytes of a step besides gradients; refuses a batch that does not fit. */
  private long memory(TrainingBatches batches) {
    batches.requireEnough(partSize());
    ProcessMemory.of(partSize(), batches::bytes); // refuses a batch that does not fit before anything else is planned
    return batches.bytes(partSize()) - gradientBytes();
  }

  private long gradientBytes() {
    return (long) Float.BYTES * parameters.size();
  }

  private long peak(TrainingBatches batches, Evaluator evaluator) {
    long slots = (long) Float.BYTES * settings.optimizer.slots() * parameters.trainableSize();
    long averages = (long) Float.BYTES * average.length * 2;
    long sums = settings.accumulation == 1 ? 0 : (long) Float.BYTES * parameters.trainableSize();
    return ProcessMemory.of(partSize(), n -> slots + averages + sums
        + Math.max(batches.bytes(n), gradientBytes() + evaluator.bytes(Math.min(n, validation.size())))).peakOfRun();
  }

  private <T extends TrainEvent> T publish(T event) {
    execution.listeners().forEach(listener -> listener.accept(event));
    return event;
  }
}
