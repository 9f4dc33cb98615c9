package dev.fovea.tune;

import dev.fovea.metric.EpochMetrics;
import dev.fovea.metric.Metric;
import dev.fovea.run.RunResult;
import dev.fovea.run.RunsFolder;
import dev.fovea.run.Version;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The results of a tuning so far, stored in {@code tune.json}. They hold no times, so that they are a function of the plan.
 *
 * @param seed of the search
 * @param trials by number
 */
public record TuningResult(SearchSpace space, Search search, long seed, Halving halving, List<TrialResult> trials) {
  public TuningResult {
    trials = List.copyOf(trials);
  }

  /** With another trial in place of the one with its number. */
  TuningResult with(TrialResult changed) {
    return new TuningResult(space, search, seed, halving,
        trials.stream().map(trial -> trial.number() == changed.number() ? changed : trial).toList());
  }

  TrialResult trial(int number) {
    return trials.get(number - 1);
  }

  /** The trials from best to worst: first those that came further, in a rung by score, then by lower loss; diverged ones last. */
  public List<TrialResult> ranked() {
    return trials.stream().sorted(TrialResult.RANK).toList();
  }

  /** The trial that was trained to the end; empty before that, and if all diverge. */
  public Optional<TrialResult> best() {
    return ranked().stream().filter(trial -> trial.run().isPresent()).findFirst();
  }

  /** What mattered, by dimension. */
  public List<Influence> influences() {
    int epochs = halving.rungs().getFirst().epochs();
    return space.dimensions().stream().map(dimension -> Influence.of(dimension, trials, epochs)).toList();
  }

  /** The metric of the scores; accuracy before the end. */
  Metric metric() {
    return best().flatMap(TrialResult::run).map(RunResult::metric).orElse(Metric.ACCURACY);
  }

  /** The options that all trials have in common. */
  Map<String, String> common() {
    Map<String, String> common = new LinkedHashMap<>(trials.getFirst().options());
    trials.forEach(trial -> common.entrySet().removeIf(e -> !e.getValue().equals(trial.options().get(e.getKey()))));
    common.keySet().removeAll(space.names());
    return common;
  }

  /** What was requested, by name. */
  Map<String, String> settings() {
    Map<String, String> plan = new LinkedHashMap<>();
    space.dimensions().forEach(dimension -> plan.put(dimension.name(),
        dimension.toString().substring(dimension.name().length() + 1)));
    plan.put("search", search.spelling() + ", seed " + seed);
    plan.put("trials", String.valueOf(halving.trials()));
    plan.put("eta", String.valueOf(halving.eta()));
    plan.putAll(common());
    return plan;
  }

  RunsFolder.Plan plan() {
    return new RunsFolder.Plan(settings(), trials.stream().map(TrialResult::folder).toList());
  }

  /** A table with a line per trial, from best to worst, in ASCII if the values are. */
  public String table() {
    StringBuilder out = new StringBuilder();
    line(out, "%-4s  %10s  %10s  %6s  %5s  %s", "rank", metric(), "loss", "epochs", "trial", "settings");
    List<TrialResult> ranked = ranked();
    for (int i = 0; i < ranked.size(); i++) {
      TrialResult trial = ranked.get(i);
      if (trial.divergedAt().isPresent() || trial.best().isEmpty()) {
        line(out, "%-4d  %-30s  %5d  %s", i + 1, trial.failure(), trial.number(), trial.text());
      } else {
        EpochMetrics best = trial.best().orElseThrow();
        line(out, "%-4d  %10.4f  %10.4f  %6d  %5d  %s", i + 1, best.validationScore(), best.validationLoss(),
            trial.curve().size(), trial.number(), trial.text());
      }
    }
    return out.toString();
  }

  private static void line(StringBuilder out, String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values).stripTrailing()).append(System.lineSeparator());
  }

  /** The content of {@code tune.json}, on one line. */
  public String json() {
    return node().toString();
  }

  ObjectNode node() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("fovea", Version.text());
    put(json.putObject("plan"), settings());
    ArrayNode rungs = json.putArray("rungs");
    halving.rungs().forEach(rung -> rungs.addObject().put("trials", rung.trials()).put("epochs", rung.epochs()));
    json.put("metric", metric().key());
    ArrayNode runs = json.putArray("runs");
    trials.forEach(trial -> write(trial, runs.addObject()));
    best().ifPresent(best -> {
      ArrayNode influences = json.putArray("influence");
      influences().stream().filter(influence -> Double.isFinite(influence.share())).forEach(influence -> influences.addObject()
          .put("option", influence.option()).put("share", influence.share()).put("by_chance", influence.byChance())
          .put("trials", influence.trials()));
      put(json.putObject("best").put("trial", best.number()).putObject("options"), best.options());
    });
    return json;
  }

  private static void write(TrialResult trial, ObjectNode json) {
    json.put("trial", trial.number()).put("folder", trial.folder());
    put(json.putObject("settings"), trial.settings());
    json.put("state", trial.run().isPresent() ? "finished"
        : trial.divergedAt().isPresent() ? "diverged" : trial.curve().isEmpty() ? "waiting" : "stopped");
    trial.divergedAt().ifPresent(step -> json.put("step", step));
    json.put("epochs", trial.curve().size());
    trial.best().ifPresent(best -> json.put("best_epoch", best.epoch()).put("score", best.validationScore())
        .put("loss", best.validationLoss()));
    trial.run().ifPresent(run -> json.put("test_set", run.testSet()).put("test_score", run.testScore())
        .put("test_loss", run.testLoss()).put("fingerprint", run.fingerprint()));
  }

  private static void put(ObjectNode json, Map<String, String> texts) {
    texts.forEach(json::put);
  }
}
