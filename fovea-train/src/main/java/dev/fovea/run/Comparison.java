package dev.fovea.run;

import dev.fovea.tensor.FoveaException;
import dev.fovea.train.DivergedException;
import dev.fovea.train.Progress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Several runs that differ in one setting, with one seed or several, each in its own folder: {@code FOLDER/VALUE}, or {@code
 * FOLDER/VALUE/seed-N}. The results are written to {@code compare.json} and as a page to {@code compare.html}. A stopped or killed
 * comparison is resumed with {@link RunFolder.Mode#RESUME}: finished runs are not repeated, an interrupted run continues from its
 * checkpoint, and a diverged run repeats the steps from its last checkpoint.
 */
public final class Comparison {
  static final RunsFolder.Kind KIND = new RunsFolder.Kind("compare", "comparison", Comparison::planOf);

  private final String key;
  private final List<Run> runs;
  private final Consumer<String> messages;
  private final BooleanSupplier stop;

  /**
   * One run of a comparison.
   *
   * @param value of the varied setting, as the user spells it
   * @param config the configuration of {@code training}
   * @param training creates the run when it is to begin, so that only one network is in memory
   */
  public record Run(String value, RunConfig config, Supplier<TrainingRun> training) {
    private long seed() {
      return config.training().seed();
    }
  }

  /** How a comparison ended. */
  public sealed interface Outcome {
    /** All runs have finished or diverged. */
    record Finished(ComparisonResult result) implements Outcome {}

    /** Stopped as requested, in the run of that value; it can be resumed. */
    record Stopped(String value, long step, long totalSteps) implements Outcome {}
  }

  private Comparison(String key, List<Run> runs, Consumer<String> messages, BooleanSupplier stop) {
    this.key = key;
    this.runs = runs;
    this.messages = messages;
    this.stop = stop;
  }

  /**
   * Nothing happens before {@link #run}.
   *
   * @param key the name of the option that is varied
   * @param runs in the order in which they are run; those of one value differ in their seeds
   * @throws FoveaException if a run's settings are invalid, or two runs cannot be distinguished
   */
  public static Comparison of(String key, List<Run> runs) {
    Comparison comparison = new Comparison(key, List.copyOf(runs), _ -> {}, () -> false);
    Set<String> folders = new HashSet<>(List.of(KIND.json(), KIND.page()));
    for (ComparisonResult.Variant variant : comparison.plan().variants()) {
      if (!folders.add(RunsFolder.name(variant.value()).toLowerCase(Locale.ROOT))) {
        throw new FoveaException(key + ": '" + variant.value() + "' and another value are both called '"
            + RunsFolder.name(variant.value()) + "' as a folder: give each value once, or compare them separately");
      }
      if (variant.runs().stream().mapToLong(ComparisonResult.Run::seed).distinct().count() < variant.runs().size()) {
        throw new FoveaException(key + ": '" + variant.value() + "' is given twice with the same seed: give it once");
      }
    }
    for (Run run : runs) {
      run.config.check();
    }
    return comparison;
  }

  /** Receives messages for the user, one line each: which run begins, and the estimated time left. */
  public Comparison messages(Consumer<String> messages) {
    return new Comparison(key, runs, messages, stop);
  }

  /** Checked before each step; if true, a checkpoint is written and the comparison stops. */
  public Comparison stopWhen(BooleanSupplier stop) {
    return new Comparison(key, runs, messages, stop);
  }

  /** Checks a folder before {@link #run} does, as {@link RunFolder#check} does for a run. */
  public static void check(Path path, RunFolder.Mode mode) {
    RunsFolder.check(path, mode, KIND);
  }

  /**
   * Trains into that folder. A run that diverges does not end the comparison.
   *
   * @throws FoveaException if the folder holds another comparison or other files and the mode does not allow that, or a
   *     run fails for another reason
   */
  public Outcome run(Path path, RunFolder.Mode mode) {
    ComparisonResult result = plan();
    try (RunsFolder folder = RunsFolder.open(path, mode, KIND, planOf(result))) {
      folder.begin(result.node().toPrettyString());
      Pace pace = new Pace(0, 0);
      for (int i = 0; i < runs.size(); i++) {
        Run run = runs.get(i);
        messages.accept("run " + (i + 1) + " of " + runs.size() + ": " + key + "=" + run.value
            + (result.repeated() ? ", seed " + run.seed() : "") + pace.left(runs.size() - i));
        Path runFolder = folder.run(entry(result, run).folder());
        Optional<RunResult> finished = Optional.empty();
        Optional<Long> divergedAt = Optional.empty();
        long began = System.nanoTime();
        try {
          switch (run.training.get().stopWhen(stop).run(runFolder, RunFolder.Mode.RESUME)) {
            case TrainingRun.Outcome.Finished f -> {
              finished = Optional.of(f.result());
              pace = pace.after((System.nanoTime() - began) * 1e-9);
            }
            case TrainingRun.Outcome.AlreadyFinished f -> finished = Optional.of(f.result());
            case TrainingRun.Outcome.Stopped s -> {
              return new Outcome.Stopped(run.value, s.step(), s.totalSteps());
            }
          }
        } catch (DivergedException e) {
          divergedAt = Optional.of(e.step());
          messages.accept(key + "=" + run.value + ": " + e.getMessage());
        }
        result = result.with(run.value, outcome(entry(result, run), runFolder, finished, divergedAt));
        folder.write(result.node().toPrettyString());
      }
      ComparisonReport.write(folder.page(), result, commands(path, result));
      return new Outcome.Finished(result);
    }
  }

  /** The number of runs done by this process, and the time they took. */
  private record Pace(int runs, double seconds) {
    Pace after(double more) {
      return new Pace(runs + 1, seconds + more);
    }

    String left(int rest) {
      return runs == 0 ? "" : ", about " + Progress.duration(seconds / runs * rest) + " left in all";
    }
  }

  private static ComparisonResult.Run outcome(
      ComparisonResult.Run before, Path folder, Optional<RunResult> result, Optional<Long> divergedAt) {
    MetricsFile metrics = MetricsFile.read(folder.resolve(RunFolder.METRICS));
    return new ComparisonResult.Run(
        before.seed(), before.folder(), result, divergedAt, metrics.epochs(), metrics.seconds());
  }

  /** The result before the first run. */
  private ComparisonResult plan() {
    Map<String, List<Run>> byValue = new LinkedHashMap<>();
    runs.forEach(run -> byValue.computeIfAbsent(run.value, _ -> new ArrayList<>()).add(run));
    boolean repeated = byValue.values().stream().anyMatch(of -> of.size() > 1);
    List<ComparisonResult.Variant> variants = new ArrayList<>();
    byValue.forEach((value, of) -> {
      String folder = RunsFolder.name(value);
      variants.add(new ComparisonResult.Variant(value, settings(of.getFirst().config), of.stream()
          .map(run -> ComparisonResult.Run.waiting(run.seed(), repeated ? folder + "/seed-" + run.seed() : folder))
          .toList()));
    });
    return new ComparisonResult(key, variants);
  }

  private static RunsFolder.Plan planOf(ComparisonResult result) {
    return new RunsFolder.Plan(result.plan(),
        result.variants().stream().flatMap(v -> v.runs().stream()).map(ComparisonResult.Run::folder).toList());
  }

  /** The plan in the file of a comparison. */
  private static RunsFolder.Plan planOf(Path file) {
    return planOf(ComparisonResult.planOf(JsonFile.read(file)));
  }

  private static Map<String, String> settings(RunConfig config) {
    Map<String, String> settings = config.describe();
    settings.keySet().removeAll(Set.of("seed", "data_fingerprint", "init_fingerprint"));
    return settings;
  }

  private static ComparisonResult.Run entry(ComparisonResult result, Run run) {
    return result.variants().stream()
        .filter(v -> v.value().equals(run.value))
        .flatMap(v -> v.runs().stream())
        .filter(r -> r.seed() == run.seed())
        .findFirst()
        .orElseThrow();
  }

  /** The command line of each run. */
  private List<String> commands(Path path, ComparisonResult result) {
    return runs.stream().map(run -> run.config.command(path.resolve(entry(result, run).folder()))).toList();
  }
}
