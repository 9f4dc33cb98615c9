package dev.fovea.tune;

import dev.fovea.metric.EpochMetrics;
import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How much of the variance of the trials' scores after the first rung an option explains: eta squared of a one-way grouping, the sum
 * of squares between groups over the total. Values of a choice are groups; trials of a range are in three groups by the rank of
 * their value. It is rough: trials are few, and options act together.
 *
 * @param share NaN if it cannot be computed: for equal scores, or no more trials than groups
 * @param trials without diverged ones
 */
public record Influence(String option, double share, int groups, int trials) {
  private static final int GROUPS_OF_RANGE = 3;

  /** The expected share of an option without influence. */
  public double byChance() {
    return trials > groups ? (groups - 1) / (trials - 1.0) : Double.NaN;
  }

  /**
   * Of a dimension.
   *
   * @param epochs of the first rung
   */
  static Influence of(Dimension dimension, List<TrialResult> trials, int epochs) {
    List<TrialResult> scored = trials.stream().filter(t -> t.divergedAt().isEmpty() && t.best(epochs).isPresent()).toList();
    Map<Integer, List<Double>> groups = new TreeMap<>();
    for (TrialResult trial : scored) {
      groups.computeIfAbsent(group(dimension, trial, scored), _ -> new ArrayList<>()).add(score(trial, epochs));
    }
    double mean = mean(scored.stream().map(trial -> score(trial, epochs)).toList());
    double total = scored.stream().mapToDouble(trial -> square(score(trial, epochs) - mean)).sum();
    double between = groups.values().stream().mapToDouble(of -> of.size() * square(mean(of) - mean)).sum();
    boolean known = total > 0 && scored.size() > groups.size();
    return new Influence(dimension.name(), known ? between / total : Double.NaN, groups.size(), scored.size());
  }

  private static int group(Dimension dimension, TrialResult trial, List<TrialResult> all) {
    return switch (dimension) {
      case Dimension.Choices choices -> choices.values().indexOf(value(choices, trial));
      case Dimension.Range range -> {
        double own = range.place(value(range, trial));
        long smaller = all.stream().filter(other -> range.place(value(range, other)) < own).count();
        yield (int) (smaller * GROUPS_OF_RANGE / all.size());
      }
    };
  }

  private static String value(Dimension dimension, TrialResult trial) {
    return Optional.ofNullable(trial.settings().get(dimension.name()))
        .orElseThrow(() -> new FoveaException("trial " + trial.number() + " has no value of " + dimension.name()));
  }

  private static double score(TrialResult trial, int epochs) {
    return trial.best(epochs).map(EpochMetrics::validationScore).orElse(Double.NaN);
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }

  private static double square(double value) {
    return value * value;
  }
}
