package dev.fovea.run;

import dev.fovea.augment.Augmentation;
import dev.fovea.data.Dataset;
import dev.fovea.data.LabelCounts;
import dev.fovea.data.Sampling;
import dev.fovea.feature.FeatureCache;
import dev.fovea.model.Model;
import dev.fovea.optim.Optimizer;
import dev.fovea.optim.Plateau;
import dev.fovea.optim.Schedule;
import dev.fovea.tensor.FoveaException;
import dev.fovea.train.LearningRateRange;
import dev.fovea.train.Loss;
import dev.fovea.train.LossSettings;
import dev.fovea.train.Overfit;
import dev.fovea.train.Trainer;
import dev.fovea.train.UpdateSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/**
 * The configuration of a run, as stored in {@code config.json}.
 *
 * @param network as the zoo spells it, its notation, or {@link #NETWORK_OF_INIT}
 * @param options other options of the network and of the data, by name: {@code hidden}, {@code pool}, {@code augment}
 * @param data the data set, as on the command line
 * @param dataFingerprint of the training images; empty until {@link TrainingRun} sets it
 * @param initFingerprint of the initial weights, if {@link #INIT} or {@link #PRETRAINED} names them; also set by {@link TrainingRun}
 * @param steps an upper bound besides the epochs; 0: no limit
 * @param training the settings of the optimization
 */
public record RunConfig(
    String network,
    Map<String, String> options,
    String data,
    String dataFingerprint,
    String initFingerprint,
    int epochs,
    long steps,
    Training training) {

  /**
   * The settings of the optimization.
   *
   * @param optimizer one of {@link Optimizer#names}
   * @param schedule one of {@link Schedule#names}, or {@link #PLATEAU}
   * @param momentum of {@code sgd}, {@code nesterov} and {@code rmsprop}; 0 for the others
   * @param warmup the number of steps over which the learning rate first rises to its full value
   * @param threads the result does not depend on it
   */
  public record Training(
      int batchSize,
      String optimizer,
      double learningRate,
      double momentum,
      double weightDecay,
      String schedule,
      long warmup,
      long seed,
      int threads) {}

  /** The initial learning rate of a warm-up, as a fraction of the full one. */
  private static final double WARMUP_START = 0.1;

  /** In place of a schedule's name: a constant learning rate, a tenth of it after epochs without a lower validation loss. */
  public static final String PLATEAU = "plateau";

  /** When {@link #PLATEAU} reduces the learning rate. */
  public static final Plateau ON_PLATEAU = new Plateau(0.1, 3, 1e-4, 0, 1e-4);

  /** The option for the augmentation of training images, see {@link Augmentation#parse}. */
  public static final String AUGMENT = "augment";

  /** The option that names a file of initial weights. */
  public static final String INIT = "init";

  /** The option that names a pretrained network of the cache. */
  public static final String PRETRAINED = "pretrained";

  /** In place of a network's name: the network is that of the file that {@link #INIT} or {@link #PRETRAINED} names. */
  public static final String NETWORK_OF_INIT = "";

  /** The option that names a {@link Sampling}. */
  public static final String SAMPLING = "sampling";

  /** The option that says what the columns of a CSV file are read as. */
  public static final String TASK = "task";

  /** The option that skips images that cannot be read; its only value is {@code true}. */
  public static final String SKIP_UNREADABLE = "skip-unreadable";

  private static final String DATA_FINGERPRINT = "data_fingerprint";
  private static final String INIT_FINGERPRINT = "init_fingerprint";
  private static final String THREADS = "threads";

  /** The options of {@code fovea train} whose names differ from the record's components. */
  private static final Map<String, String> OPTIONS = Map.of("network", "model", "learning_rate", "lr");

  /** Refuses options that are not numbers, or that contradict each other, and a network of no file. */
  public RunConfig {
    if (network.equals(NETWORK_OF_INIT) && !options.containsKey(INIT) && !options.containsKey(PRETRAINED)) {
      throw new FoveaException("expected a network, or a file of initial weights");
    }
    LossSettings.of(options);
    int parts = UpdateSettings.of(options).accumulate();
    if (parts < 1 || parts > Math.max(1, training.batchSize)) {
      throw new FoveaException("accumulate: a batch of " + training.batchSize + " is computed in 1 to " + training.batchSize
          + " parts, got " + parts);
    }
    Sampling.named(options.getOrDefault(SAMPLING, Sampling.SHUFFLED.toString()));
    options = Collections.unmodifiableMap(new TreeMap<>(options));
  }

  /** Without the fingerprints of the data and of the initial weights. */
  public RunConfig(String network, Map<String, String> options, String data, int epochs, long steps, Training training) {
    this(network, options, data, "", "", epochs, steps, training);
  }

  /** With the fingerprints of the training images and of the initial weights. */
  RunConfig on(Dataset images, Model model) {
    String init = initial().isPresent() ? model.parameters().fingerprint() : "";
    return new RunConfig(network, options, data, images.fingerprint(), init, epochs, steps, training);
  }

  /** The trainer for this configuration. */
  public Trainer trainer(Model model, Dataset images) {
    Trainer trainer = unscheduled(model, images);
    return trainer.schedule(schedule(trainer.totalSteps(images.size())));
  }

  /** How classes are balanced and how frequent they are, a line for each option that does so. */
  public List<String> balance(Dataset images) {
    List<String> lines = new ArrayList<>();
    LossSettings loss = LossSettings.of(options);
    if (loss.classWeights().balanced()) {
      String weights = loss.on(images).classWeights().values().stream().limit(LabelCounts.MAX_COUNTED)
          .map(weight -> String.format(Locale.ROOT, "%.3g", weight)).collect(Collectors.joining(", "));
      lines.add("class weights, balanced: " + weights + " for " + LabelCounts.text(images));
    }
    sampling().of(images); // refuses data without classes
    if (sampling() == Sampling.BALANCED) {
      lines.add("sampling, balanced: as many images of each class in an epoch, of " + LabelCounts.text(images));
    }
    return lines;
  }

  /** Of the training images. */
  public Augmentation augmentation() {
    return Augmentation.parse(options.getOrDefault(AUGMENT, "none"));
  }

  private Sampling sampling() {
    return Sampling.named(options.getOrDefault(SAMPLING, Sampling.SHUFFLED.toString()));
  }

  /** The first steps of this run, all on one batch, see {@link Overfit#of}. */
  public Overfit overfit(Model model, Dataset data, int steps, DoubleConsumer listener) {
    Trainer trainer = unscheduled(model, data);
    long totalSteps = Math.max(steps, trainer.steps(Long.MAX_VALUE).totalSteps(data.size()));
    return Overfit.of(trainer.schedule(schedule(totalSteps)), data, steps, totalSteps, listener);
  }

  /**
   * The learning rate range test with this run's settings, see {@link LearningRateRange#of}.
   *
   * @param features where the features of images are kept if the network's body is frozen
   */
  public LearningRateRange learningRateRange(
      Model model, Dataset data, FeatureCache features, Consumer<LearningRateRange.Point> listener) {
    return LearningRateRange.of(withoutLearningRate(model, data).features(features), data, listener);
  }

  private Trainer unscheduled(Model model, Dataset images) {
    Trainer trainer = withoutLearningRate(model, images);
    return training.schedule.equals(PLATEAU) ? trainer.plateau(ON_PLATEAU) : trainer;
  }

  /** Without what determines the learning rate of a step. */
  private Trainer withoutLearningRate(Model model, Dataset images) {
    return UpdateSettings.of(options).apply(Trainer.of(model), training.learningRate)
        .loss(Loss.of(LossSettings.of(options).on(images), model.card().task(), model.graph().outputShape(Model.OUTPUT)))
        .sampling(sampling())
        .optimizer(optimizer())
        .augment(augmentation())
        .batchSize(training.batchSize)
        .epochs(epochs)
        .steps(steps == 0 ? Long.MAX_VALUE : steps)
        .seed(training.seed)
        .threads(training.threads);
  }

  private Optimizer optimizer() {
    return Optimizer.named(training.optimizer, training.momentum, training.weightDecay);
  }

  private Schedule schedule(long totalSteps) {
    String name = training.schedule.equals(PLATEAU) ? "constant" : training.schedule;
    Schedule schedule = Schedule.named(name, training.learningRate, totalSteps - training.warmup);
    return training.warmup == 0 ? schedule : schedule.warmup(training.warmup, WARMUP_START);
  }

  /** Refuses invalid settings; {@link #trainer} does so too, but needs the model. */
  public void check() {
    optimizer();
    schedule(1);
  }

  /** The names that {@link Training#schedule} may have. */
  public static List<String> schedules() {
    return Stream.concat(Schedule.names().stream(), Stream.of(PLATEAU)).toList();
  }

  /** The network and the data, for messages. */
  public String title() {
    return (network.equals(NETWORK_OF_INIT) ? initial().orElseThrow() : network) + " on " + data;
  }

  private Optional<String> initial() {
    return Optional.ofNullable(options.getOrDefault(INIT, options.get(PRETRAINED)));
  }

  /** The command line of the same run. */
  public String command(Path out) {
    Map<String, String> arguments = arguments();
    arguments.put("out", out.toString());
    StringBuilder text = new StringBuilder("fovea train");
    arguments.forEach(
        (name, value) -> text.append(" --").append(name).append(name.equals(SKIP_UNREADABLE) ? "" : ' ' + quoted(value)));
    return text.toString();
  }

  /** The options of {@code fovea train} for the same run, by name; the number of threads depends on the machine and is left out. */
  public Map<String, String> arguments() {
    LinkedHashMap<String, Object> fields = settings();
    fields.keySet().removeAll(Set.of(DATA_FINGERPRINT, INIT_FINGERPRINT));
    fields.putFirst("data", data);
    if (!network.equals(NETWORK_OF_INIT)) {
      fields.putFirst("network", network);
    }
    if (steps == 0) {
      fields.remove("steps");
    }
    if (training.warmup == 0) {
      fields.remove("warmup");
    }
    // Without this option, some use the momentum of the recipe.
    if (training.momentum == 0 && !training.optimizer.equals("sgd") && !training.optimizer.equals("nesterov")) {
      fields.remove("momentum");
    }
    Map<String, String> arguments = new LinkedHashMap<>();
    texts(fields).forEach((name, value) -> arguments.put(OPTIONS.getOrDefault(name, name).replace('_', '-'), value));
    return arguments;
  }

  /** The fields that determine the result. */
  @SuppressWarnings("NonApiType") // callers put some first or last
  private LinkedHashMap<String, Object> settings() {
    LinkedHashMap<String, Object> fields = RecordJson.fields(this);
    fields.remove(THREADS);
    if (network.equals(NETWORK_OF_INIT)) {
      fields.remove("network");
    }
    return fields;
  }

  /** The fields as text, with each of the options as an entry. */
  private Map<String, String> texts(Map<String, Object> fields) {
    Map<String, String> texts = new LinkedHashMap<>();
    fields.forEach((name, value) -> {
      if (name.equals("options")) {
        texts.putAll(options);
      } else {
        texts.put(name, String.valueOf(value));
      }
    });
    return texts;
  }

  /** Quoted as one word for a POSIX shell. */
  private static String quoted(String word) {
    return word.matches("[\\w.,:/=+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /** All settings that determine the result, by name, as text. */
  public Map<String, String> describe() {
    LinkedHashMap<String, Object> fields = settings();
    if (steps == 0) {
      fields.put("steps", "all");
    }
    fields.remove(INIT_FINGERPRINT);
    if (!initFingerprint.isEmpty()) {
      fields.putLast(INIT_FINGERPRINT, initFingerprint);
    }
    // last: if a setting changes the data, its difference is reported instead of the fingerprint's
    fields.putLast(DATA_FINGERPRINT, dataFingerprint);
    return texts(fields);
  }

  /** The first setting in which the other differs, with both values; the number of threads is ignored. */
  public Optional<String> difference(RunConfig other) {
    Map<String, String> own = describe();
    Map<String, String> others = other.describe();
    Map<String, String> all = new LinkedHashMap<>(own);
    others.forEach(all::putIfAbsent);
    return all.keySet().stream()
        .filter(name -> !own.getOrDefault(name, "").equals(others.getOrDefault(name, "")))
        .findFirst()
        .map(name -> name + " " + own.getOrDefault(name, "(none)") + ", now " + others.getOrDefault(name, "(none)"));
  }

  void writeTo(ObjectNode json) {
    RecordJson.write(this, json);
  }

  static RunConfig of(JsonFile json) {
    try {
      return RecordJson.read(RunConfig.class, json.orElse(INIT_FINGERPRINT, ""));
    } catch (FoveaException e) {
      throw new FolderInUseException(
          e.getMessage() + ": the run cannot be resumed; overwrite it", e, RunFolder.Mode.OVERWRITE);
    }
  }
}
