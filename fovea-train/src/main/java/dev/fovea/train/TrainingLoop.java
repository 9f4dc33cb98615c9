package dev.fovea.train;

import dev.fovea.augment.Augmentation;
import dev.fovea.data.PreprocessedDataset;
import dev.fovea.data.Samples;
import dev.fovea.data.Sampling;
import dev.fovea.feature.FeatureExtractor;
import dev.fovea.feature.Features;
import dev.fovea.feature.FrozenBody;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.SharedWorkspace;
import dev.fovea.metric.Evaluator;
import dev.fovea.metric.Metrics;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

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

  private final Sampling.Order order;
  private final Rng random;
  private final Map<Integer, int[]> orders = new HashMap<>();
  private final SharedWorkspace workspace = new SharedWorkspace();

  /** Whose features are computed once, so that only the head is trained on. */
  private final Optional<FrozenBody> body;

  private final Loader loader;
  private final Examination examination;
  private IntFunction<Samples> samples;
  private Samples heldOut;
  private TrainState state = TrainState.START;
  private double learningRate;

  /** Of the steps of this process. */
  private double seconds;

  /** A step, for the JDK's flight recorder. */
  @Name("dev.fovea.Step")
  @Label("Training Step")
  @Description("Loading a batch, forward and backward pass, and the update of the parameters")
  @Category({"Fovea", "Training"})
  @StackTrace(false)
  @SuppressWarnings("UnusedVariable") // the recorder reads them
  private static final class StepEvent extends Event {
    @Label("Step")
    long step;

    @Label("Epoch")
    int epoch;

    @Label("Images")
    int images;

    @Label("Loss")
    double loss;

    @Label("Learning Rate")
    double learningRate;
  }

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
    this.order = settings.sampling.of(train);
    this.random = Rng.of(settings.seed);
    boolean frozen = settings.fineTuning.isConstant() && rates.values().stream().anyMatch(rate -> !rate.changes(0));
    this.body = frozen && settings.augmentation.equals(Augmentation.NONE) && !model.segments()
        ? FrozenBody.of(model.graph(), FineTuning.changing(rates, 0))
        : Optional.empty();
    this.samples = epoch -> new AugmentedImages(train, settings.augmentation, settings.seed, epoch);
    this.heldOut = validation;
    Stream<String> inputs = body.map(FrozenBody::head).orElseGet(model::graph).inputs().stream().map(Op.Input::name);
    this.loader = new Loader(epoch -> samples.apply(epoch), Stream.concat(inputs, Stream.of(TrainingGraph.LABELS)).toList(),
        execution.threads());
    this.examination = new Examination(plan, body.map(FrozenBody::head).orElse(model.graph()), parameters, plan.partSize(),
        execution.threads(), workspace);
  }

  TrainEvent.Ended run() {
    try (loader) {
      return trained();
    }
  }

  private TrainEvent.Ended trained() {
    TrainingBatches batches = batches(plan.epochs()); // with all parameters that are ever trained, which takes the most memory
    Model evaluated = body.map(parts -> new Model(parts.head(), parameters, Card.of(model.card().network()))).orElse(model);
    long largest = memory(batches);
    Evaluator evaluator = Evaluator.within(evaluated, execution.threads(), workspace, plan.partSize(), largest);
    if (evaluator.bytes(validation.size()) > largest) {
      evaluator.prepare(validation.size());
    }
    state = execution.from().map(c -> plan.checked(c.restore(description, arrays(parameters.values()))))
        .orElse(TrainState.START);
    examination.begin(state.step());
    publish(new Started(model, plan.images(), settings.batchSize, plan.stepsPerEpoch(), plan.epochs(), plan.totalSteps(),
        peak(batches, evaluator), state));
    if (body.isPresent() && !extract(body.get())) {
      return publish(new Interrupted(state, plan.totalSteps(), checkpoint(parameters.values())));
    }
    String fingerprint = "";
    Set<String> changing = FineTuning.changing(rates, plan.epochs());
    while (state.epochs() < plan.epochs() && !isOutOfPatience()) {
      if (!FineTuning.changing(rates, state.epochs()).equals(changing)) {
        changing = FineTuning.changing(rates, state.epochs());
        batches = batches(state.epochs());
      }
      learningRate = learningRate(Math.max(0, state.step() - 1));
      while (state.step() < plan.stepsOf(state.epochs() + 1)) {
        if (execution.stop().getAsBoolean()) {
          return publish(new Interrupted(state, plan.totalSteps(), checkpoint(parameters.values())));
        }
        step(batches);
      }
      fingerprint = evaluate(evaluator);
    }
    if (hasAverage()) {
      use(average);
    }
    return publish(new Finished(state, fingerprint.isEmpty() ? parameters.fingerprint() : fingerprint,
        new Loading(loader.waited(), seconds)));
  }

  private TrainingBatches batches(int epoch) {
    Graph graph = body.map(FrozenBody::head).orElseGet(model::graph);
    return new TrainingBatches(FineTuning.frozen(graph, rates, epoch), parameters, settings.loss, settings.augmentation,
        loader, execution.threads(), workspace);
  }

  /** Computes what the network reads in place of images; false if the run was stopped meanwhile. */
  private boolean extract(FrozenBody parts) {
    FeatureExtractor extractor =
        new FeatureExtractor(parts.body(), parameters, execution.threads(), execution.features());
    Optional<Features> ofTraining = extracted(extractor, train);
    Optional<Features> ofValidation = ofTraining.flatMap(_ -> extracted(extractor, validation));
    ofTraining.ifPresent(features -> samples = _ -> features);
    ofValidation.ifPresent(features -> heldOut = features);
    return ofValidation.isPresent();
  }

  private Optional<Features> extracted(FeatureExtractor extractor, PreprocessedDataset images) {
    return extractor.extract(images, done -> publish(new Extracting(images.name(), done, images.size())), execution.stop());
  }

  private double learningRate(long step) {
    return plan.learningRate(step) * state.plateau().scale();
  }

  private boolean isOutOfPatience() {
    return settings.patience > 0 && state.epochs() - state.best().epoch() >= settings.patience;
  }

  // ---- A step

  private void step(TrainingBatches batches) {
    StepEvent event = new StepEvent();
    event.begin();
    long began = System.nanoTime();
    long step = state.step();
    List<Loader.Batch> parts = parts(batches, step);
    List<Loader.Batch> coming = new ArrayList<>(parts);
    for (long next = step + 1; next < plan.totalSteps() && coming.size() <= parts.size() + Loader.AHEAD; next++) {
      coming.addAll(parts(batches, next));
    }
    learningRate = learningRate(step);
    Rng key = random.at("step").at(step);
    TrainingBatches.StepResult result = settings.accumulation == 1
        ? finite(batches, parts.getFirst(), key, coming.subList(1, coming.size()))
        : sum.of(parts.size(), i -> finite(batches, parts.get(i), plan.partKey(key, i), coming.subList(i + 1, coming.size())));
    execution.exchange().average(result.gradients());
    examination.beginStep(step, result.gradients());
    settings.clipping.apply(result.gradients(), parameters.trainableSize());
    optimizer.step(result.gradients(), learningRate, step);
    if (settings.averaging.kind() == Kind.EXPONENTIAL) {
      settings.averaging.take(average, parameters.values(), step);
    }
    int images = parts.getLast().to() - parts.getFirst().from();
    record(event, images, result.loss());
    examination.endStep(step, FineTuning.changing(rates, state.epochs()), samples.apply(state.epochs())).ifPresent(this::publish);
    double taken = (System.nanoTime() - began) * 1e-9;
    seconds += taken;
    state = state.stepDone(result, images, taken);
    publish(new StepDone(step + 1, plan.totalSteps(), state.epochs() + 1, result.loss(), learningRate,
        checkpoint(parameters.values())));
  }

  private void record(StepEvent event, int images, double loss) {
    if (event.shouldCommit()) {
      event.step = state.step() + 1;
      event.epoch = state.epochs() + 1;
      event.images = images;
      event.loss = loss;
      event.learningRate = learningRate;
      event.commit();
    }
  }

  private List<Loader.Batch> parts(TrainingBatches batches, long step) {
    return plan.parts(step, batches.minBatch(), this::order);
  }

  /** The order of the images in an epoch; the last ones are kept, since batches are read ahead. */
  private int[] order(int epoch) {
    orders.keySet().removeIf(known -> known < epoch - 1);
    return orders.computeIfAbsent(epoch, e -> order.of(random.at("order").at(e)));
  }

  /** Forward and backward pass. */
  private TrainingBatches.StepResult finite(TrainingBatches batches, Loader.Batch batch, Rng key, List<Loader.Batch> coming) {
    TrainingBatches.StepResult result = batches.run(batch, key, coming);
    if (!Double.isFinite(result.loss())) {
      String cause = batches.nonFinite(batch, key)
          .map(found -> found.what() + (found.row().isEmpty() ? ""
              : ", for " + train.source(batch.order()[batch.from() + found.row().getAsInt()])))
          .orElse("");
      throw new DivergedException("loss", result.loss(), cause, state.step(), learningRate);
    }
    return result;
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
    Metrics evaluation =
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
    batches.requireEnough(plan.partSize());
    ProcessMemory.of(plan.partSize(), batches::bytes); // refuses a batch that does not fit before anything else is planned
    return batches.bytes(plan.partSize()) - gradientBytes();
  }

  private long gradientBytes() {
    return (long) Float.BYTES * parameters.size();
  }

  private long peak(TrainingBatches batches, Evaluator evaluator) {
    long slots = (long) Float.BYTES * settings.optimizer.slots() * parameters.trainableSize();
    long averages = (long) Float.BYTES * average.length * 2;
    return ProcessMemory.of(plan.partSize(), n -> slots + averages + sum.bytes()
        + Math.max(batches.bytes(n), gradientBytes() + evaluator.bytes(Math.min(n, validation.size())))).peakOfRun();
  }

  private <T extends TrainEvent> T publish(T event) {
    execution.listeners().forEach(listener -> listener.accept(event));
    return event;
  }
}
