package dev.fovea.run;

import dev.fovea.data.Dataset;
import dev.fovea.data.SkippedFile;
import dev.fovea.data.Split;
import dev.fovea.diagnose.Diagnosis;
import dev.fovea.diagnose.Finding;
import dev.fovea.feature.FeatureCache;
import dev.fovea.graph.SharedWorkspace;
import dev.fovea.metric.Evaluator;
import dev.fovea.metric.Metrics;
import dev.fovea.metric.Scores;
import dev.fovea.model.Model;
import dev.fovea.report.Report;
import dev.fovea.tensor.FoveaException;
import dev.fovea.train.Checkpoint;
import dev.fovea.train.MemoryEstimate;
import dev.fovea.train.TrainEvent;
import dev.fovea.train.Trainer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * A complete run into a {@link RunFolder}: training, and at the end one evaluation of the last network on the test images, which
 * are not used before. A stopped or killed run is resumed with {@link RunFolder.Mode#RESUME} and gives the same network.
 */
public final class TrainingRun {
  private final RunConfig config;
  private final Model model;
  private final Split data;
  private final Observers observers;

  private record Observers(
      List<Consumer<TrainEvent>> listeners, BooleanSupplier stop, Consumer<String> messages, Consumer<Finding> findings,
      Duration checkpoints, Optional<Path> features) {}

  /** How a run ended. */
  public sealed interface Outcome {
    /**
     * All steps are done.
     *
     * @param model the last network, as in {@code model.safetensors}
     * @param test the evaluation on the test images; without those on the validation images
     */
    record Finished(Model model, Metrics test, RunResult result) implements Outcome {}

    /** Stopped as requested; it can be resumed. */
    record Stopped(long step, long totalSteps) implements Outcome {}

    /** The run in the folder had finished before. */
    record AlreadyFinished(RunResult result) implements Outcome {}
  }

  private TrainingRun(RunConfig config, Model model, Split data, Observers observers) {
    this.config = config;
    this.model = model;
    this.data = data;
    this.observers = observers;
  }

  /**
   * Nothing happens before {@link #run}.
   *
   * @param model with its initial parameters, and the data's classes in its card; it is trained in place
   */
  public static TrainingRun of(RunConfig config, Model model, Split data) {
    return new TrainingRun(config, model, data,
        new Observers(List.of(), () -> false, _ -> {}, _ -> {}, Duration.ofSeconds(30), Optional.empty()));
  }

  /** Adds a listener; listeners receive an event after the folder has been updated. */
  public TrainingRun listen(Consumer<TrainEvent> listener) {
    List<Consumer<TrainEvent>> more = new ArrayList<>(observers.listeners);
    more.add(listener);
    return with(new Observers(List.copyOf(more), observers.stop, observers.messages, observers.findings, observers.checkpoints,
        observers.features));
  }

  /** Checked before each step; if true, a checkpoint is written and the run stops. */
  public TrainingRun stopWhen(BooleanSupplier stop) {
    return with(new Observers(observers.listeners, stop, observers.messages, observers.findings, observers.checkpoints,
        observers.features));
  }

  /** Receives messages for the user, one line each, such as on a damaged checkpoint. */
  public TrainingRun messages(Consumer<String> messages) {
    return with(new Observers(observers.listeners, observers.stop, messages, observers.findings, observers.checkpoints,
        observers.features));
  }

  /** Receives what is wrong with the run, once for each kind, while it trains; the folder's metrics and report have it as well. */
  public TrainingRun findings(Consumer<Finding> findings) {
    return with(new Observers(observers.listeners, observers.stop, observers.messages, findings, observers.checkpoints,
        observers.features));
  }

  /** The minimum time between two checkpoints, 30 seconds by default; one is also written after each epoch. */
  public TrainingRun checkpointEvery(Duration interval) {
    return with(new Observers(observers.listeners, observers.stop, observers.messages, observers.findings, interval,
        observers.features));
  }

  /** The folder where features of images are kept for later runs, see {@link FeatureCache}; by default they are not. */
  public TrainingRun features(Path folder) {
    return with(new Observers(observers.listeners, observers.stop, observers.messages, observers.findings, observers.checkpoints,
        Optional.of(folder)));
  }

  private TrainingRun with(Observers changed) {
    return new TrainingRun(config, model, data, changed);
  }

  /**
   * Trains into that folder. If training fails before its first step, for example for lack of memory, the folder is deleted.
   *
   * @throws FoveaException if the folder cannot be used (see {@link RunFolder#open}), or training fails
   */
  public Outcome run(Path path, RunFolder.Mode mode) {
    Recent recent = new Recent();
    try {
      return run(path, mode, recent);
    } finally {
      if (recent.idle) {
        RunFolder.delete(path);
      }
    }
  }

  /** What is needed of the run's events. */
  private static final class Recent implements Consumer<TrainEvent> {
    /** Whether the folder is open, but holds no results of training. */
    private boolean idle;

    /** Of the current network on the validation images. */
    private Optional<Metrics> validation = Optional.empty();

    @Override
    public void accept(TrainEvent event) {
      idle = idle && !(event instanceof TrainEvent.Started);
      if (event instanceof TrainEvent.EpochDone done) {
        validation = Optional.of(done.validation());
      }
    }
  }

  private Outcome run(Path path, RunFolder.Mode mode, Recent recent) {
    RunConfig complete = config.on(data.train(), model);
    Trainer trainer = complete.trainer(model, data.train()).stopWhen(observers.stop)
        .features(observers.features.map(kept -> FeatureCache.in(kept, observers.messages)).orElse(FeatureCache.NONE));
    data.warnings().forEach(observers.messages);
    complete.balance(data.train()).forEach(observers.messages);
    try (RunFolder folder = RunFolder.open(path, mode, complete)) {
      Optional<RunResult> before = folder.result();
      if (before.isPresent()) {
        return new Outcome.AlreadyFinished(before.get());
      }
      folder.writeLeftOut(data.skipped());
      Diagnosis diagnosis = new Diagnosis(observers.findings);
      trainer = trainer.listen(new RunRecorder(folder, model, provenance(complete), observers.checkpoints, diagnosis))
          .listen(recent);
      for (Consumer<TrainEvent> listener : observers.listeners) {
        trainer = trainer.listen(listener);
      }
      Optional<Checkpoint> checkpoint = folder.latest(observers.messages);
      recent.idle = checkpoint.isEmpty();
      return switch (checkpoint.map(trainer::from).orElse(trainer).fit(data.train(), data.validation())) {
        case TrainEvent.Interrupted stopped -> new Outcome.Stopped(stopped.state().step(), stopped.totalSteps());
        case TrainEvent.Finished finished -> finish(folder, finished, recent.validation);
      };
    }
  }

  /** @param last of the network on the validation images, if it was evaluated in this process */
  private Outcome finish(RunFolder folder, TrainEvent.Finished finished, Optional<Metrics> last) {
    Dataset images = data.evaluation();
    System.gc(); // releases the memory of training, so that evaluation does not add to it
    int batch = Math.min(config.training().batchSize(), data.train().size());
    Evaluator evaluator = Evaluator.within(
        model, config.training().threads(), new SharedWorkspace(), batch, MemoryEstimate.of(model.graph(), batch).training());
    Metrics validation = last.orElseGet(() -> evaluate(folder, evaluator, data.validation()));
    Optional<Scores> scores = data.test()
        .filter(part -> model.classifies() && Scores.fit(part.size(), part.classes().size()))
        .map(part -> evaluator.scores(part, progress(folder, part)));
    Metrics test = scores.<Metrics>map(Scores::evaluation)
        .or(() -> data.test().map(part -> evaluate(folder, evaluator, part))).orElse(validation);
    RunResult result = RunResult.of(finished.state(), images, test, finished.fingerprint());
    Report.write(folder.reportFile(), contents(folder, validation, test, scores));
    folder.finish(result);
    return new Outcome.Finished(model, test, result);
  }

  private Metrics evaluate(RunFolder folder, Evaluator evaluator, Dataset part) {
    return evaluator.measure(part, progress(folder, part));
  }

  private IntConsumer progress(RunFolder folder, Dataset part) {
    return images -> {
      folder.verifyLock();
      TrainEvent event = new TrainEvent.Evaluating(part.name(), images, part.size());
      observers.listeners.forEach(listener -> listener.accept(event));
    };
  }

  private Report.Contents contents(RunFolder folder, Metrics validation, Metrics test, Optional<Scores> scores) {
    MetricsFile metrics = MetricsFile.read(folder.metricsFile());
    return new Report.Contents(
        model.card().network() + " on " + config.data(),
        withSkipped(folder.config().describe()),
        metrics.epochs(),
        validation,
        data.test().map(_ -> test),
        model,
        data.evaluation(),
        config.command(folder.path()),
        scores,
        metrics.findings().stream().map(Finding::message).toList());
  }

  private Map<String, String> provenance(RunConfig complete) {
    Map<String, String> text = new LinkedHashMap<>(model.card().provenance());
    text.put("fovea", Version.text());
    text.putAll(complete.describe());
    return withSkipped(text);
  }

  private Map<String, String> withSkipped(Map<String, String> text) {
    if (!data.skipped().isEmpty()) {
      text.put(Report.LEFT_OUT, SkippedFile.counts(data.skipped()));
    }
    return text;
  }
}
