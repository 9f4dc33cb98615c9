package dev.fovea.train;

import dev.fovea.data.Dataset;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a run was asked for, as {@code config.json} keeps it.
 *
 * @param network as the zoo spells it, or its notation
 * @param options what else was chosen of the network's form and of the data, by the option's name: {@code hidden}, {@code pool},
 *     {@code augment}
 * @param data the data set as the command line spells it
 * @param dataFingerprint of the training pictures; empty: not yet known, {@link TrainingRun} fills it in
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

  /** The option that says how training pictures are varied, see {@link Augmentation#parse}. */
  public static final String AUGMENT = "augment";

  /** The option that names a file of weights to begin with. */
  public static final String INIT = "init";

  /** The option that leaves out images that cannot be read; it has no value but {@code true}. */
  public static final String SKIP_UNREADABLE = "skip-unreadable";

  public RunConfig {
    options = Collections.unmodifiableMap(new TreeMap<>(options));
  }

  /** Before the data and the first weights are known. */
  public RunConfig(String network, Map<String, String> options, String data, int epochs, long steps, Training training) {
    this(network, options, data, "", "", epochs, steps, training);
  }

  /** With the fingerprints of what it is about to learn from, and with what weights. */
  RunConfig on(Dataset pictures, Model model) {
    String init = options.containsKey(INIT) ? model.parameters().fingerprint() : "";
    return new RunConfig(network, options, data, pictures.fingerprint(), init, epochs, steps, training);
  }

  /** The trainer that it asks for. */
  Trainer trainer(Model model, int images) {
    Trainer trainer =
        Trainer.of(model)
            .loss(Loss.of(options, model.graph().outputShape(Model.OUTPUT)))
            .optimizer(optimizer())
            .augment(Augmentation.parse(options.getOrDefault(AUGMENT, "none")))
            .batchSize(training.batchSize)
            .epochs(epochs)
            .steps(steps == 0 ? Long.MAX_VALUE : steps)
            .seed(training.seed)
            .threads(training.threads);
    return trainer.schedule(schedule(trainer.totalSteps(images)));
  }

  Optimizer optimizer() {
    return Optimizer.named(training.optimizer, training.momentum, training.weightDecay);
  }

  Schedule schedule(long totalSteps) {
    Schedule schedule = Schedule.named(training.schedule, training.learningRate, totalSteps - training.warmup);
    return training.warmup == 0 ? schedule : schedule.warmup(training.warmup, WARMUP_START);
  }

  /** Refuses settings that no run can have; {@link #trainer} would do so too, but needs the model. */
  void check() {
    optimizer();
    schedule(1);
  }

  /** What to type for the same run. */
  String command(Path out) {
    Map<String, String> flags = arguments();
    flags.put("out", out.toString());
    StringBuilder text = new StringBuilder("fovea train");
    flags.forEach(
        (name, value) -> text.append(" --").append(name).append(name.equals(SKIP_UNREADABLE) ? "" : ' ' + quoted(value)));
    return text.toString();
  }

  /** The options of {@code fovea train}, by name, that ask for the same run; threads are the machine's matter. */
  public Map<String, String> arguments() {
    Map<String, Object> flags = new LinkedHashMap<>();
    flags.put("model", network);
    flags.put("data", data);
    flags.putAll(options);
    flags.put("epochs", epochs);
    if (steps != 0) {
      flags.put("steps", steps);
    }
    flags.put("batch-size", training.batchSize);
    flags.put("optimizer", training.optimizer);
    flags.put("lr", training.learningRate);
    // Where none is given, these take the recipe's.
    if (training.momentum != 0 || training.optimizer.equals("sgd") || training.optimizer.equals("nesterov")) {
      flags.put("momentum", training.momentum);
    }
    flags.put("weight-decay", training.weightDecay);
    flags.put("schedule", training.schedule);
    if (training.warmup != 0) {
      flags.put("warmup", training.warmup);
    }
    flags.put("seed", training.seed);
    Map<String, String> texts = new LinkedHashMap<>();
    flags.forEach((name, value) -> texts.put(name, String.valueOf(value)));
    return texts;
  }

  /** As a POSIX shell takes it for one word. */
  private static String quoted(String word) {
    return word.matches("[\\w.,:/=+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /** By name, as texts, all that decides the result. */
  Map<String, String> describe() {
    Map<String, String> text = new LinkedHashMap<>();
    BiConsumer<String, Object> put = (name, value) -> text.put(name, String.valueOf(value));
    put.accept("network", network);
    options.forEach(put);
    put.accept("data", data);
    put.accept("epochs", epochs);
    put.accept("steps", steps == 0 ? "all" : steps);
    put.accept("batch_size", training.batchSize);
    put.accept("optimizer", training.optimizer);
    put.accept("learning_rate", training.learningRate);
    put.accept("momentum", training.momentum);
    put.accept("weight_decay", training.weightDecay);
    put.accept("schedule", training.schedule);
    put.accept("warmup", training.warmup);
    put.accept("seed", training.seed);
    if (!initFingerprint.isEmpty()) {
      put.accept("init_fingerprint", initFingerprint);
    }
    // last: where a setting changes the data, the setting says more
    put.accept("data_fingerprint", dataFingerprint);
    return text;
  }

  /** The first setting in which the other differs, with both values; the number of threads is none. */
  Optional<String> difference(RunConfig other) {
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
    json.put("network", network);
    ObjectNode chosen = json.putObject("options");
    options.forEach(chosen::put);
    json.put("data", data).put("data_fingerprint", dataFingerprint).put("init_fingerprint", initFingerprint);
    json.put("epochs", epochs).put("steps", steps);
    json.put("batch_size", training.batchSize).put("optimizer", training.optimizer);
    json.put("learning_rate", training.learningRate).put("momentum", training.momentum);
    json.put("weight_decay", training.weightDecay).put("schedule", training.schedule);
    json.put("warmup", training.warmup).put("seed", training.seed).put("threads", training.threads);
  }

  static RunConfig of(JsonFile json) {
    try {
      return new RunConfig(
          json.text("network"),
          json.texts("options"),
          json.text("data"),
          json.text("data_fingerprint"),
          json.has("init_fingerprint") ? json.text("init_fingerprint") : "",
          json.integer("epochs"),
          json.whole("steps"),
          new Training(
              json.integer("batch_size"),
              json.text("optimizer"),
              json.number("learning_rate"),
              json.number("momentum"),
              json.number("weight_decay"),
              json.text("schedule"),
              json.whole("warmup"),
              json.whole("seed"),
              json.integer("threads")));
    } catch (FoveaException e) {
      throw new FoveaException(e.getMessage() + ": the run cannot go on from it; start anew with --overwrite", e);
    }
  }
}
