package dev.fovea.run;

import dev.fovea.data.Dataset;
import dev.fovea.data.LeftOut;
import dev.fovea.data.Split;
import dev.fovea.graph.SharedWorkspace;
import dev.fovea.metric.Evaluation;
import dev.fovea.metric.Evaluator;
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

/**
 * A whole run into a folder: train, keep what {@link RunFolder} keeps, and at the end measure the last network once on the test
 * images, which nothing has looked at before. Where it is stopped or killed it goes on with {@link RunFolder.Mode#RESUME}, to
 * the same network.
 */
public final class TrainingRun {
  private final RunConfig config;
  private final Model model;
  private final Split data;
  private final Watch watch;

  private record Watch(
      List<Consumer<TrainEvent>> listeners, BooleanSupplier stop, Consumer<String> messages, Duration checkpoints) {}

  /** How a run ended. */
  public sealed interface Outcome {
    /**
     * All steps are made.
     *
     * @param model the last network, as in {@code model.safetensors}
     * @param test what it does on the test images; without those on the validation images
     */
    record Finished(Model model, Evaluation test, RunResult result) implements Outcome {}

    /** Stopped as asked; it can go on. */
    record Stopped(long step, long totalSteps) implements Outcome {}

    /** There was nothing to do: the folder's run had finished before. */
    record AlreadyFinished(RunResult result) implements Outcome {}
  }

  private TrainingRun(RunConfig config, Model model, Split data, Watch watch) {
    this.config = config;
    this.model = model;
    this.data = data;
    this.watch = watch;
  }

  /**
   * Nothing happens before {@link #run}.
   *
   * @param model as it begins, its card with the data's classes; its parameters become the result
   */
  public static TrainingRun of(RunConfig config, Model model, Split data) {
    return new TrainingRun(config, model, data, new Watch(List.of(), () -> false, _ -> {}, Duration.ofSeconds(30)));
  }

  /** One more listener; all hear an event after the folder has been brought up to date with it. */
  public TrainingRun listen(Consumer<TrainEvent> listener) {
    List<Consumer<TrainEvent>> more = new ArrayList<>(watch.listeners);
    more.add(listener);
    return with(new Watch(List.copyOf(more), watch.stop, watch.messages, watch.checkpoints));
  }

  /** Asked before each step; where it says yes, a checkpoint is written and the run stops. */
  public TrainingRun stopWhen(BooleanSupplier stop) {
    return with(new Watch(watch.listeners, stop, watch.messages, watch.checkpoints));
  }

  /** Hears what people should know, one line each: a damaged checkpoint. */
  public TrainingRun messages(Consumer<String> messages) {
    return with(new Watch(watch.listeners, watch.stop, messages, watch.checkpoints));
  }

  /** A checkpoint is written when so long has passed since the last, and after each epoch; 30 seconds unless said. */
  public TrainingRun checkpointEvery(Duration interval) {
    return with(new Watch(watch.listeners, watch.stop, watch.messages, interval));
  }

  private TrainingRun with(Watch changed) {
    return new TrainingRun(config, model, data, changed);
  }

  /**
   * Trains into that folder. Where training fails before it begins, as where a batch does not fit into memory, no folder is left.
   *
   * @throws FoveaException where the folder may not be used (see {@link RunFolder#open}), or training fails
   */
  public Outcome run(Path path, RunFolder.Mode mode) {
    Heard heard = new Heard();
    try {
      return run(path, mode, heard);
    } finally {
      if (heard.idle) {
        RunFolder.delete(path);
      }
    }
  }

  /** What the run has said so far. */
  private static final class Heard implements Consumer<TrainEvent> {
    /** Whether the folder is open, but holds nothing that was learned. */
    private boolean idle;

    /** On the validation images, of the network as it now is. */
    private Optional<Evaluation> validation = Optional.empty();

    @Override
    public void accept(TrainEvent event) {
      idle = idle && !(event instanceof TrainEvent.Started);
      if (event instanceof TrainEvent.EpochDone done) {
        validation = Optional.of(done.validation());
      }
    }
  }

  private Outcome run(Path path, RunFolder.Mode mode, Heard heard) {
    RunConfig whole = config.on(data.train(), model);
    Trainer trainer = whole.trainer(model, data.train().size()).stopWhen(watch.stop);
    data.remarks().forEach(watch.messages);
    try (RunFolder folder = RunFolder.open(path, mode, whole)) {
      Optional<RunResult> before = folder.result();
      if (before.isPresent()) {
        return new Outcome.AlreadyFinished(before.get());
      }
      folder.writeLeftOut(data.leftOut());
      trainer = trainer.listen(new RunRecorder(folder, model, provenance(whole), watch.checkpoints)).listen(heard);
      for (Consumer<TrainEvent> listener : watch.listeners) {
        trainer = trainer.listen(listener);
      }
      Optional<Checkpoint> checkpoint = folder.latest(watch.messages);
      heard.idle = checkpoint.isEmpty();
      return switch (checkpoint.map(trainer::from).orElse(trainer).fit(data.train(), data.validation())) {
        case TrainEvent.Interrupted stopped -> new Outcome.Stopped(stopped.state().step(), stopped.totalSteps());
        case TrainEvent.Finished finished -> finish(folder, finished, heard.validation);
      };
    }
  }

  /** @param last of the network on the validation images, where it was measured in this process */
  private Outcome finish(RunFolder folder, TrainEvent.Finished finished, Optional<Evaluation> last) {
    Dataset images = data.evaluation();
    System.gc(); // what training worked in is let go, and evaluation takes no more
    int batch = Math.min(config.training().batchSize(), data.train().size());
    Evaluator evaluator = Evaluator.within(
        model, config.training().threads(), new SharedWorkspace(), batch, MemoryEstimate.of(model.graph(), batch).training());
    Evaluation validation = last.orElseGet(() -> measure(folder, evaluator, data.validation()));
    Evaluation test = data.test().map(part -> measure(folder, evaluator, part)).orElse(validation);
    RunResult result = RunResult.of(finished.state(), images, test, finished.fingerprint());
    Report.write(folder.reportFile(), contents(folder, validation, test));
    folder.finish(result);
    return new Outcome.Finished(model, test, result);
  }

  private Evaluation measure(RunFolder folder, Evaluator evaluator, Dataset part) {
    return evaluator.evaluate(part, images -> {
      folder.keep();
      TrainEvent event = new TrainEvent.Measuring(part.name(), images, part.size());
      watch.listeners.forEach(listener -> listener.accept(event));
    });
  }

  private Report.Contents contents(RunFolder folder, Evaluation validation, Evaluation test) {
    return new Report.Contents(
        model.card().network() + " on " + config.data(),
        withLeftOut(folder.config().describe()),
        MetricsFile.read(folder.metricsFile()),
        validation,
        data.test().map(_ -> test),
        model,
        data.evaluation(),
        config.command(folder.path()));
  }

  private Map<String, String> provenance(RunConfig whole) {
    Map<String, String> text = new LinkedHashMap<>(model.card().provenance());
    text.put("fovea", Version.text());
    text.putAll(whole.describe());
    return withLeftOut(text);
  }

  private Map<String, String> withLeftOut(Map<String, String> text) {
    if (!data.leftOut().isEmpty()) {
      text.put(Report.LEFT_OUT, LeftOut.counts(data.leftOut()));
    }
    return text;
  }
}
