package dev.fovea.run;

import dev.fovea.data.Dataset;
import dev.fovea.model.Model;
import dev.fovea.optim.Optimizer;
import dev.fovea.optim.Schedule;
import dev.fovea.tensor.FoveaException;
import dev.fovea.train.Augmentation;
import dev.fovea.train.Loss;
import dev.fovea.train.LossSettings;
import dev.fovea.train.Overfit;
import dev.fovea.train.Trainer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.DoubleConsumer;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a run was asked for, as {@code config.json} keeps it.
 *
 * @param network as the zoo spells it, or its notation
 * @param options what else was chosen of the network's form and of the data, by the option's name: {@code hidden}, {@code pool},
 *     {@code augment}
 * @param data the data set as the command line spells it
 * @param dataFingerprint of the training images; empty: not yet known, {@link TrainingRun} fills it in
 * @param initFingerprint of the weights that it begins with, where {@link #INIT} names a file; else empty, likewise filled in
 * @param steps the run ends after so many, should the epochs not end it before; 0: no limit
 * @param training how it learns
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
   * How a run learns.
   *
   * @param optimizer one of {@link Optimizer#names}
   * @param schedule one of {@link Schedule#names}
   * @param momentum of {@code sgd}, {@code nesterov} and {@code rmsprop}; 0 for the others
   * @param warmup the rate rises to its height over so many steps first
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

  /** Where a warm-up begins, as a part of the rate. */
  private static final double WARMUP_START = 0.1;

  /** The option that says how training images are varied, see {@link Augmentation#parse}. */
  public static final String AUGMENT = "augment";

  /** The option that names a file of weights to begin with. */
  public static final String INIT = "init";

  /** The option that leaves out images that cannot be read; it has no value but {@code true}. */
  public static final String SKIP_UNREADABLE = "skip-unreadable";

  private static final String DATA_FINGERPRINT = "data_fingerprint";
  private static final String INIT_FINGERPRINT = "init_fingerprint";
  private static final String THREADS = "threads";

  /** The options of {@code fovea train} that are called otherwise than the record's components. */
  private static final Map<String, String> OPTIONS = Map.of("network", "model", "learning_rate", "lr");

  /** Refuses options of the loss that are no numbers. */
  public RunConfig {
    LossSettings.of(options);
    options = Collections.unmodifiableMap(new TreeMap<>(options));
  }

  /** Before the data and the first weights are known. */
  public RunConfig(String network, Map<String, String> options, String data, int epochs, long steps, Training training) {
    this(network, options, data, "", "", epochs, steps, training);
  }

  /** With the fingerprints of what it is about to learn from, and with what weights. */
  RunConfig on(Dataset images, Model model) {
    String init = options.containsKey(INIT) ? model.parameters().fingerprint() : "";
    return new RunConfig(network, options, data, images.fingerprint(), init, epochs, steps, training);
  }

  /** The trainer that it asks for. */
  public Trainer trainer(Model model, int images) {
    Trainer trainer = unscheduled(model);
    return trainer.schedule(schedule(trainer.totalSteps(images)));
  }

  /** The first steps of this run, all of them on one batch; {@link Overfit#of} says more. */
  public Overfit overfit(Model model, Dataset data, int steps, DoubleConsumer listener) {
    long totalSteps = Math.max(steps, epochs * Math.ceilDiv((long) data.size(), training.batchSize));
    return Overfit.of(unscheduled(model).schedule(schedule(totalSteps)), data, steps, totalSteps, listener);
  }

  private Trainer unscheduled(Model model) {
    return Trainer.of(model)
        .loss(Loss.of(LossSettings.of(options), model.graph().outputShape(Model.OUTPUT)))
        .optimizer(optimizer())
        .augment(Augmentation.parse(options.getOrDefault(AUGMENT, "none")))
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
    Schedule schedule = Schedule.named(training.schedule, training.learningRate, totalSteps - training.warmup);
    return training.warmup == 0 ? schedule : schedule.warmup(training.warmup, WARMUP_START);
  }

  /** Refuses settings that no run can have; {@link #trainer} would do so too, but needs the model. */
  void check() {
    optimizer();
    schedule(1);
  }

  /** What to type for the same run. */
  public String command(Path out) {
    Map<String, String> flags = arguments();
    flags.put("out", out.toString());
    StringBuilder text = new StringBuilder("fovea train");
    flags.forEach(
        (name, value) -> text.append(" --").append(name).append(name.equals(SKIP_UNREADABLE) ? "" : ' ' + quoted(value)));
    return text.toString();
  }

  /** The options of {@code fovea train}, by name, that ask for the same run; threads are the machine's matter. */
  public Map<String, String> arguments() {
    LinkedHashMap<String, Object> fields = RecordJson.fields(this);
    fields.keySet().removeAll(Set.of(THREADS, DATA_FINGERPRINT, INIT_FINGERPRINT));
    fields.putFirst("data", data);
    fields.putFirst("network", network);
    if (steps == 0) {
      fields.remove("steps");
    }
    if (training.warmup == 0) {
      fields.remove("warmup");
    }
    // Where none is given, some take the recipe's.
    if (training.momentum == 0 && !training.optimizer.equals("sgd") && !training.optimizer.equals("nesterov")) {
      fields.remove("momentum");
    }
    Map<String, String> flags = new LinkedHashMap<>();
    texts(fields).forEach((name, value) -> flags.put(OPTIONS.getOrDefault(name, name).replace('_', '-'), value));
    return flags;
  }

  /** The fields as texts, each option in its own right. */
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

  /** As a POSIX shell takes it for one word. */
  private static String quoted(String word) {
    return word.matches("[\\w.,:/=+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /** By name, as texts, all that decides the result. */
  public Map<String, String> describe() {
    LinkedHashMap<String, Object> fields = RecordJson.fields(this);
    fields.remove(THREADS);
    if (steps == 0) {
      fields.put("steps", "all");
    }
    fields.remove(INIT_FINGERPRINT);
    if (!initFingerprint.isEmpty()) {
      fields.putLast(INIT_FINGERPRINT, initFingerprint);
    }
    // last: where a setting changes the data, the setting says more
    fields.putLast(DATA_FINGERPRINT, dataFingerprint);
    return texts(fields);
  }

  /** The first setting in which the other differs, with both values; the number of threads is none. */
  public Optional<String> difference(RunConfig other) {
    Map<String, String> mine = describe();
    Map<String, String> theirs = other.describe();
    Map<String, String> all = new LinkedHashMap<>(mine);
    theirs.forEach(all::putIfAbsent);
    return all.keySet().stream()
        .filter(name -> !mine.getOrDefault(name, "").equals(theirs.getOrDefault(name, "")))
        .findFirst()
        .map(name -> name + " " + mine.getOrDefault(name, "(none)") + ", now " + theirs.getOrDefault(name, "(none)"));
  }

  void writeTo(ObjectNode json) {
    RecordJson.write(this, json);
  }

  static RunConfig of(JsonFile json) {
    try {
      return RecordJson.read(RunConfig.class, json.orElse(INIT_FINGERPRINT, ""));
    } catch (FoveaException e) {
      throw new FolderInUseException(
          e.getMessage() + ": the run cannot go on from it; overwrite it", e, RunFolder.Mode.OVERWRITE);
    }
  }
}
