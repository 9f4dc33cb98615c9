package dev.fovea.tune;

import dev.fovea.metric.EpochMetrics;
import dev.fovea.run.RunResult;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How far a trial has come.
 *
 * @param number from 1
 * @param settings the options that are searched, and their values
 * @param options all options of the run
 * @param curve the metrics of its epochs so far
 * @param divergedAt the step whose loss was not finite
 * @param run the result of a run that was trained to its end
 */
public record TrialResult(
    int number,
    Map<String, String> settings,
    Map<String, String> options,
    List<EpochMetrics> curve,
    Optional<Long> divergedAt,
    Optional<RunResult> run) {
  /** From better to worse: longer trained, then by the best epoch; diverged trials last. */
  static final Comparator<TrialResult> RANK = Comparator.comparing((TrialResult trial) -> trial.divergedAt.isPresent())
      .thenComparing(Comparator.comparingInt((TrialResult trial) -> trial.curve.size()).reversed())
      .thenComparing(byScore(Integer.MAX_VALUE));

  public TrialResult {
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    curve = List.copyOf(curve);
  }

  static TrialResult waiting(int number, Map<String, String> settings, Map<String, String> options) {
    return new TrialResult(number, settings, options, List.of(), Optional.empty(), Optional.empty());
  }

  TrialResult after(List<EpochMetrics> curve, Optional<Long> divergedAt, Optional<RunResult> run) {
    return new TrialResult(number, settings, options, curve, divergedAt, run);
  }

  /** Relative to the tuning's. */
  String folder() {
    return String.format(Locale.ROOT, "trial-%03d", number);
  }

  /** The best of the first epochs; empty if none is finished. */
  Optional<EpochMetrics> best(int epochs) {
    return curve.stream().limit(epochs).filter(e -> Double.isFinite(e.validationScore())).max(EpochMetrics.BY_SCORE);
  }

  /** The best of its epochs so far. */
  Optional<EpochMetrics> best() {
    return best(Integer.MAX_VALUE);
  }

  /** From better to worse: by score and loss of the best of the first epochs, and of equal ones the earlier trial. */
  static Comparator<TrialResult> byScore(int epochs) {
    return Comparator.comparing((TrialResult trial) -> trial.best(epochs).map(EpochMetrics::validationScore).orElse(-1.0),
        Comparator.reverseOrder())
        .thenComparingDouble(trial -> trial.best(epochs).map(EpochMetrics::validationLoss).orElse(Double.POSITIVE_INFINITY))
        .thenComparingInt(TrialResult::number);
  }

  /** {@code lr=0.01 batch-size=32}. */
  String text() {
    return settings.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).collect(Collectors.joining(" "));
  }

  /** Why the trial failed; empty if it did not. */
  String failure() {
    return divergedAt.map(step -> "diverged at step " + step).orElse("");
  }
}
