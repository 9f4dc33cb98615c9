package dev.fovea.run;

import dev.fovea.diagnose.Diagnosis;
import dev.fovea.diagnose.Finding;
import dev.fovea.model.Model;
import dev.fovea.train.Checkpoint;
import dev.fovea.train.TrainEvent;
import dev.fovea.train.TrainState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Keeps a run's folder up to date. At an epoch's end the checkpoint is written last: if the process dies before that, the end of
 * the epoch is repeated from the previous checkpoint, with the same files.
 */
final class RunRecorder implements Consumer<TrainEvent> {
  /** The number of checkpoints kept: a second one in case the last is damaged. */
  private static final int KEPT = 2;

  private final RunFolder folder;
  private final Model model;
  private final Map<String, String> provenance;
  private final Duration interval;
  private final Diagnosis diagnosis;
  private Optional<MetricsFile> metrics = Optional.empty();
  private final List<Path> kept = new ArrayList<>();
  private long written;
  private long stepsPerEpoch;

  /**
   * @param interval the minimum time between two checkpoints
   * @param diagnosis receives each event first; its findings are recorded
   */
  RunRecorder(RunFolder folder, Model model, Map<String, String> provenance, Duration interval, Diagnosis diagnosis) {
    this.folder = folder;
    this.model = model;
    this.provenance = provenance;
    this.interval = interval;
    this.diagnosis = diagnosis;
  }

  @Override
  public void accept(TrainEvent event) {
    folder.verifyLock();
    diagnosis.accept(event);
    switch (event) {
      case TrainEvent.Started started -> {
        stepsPerEpoch = started.stepsPerEpoch();
        start(started.state());
      }
      case TrainEvent.StepDone done -> {
        // after an epoch's last step come its evaluation and a checkpoint; one in between would lose what was examined in the step
        if (System.nanoTime() - written >= interval.toNanos() && !endsEpoch(done)) {
          checkpoint(done.checkpoint());
        }
      }
      case TrainEvent.Extracting _, TrainEvent.Evaluating _, TrainEvent.Examined _ -> {}
      case TrainEvent.EpochDone done -> {
        done.checkpoint().requireFinite();
        TrainState state = done.checkpoint().state();
        if (done.isBest()) {
          save(folder.bestFile(), state);
        }
        metrics.orElseThrow().append(done, diagnosis.ofEpoch());
        save(folder.modelFile(), state);
        checkpoint(done.checkpoint());
      }
      case TrainEvent.Interrupted stopped -> {
        stopped.checkpoint().requireFinite();
        save(folder.modelFile(), stopped.state());
        checkpoint(stopped.checkpoint());
      }
      case TrainEvent.Finished finished -> save(folder.modelFile(), finished.state());
    }
  }

  private boolean endsEpoch(TrainEvent.StepDone done) {
    return done.step() % stepsPerEpoch == 0 || done.step() == done.totalSteps();
  }

  private void start(TrainState state) {
    MetricsFile lines = new MetricsFile(folder.metricsFile(), state.epochs());
    lines.write();
    diagnosis.resume(lines.epochs(), lines.findings().stream().map(Finding::kind).toList());
    metrics = Optional.of(lines);
    kept.clear();
    kept.add(folder.checkpointFile(state.step()));
    written = System.nanoTime();
  }

  private void checkpoint(Checkpoint checkpoint) {
    Path file = folder.checkpointFile(checkpoint.state().step());
    checkpoint.write(file);
    kept.remove(file);
    kept.add(file);
    while (kept.size() > KEPT) {
      kept.removeFirst();
    }
    folder.keepOnly(kept);
    written = System.nanoTime();
  }

  private void save(Path file, TrainState state) {
    Map<String, String> text = new LinkedHashMap<>(provenance);
    text.put("trained_epochs", String.valueOf(state.epochs()));
    text.put("trained_steps", String.valueOf(state.step()));
    model.withCard(model.card().provenance(text)).save(file);
  }
}
