package dev.fovea.run;

import dev.fovea.metric.EpochMetrics;
import dev.fovea.metric.Metric;
import dev.fovea.train.Progress;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The results of a comparison so far, stored in {@code compare.json}.
 *
 * @param key the name of the option that is varied
 * @param variants in the order given by the user
 */
public record ComparisonResult(String key, List<Variant> variants) {
  public ComparisonResult {
    variants = List.copyOf(variants);
  }

  /**
   * One value of the varied setting.
   *
   * @param settings all settings that determine its result, by name, except the seed and the images
   * @param runs one per seed
   */
  public record Variant(String value, Map<String, String> settings, List<Run> runs) {
    public Variant {
      runs = List.copyOf(runs);
    }

    /** Of the best epochs, on the held-out images. */
    public Statistics score() {
      return spread(run -> run.result.map(r -> r.best().score()).orElse(Double.NaN));
    }

    /** Of the last epochs, on the held-out images. */
    public Statistics finalLoss() {
      return spread(Run::finalLoss);
    }

    /** The time of the training steps. */
    public Statistics seconds() {
      return spread(Run::seconds);
    }

    private Statistics spread(ToDoubleFunction<Run> of) {
      return Statistics.of(runs.stream().filter(run -> run.result.isPresent()).mapToDouble(of).toArray());
    }

    /** Describes the diverged runs; empty if there are none. */
    String failures() {
      return runs.stream()
          .filter(run -> run.divergedAt.isPresent())
          .map(run -> (runs.size() > 1 ? "seed " + run.seed + " " : "") + run.failure())
          .collect(Collectors.joining(", "));
    }

    /** Of the first run. */
    String fingerprint() {
      return runs.getFirst().fingerprint();
    }

    /** The epochs, with the mean of each metric over the runs that reached the epoch. */
    List<EpochMetrics> curve() {
      int epochs = runs.stream().mapToInt(run -> run.curve.size()).max().orElse(0);
      return IntStream.range(0, epochs)
          .mapToObj(i -> runs.stream().filter(run -> run.curve.size() > i).map(run -> run.curve.get(i)).toList())
          .map(points -> new EpochMetrics(points.getFirst().epoch(),
              mean(points, EpochMetrics::trainLoss), mean(points, EpochMetrics::validationLoss),
              mean(points, EpochMetrics::validationScore), mean(points, EpochMetrics::learningRate)))
          .toList();
    }

    private static double mean(List<EpochMetrics> points, ToDoubleFunction<EpochMetrics> of) {
      return points.stream().mapToDouble(of).average().orElse(Double.NaN);
    }
  }

  /**
   * One run.
   *
   * @param folder relative to the comparison's
   * @param result empty if not finished
   * @param divergedAt the step whose loss was not finite
   * @param curve the metrics of its epochs so far
   * @param seconds the time of its steps so far
   */
  public record Run(
      long seed,
      String folder,
      Optional<RunResult> result,
      Optional<Long> divergedAt,
      List<EpochMetrics> curve,
      double seconds) {
    public Run {
      curve = List.copyOf(curve);
    }

    static Run waiting(long seed, String folder) {
      return new Run(seed, folder, Optional.empty(), Optional.empty(), List.of(), 0);
    }

    /** On the held-out images; NaN if no epoch is finished. */
    public double finalLoss() {
      return curve.isEmpty() ? Double.NaN : curve.getLast().validationLoss();
    }

    /** The first 12 digits of the weights' fingerprint; empty if the run is not finished. */
    String fingerprint() {
      return result.map(r -> r.fingerprint().substring(0, Math.min(12, r.fingerprint().length()))).orElse("");
    }

    /** Why the run failed; empty if it did not. */
    String failure() {
      return divergedAt.map(step -> "diverged at step " + step).orElse("");
    }

    private void writeTo(ObjectNode json) {
      json.put("seed", seed).put("folder", folder);
      json.put("state", result.isPresent() ? "finished" : divergedAt.isPresent() ? "diverged" : "waiting");
      divergedAt.ifPresent(step -> json.put("step", step));
      result.ifPresent(r -> {
        json.put("final_loss", finalLoss()).put("seconds", seconds);
        r.writeTo(json);
      });
    }
  }

  /**
   * Statistics of a value over several runs.
   *
   * @param mean NaN if there is no value
   * @param std the standard deviation, divided by {@code count - 1}; NaN for fewer than two values
   */
  public record Statistics(int count, double mean, double std) {
    static Statistics of(double... values) {
      double sum = 0;
      for (double value : values) {
        sum += value;
      }
      double mean = sum / values.length;
      double squares = 0;
      for (double value : values) {
        squares += (value - mean) * (value - mean);
      }
      return new Statistics(values.length, mean, values.length < 2 ? Double.NaN : Math.sqrt(squares / (values.length - 1)));
    }

    private String text() {
      return count < 2
          ? String.format(Locale.ROOT, "%.4f", mean)
          : String.format(Locale.ROOT, "%.4f +- %.4f", mean, std);
    }

    private void writeTo(ObjectNode json, String name) {
      if (count > 0) {
        json.put(name, mean);
      }
      if (count > 1) {
        json.put(name + "_std", std);
      }
    }
  }

  /** The metric of the scores; accuracy if no run has finished. */
  Metric metric() {
    return variants.stream()
        .flatMap(v -> v.runs.stream())
        .flatMap(run -> run.result.stream())
        .map(RunResult::metric)
        .findFirst()
        .orElse(Metric.ACCURACY);
  }

  /** Whether each variant is run with several seeds. */
  boolean repeated() {
    return variants.stream().anyMatch(v -> v.runs.size() > 1);
  }

  /** With another run in place of the one with that value and seed. */
  ComparisonResult with(String value, Run changed) {
    return new ComparisonResult(key, variants.stream()
        .map(v -> v.value.equals(value)
            ? new Variant(value, v.settings, v.runs.stream().map(r -> r.seed == changed.seed ? changed : r).toList())
            : v)
        .toList());
  }

  /** The settings in which variants differ: another optimizer may also have another learning rate. */
  Set<String> varied() {
    Set<String> names = new LinkedHashSet<>();
    variants.forEach(v -> names.addAll(v.settings.keySet()));
    names.removeIf(name -> variants.stream().map(v -> v.settings.getOrDefault(name, "")).distinct().count() == 1);
    return names;
  }

  /** The settings that all have in common. */
  Map<String, String> common() {
    Map<String, String> common = new LinkedHashMap<>(variants.getFirst().settings);
    common.keySet().removeAll(varied());
    return common;
  }

  /** The seed of each variant's first run. */
  private long firstSeed() {
    return variants.getFirst().runs.getFirst().seed;
  }

  /** The column header of {@link Variant#fingerprint}. */
  String fingerprintHead() {
    return repeated() ? "fingerprint (seed " + firstSeed() + ")" : "fingerprint";
  }

  /**
   * A table with a line per variant, in ASCII if the values are: score of the best epoch and loss of the last on the held-out
   * images, training time, first digits of the weights' fingerprint. Mean and standard deviation of several runs.
   */
  public String table() {
    int valueWidth = variants.stream().mapToInt(v -> v.value.length()).reduce(key.length(), Math::max);
    int scoreWidth = repeated() ? 16 : 10;
    String format = "%-" + valueWidth + "s  %" + scoreWidth + "s  %" + scoreWidth + "s  %9s  %s";
    StringBuilder out = new StringBuilder();
    Consumer<String> line = text -> out.append(text.stripTrailing()).append(System.lineSeparator());
    line.accept(String.format(Locale.ROOT, format, key, metric(), "final loss", "time", fingerprintHead()));
    for (Variant v : variants) {
      line.accept(v.score().count == 0
          ? String.format(Locale.ROOT, "%-" + valueWidth + "s  %s", v.value, v.failures())
          : String.format(Locale.ROOT, format, v.value, v.score().text(), v.finalLoss().text(),
              duration(v.seconds().mean), v.fingerprint() + "  " + v.failures()));
    }
    return out.toString();
  }

  /** {@code 12.3 s}, or {@code 1:02:03} for ten minutes and more. */
  static String duration(double seconds) {
    return seconds < 600 ? String.format(Locale.ROOT, "%.1f s", seconds) : Progress.duration(seconds);
  }

  /** The content of {@code compare.json}, on one line. */
  public String json() {
    return node().toString();
  }

  ObjectNode node() {
    ObjectNode json = JsonFile.object();
    json.put("fovea", Version.text()).put("vary", key);
    ArrayNode array = json.putArray("variants");
    for (Variant variant : variants) {
      ObjectNode node = array.addObject().put("value", variant.value);
      ObjectNode settings = node.putObject("settings");
      variant.settings.forEach(settings::put);
      variant.score().writeTo(node, metric().key());
      variant.finalLoss().writeTo(node, "final_loss");
      variant.seconds().writeTo(node, "seconds");
      ArrayNode runs = node.putArray("runs");
      variant.runs.forEach(run -> run.writeTo(runs.addObject()));
    }
    return json;
  }

  /** What was requested, by name, to distinguish it from another comparison. */
  Map<String, String> plan() {
    Map<String, String> plan = new LinkedHashMap<>();
    plan.put("vary", key + "=" + variants.stream().map(Variant::value).collect(Collectors.joining(",")));
    for (Variant variant : variants) {
      plan.put(variant.value + ": seeds",
          variant.runs.stream().map(r -> String.valueOf(r.seed)).collect(Collectors.joining(",")));
      variant.settings.forEach((name, value) -> plan.put(variant.value + ": " + name, value));
    }
    return plan;
  }

  /** The comparison that was requested according to the file, without results. */
  static ComparisonResult planOf(JsonFile json) {
    return new ComparisonResult(json.text("vary"), json.objects("variants").stream()
        .map(v -> new Variant(v.text("value"), v.texts("settings"),
            v.objects("runs").stream().map(r -> Run.waiting(r.longInteger("seed"), r.text("folder"))).toList()))
        .toList());
  }
}
