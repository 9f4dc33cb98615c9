package dev.fovea.tune;

import dev.fovea.metric.EpochMetrics;
import dev.fovea.run.RunConfig;
import dev.fovea.run.RunFolder;
import dev.fovea.run.RunResult;
import dev.fovea.run.RunsFolder;
import dev.fovea.run.TrainingRun;
import dev.fovea.tensor.FoveaException;
import dev.fovea.train.DivergedException;
import dev.fovea.train.Progress;
import dev.fovea.train.TrainEvent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Finds settings by successive halving, {@link Halving}. Each trial is a run in its own folder, {@code FOLDER/trial-007}, with the
 * schedule of a whole run, stopped at the end of a rung and continued from its checkpoint in the next. The results are written to
 * {@code tune.json} and as a page to {@code tune.html}. What a trial has reached is read from its folder, so a stopped or killed
 * tuning is resumed with {@link RunFolder.Mode#RESUME} to the same result. Trials are compared on the validation images only; the
 * run that is trained to the end is evaluated on the test images, as every run.
 */
public final class Tuning {
  private static final RunsFolder.Kind KIND = new RunsFolder.Kind("tune", "tuning", RunsFolder.Plan::read);

  /** The option with which a run ends before its last epoch by itself. */
  private static final String PATIENCE = "patience";

  private final TuningResult plan;
  private final List<Trial> trials;
  private final Consumer<String> messages;
  private final BooleanSupplier stop;

  /**
   * A trial.
   *
   * @param settings the options that are searched, and their values
   * @param config the configuration of {@code training}
   * @param training creates the run when it is to begin or to continue, so that only one network is in memory
   */
  public record Trial(Map<String, String> settings, RunConfig config, Supplier<TrainingRun> training) {}

  /** How a tuning ended. */
  public sealed interface Outcome {
    /**
     * One trial has been trained to the end, or all have diverged.
     *
     * @param command the command line of the best trial's run, into a new folder; empty if all have diverged
     */
    record Finished(TuningResult result, String command) implements Outcome {}

    /** Stopped as requested, in that trial; it can be resumed. */
    record Stopped(int trial, long step, long totalSteps) implements Outcome {}
  }

  private Tuning(TuningResult plan, List<Trial> trials, Consumer<String> messages, BooleanSupplier stop) {
    this.plan = plan;
    this.trials = trials;
    this.messages = messages;
    this.stop = stop;
  }

  /**
   * Nothing happens before {@link #run}.
   *
   * @param seed of the search
   * @param eta of the {@linkplain Halving halving}: the best {@code 1 / eta} of the trials go on
   * @param trials those of {@link SearchSpace#trials}
   * @throws FoveaException if a trial's settings are invalid, or its length differs from the others' or is not a number of epochs
   */
  public static Tuning of(SearchSpace space, Search search, long seed, int eta, List<Trial> trials) {
    int epochs = trials.getFirst().config.epochs();
    for (Trial trial : trials) {
      trial.config.check();
      if (trial.config.epochs() != epochs) {
        throw new FoveaException("epochs: a tuning compares trials after equal epochs, got " + epochs + " and "
            + trial.config.epochs() + ": give one number of epochs for all");
      }
      if (trial.config.steps() != 0 || trial.config.options().containsKey(PATIENCE)) {
        throw new FoveaException("a tuning stops its trials at the end of an epoch: leave out "
            + (trial.config.steps() != 0 ? "steps" : PATIENCE) + ", and give epochs");
      }
    }
    List<TrialResult> waiting = IntStream.range(0, trials.size()).mapToObj(
        i -> TrialResult.waiting(i + 1, trials.get(i).settings, trials.get(i).config.arguments())).toList();
    TuningResult plan = new TuningResult(space, search, seed, new Halving(trials.size(), eta, epochs), waiting);
    return new Tuning(plan, List.copyOf(trials), _ -> {}, () -> false);
  }

  /** Receives messages for the user, one line each: which trial begins or continues, and the estimated time left. */
  public Tuning messages(Consumer<String> messages) {
    return new Tuning(plan, trials, messages, stop);
  }

  /** Checked before each step; if true, a checkpoint is written and the tuning stops. */
  public Tuning stopWhen(BooleanSupplier stop) {
    return new Tuning(plan, trials, messages, stop);
  }

  /** The number of trials and epochs of each rung. */
  public List<Halving.Rung> rungs() {
    return plan.halving().rungs();
  }

  /** Checks a folder before {@link #run} does, as {@link RunFolder#check} does for a run. */
  public static void check(Path path, RunFolder.Mode mode) {
    RunsFolder.check(path, mode, KIND);
  }

  /**
   * Trains into that folder. A trial that diverges does not end the tuning: the next best takes its place.
   *
   * @throws FoveaException if the folder holds another tuning or other files and the mode does not allow that, or a run fails for
   *     another reason
   */
  public Outcome run(Path path, RunFolder.Mode mode) {
    try (RunsFolder folder = RunsFolder.open(path, mode, KIND, plan.plan())) {
      folder.begin(plan.node().toPrettyString());
      Execution execution = new Execution(folder);
      Optional<Outcome> stopped = execution.run();
      if (stopped.isPresent()) {
        return stopped.get();
      }
      String command = execution.result.best().map(best -> trials.get(best.number() - 1).config
          .command(path.resolveSibling(path.getFileName() + "-best"))).orElse("");
      TuningReport.write(folder.page(), execution.result, command);
      return new Outcome.Finished(execution.result, command);
    }
  }

  /** The rungs, one after the other. */
  private final class Execution {
    private final RunsFolder folder;
    private final List<Halving.Rung> rungs = rungs();
    private TuningResult result = plan;
    private Pace pace = new Pace(plan.halving().trialEpochs(), 0, 0);

    Execution(RunsFolder folder) {
      this.folder = folder;
    }

    /** Empty, unless it was stopped. */
    Optional<Outcome> run() {
      List<Integer> candidates = result.trials().stream().map(TrialResult::number).toList();
      for (int r = 0; r < rungs.size(); r++) {
        Halving.Rung rung = rungs.get(r);
        List<Integer> arrived = new ArrayList<>();
        for (int number : candidates) {
          if (arrived.size() < rung.trials()) {
            Optional<Outcome> stopped = bring(number, r);
            if (stopped.isPresent()) {
              return stopped;
            }
            if (result.trial(number).divergedAt().isEmpty()) {
              arrived.add(number);
            }
          }
        }
        candidates = arrived.stream().map(number -> result.trial(number)).sorted(TrialResult.byScore(rung.epochs()))
            .map(TrialResult::number).toList();
      }
      return Optional.empty();
    }

    /** Trains a trial to the end of a rung, unless it has been before. */
    private Optional<Outcome> bring(int number, int r) {
      TrialResult trial = result.trial(number);
      Path run = folder.run(trial.folder());
      boolean last = r == rungs.size() - 1;
      int epochs = rungs.get(r).epochs();
      int ofRung = epochs - (r == 0 ? 0 : rungs.get(r - 1).epochs());
      List<EpochMetrics> before = RunFolder.curve(run);
      // the last rung's run checks itself whether it is finished
      if (!last && before.size() >= epochs) {
        result = result.with(trial.after(before, Optional.empty(), Optional.empty()));
        pace = pace.after(ofRung, 0, 0);
        return Optional.empty();
      }
      messages.accept("trial " + number + " of " + trials.size() + ", rung " + (r + 1) + " of " + rungs.size() + ", to epoch "
          + epochs + ": " + trial.text() + bestSoFar() + pace.text());
      long began = System.nanoTime();
      UntilEpoch until = new UntilEpoch(epochs);
      Optional<Long> divergedAt = Optional.empty();
      Optional<RunResult> finished = Optional.empty();
      try {
        TrainingRun training = trials.get(number - 1).training.get().listen(until);
        switch (training.stopWhen(() -> until.reached || stop.getAsBoolean()).run(run, RunFolder.Mode.RESUME)) {
          case TrainingRun.Outcome.Finished f -> finished = Optional.of(f.result());
          case TrainingRun.Outcome.AlreadyFinished f -> finished = Optional.of(f.result());
          case TrainingRun.Outcome.Stopped s -> {
            if (!until.reached) {
              return Optional.of(new Outcome.Stopped(number, s.step(), s.totalSteps()));
            }
          }
        }
      } catch (DivergedException e) {
        divergedAt = Optional.of(e.step());
        messages.accept("trial " + number + ": " + e.getMessage());
      }
      result = result.with(trial.after(RunFolder.curve(run), divergedAt, finished));
      pace = pace.after(ofRung, Math.max(0, result.trial(number).curve().size() - before.size()),
          (System.nanoTime() - began) * 1e-9);
      folder.write(result.node().toPrettyString());
      return Optional.empty();
    }

    private String bestSoFar() {
      return result.trials().stream().filter(trial -> trial.best().isPresent()).min(TrialResult.byScore(Integer.MAX_VALUE))
          .map(trial -> String.format(Locale.ROOT, "; best so far %.4f, trial %d",
              trial.best().map(EpochMetrics::validationScore).orElse(Double.NaN), trial.number()))
          .orElse("");
    }
  }

  /** Hears when a run has reached the end of an epoch. */
  private static final class UntilEpoch implements Consumer<TrainEvent> {
    private final int epoch;
    private boolean reached;

    UntilEpoch(int epoch) {
      this.epoch = epoch;
    }

    @Override
    public void accept(TrainEvent event) {
      switch (event) {
        case TrainEvent.Started started -> reached = started.state().epochs() >= epoch;
        case TrainEvent.EpochDone done -> reached = done.epoch() >= epoch;
        default -> {}
      }
    }
  }

  /**
   * The time left, by the speed of this process.
   *
   * @param left epochs of all trials and rungs
   * @param epochs that were trained, and their time
   */
  private record Pace(int left, int epochs, double seconds) {
    Pace after(int ofRung, int trained, double time) {
      return new Pace(left - ofRung, epochs + trained, seconds + time);
    }

    String text() {
      return epochs == 0 ? "" : "; about " + Progress.duration(seconds / epochs * left) + " left in all";
    }
  }
}
