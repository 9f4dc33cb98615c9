package dev.fovea.diagnose;

import dev.fovea.diagnose.Finding.Kind;
import dev.fovea.metric.EpochMetrics;
import dev.fovea.train.TrainEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Finds what is wrong with a training run, by {@linkplain Symptoms rules} on its events, after the first step of a process and at
 * the end of each epoch. It reports each kind of finding once and changes nothing. Findings at the end of an epoch depend on the
 * run's state only, so a resumed run has the same; one after the first step is a warning before a long epoch.
 */
public final class Diagnosis implements Consumer<TrainEvent> {
  private final Consumer<Finding> reader;
  private final List<EpochMetrics> epochs = new ArrayList<>();
  private final Set<Kind> reported = EnumSet.noneOf(Kind.class);
  private final Set<Kind> recorded = EnumSet.noneOf(Kind.class);
  private Optional<TrainEvent.Examined> examined = Optional.empty();
  private List<Finding> ofEpoch = List.of();
  private boolean first = true;

  /** {@code reader} receives each finding once, on the training thread. */
  public Diagnosis(Consumer<Finding> reader) {
    this.reader = reader;
  }

  /** Continues that of a run that is resumed, with its finished epochs and what was found in them. */
  public void resume(List<EpochMetrics> finished, Collection<Kind> found) {
    epochs.clear();
    epochs.addAll(finished);
    reported.addAll(found);
    recorded.addAll(found);
  }

  /** What was found at the end of the last finished epoch and not in an epoch before. */
  public List<Finding> ofEpoch() {
    return ofEpoch;
  }

  @Override
  public void accept(TrainEvent event) {
    switch (event) {
      case TrainEvent.Examined now -> {
        if (first) {
          unexplained(Symptoms.atOnce(now), EnumSet.copyOf(recorded)).forEach(this::report);
        }
        first = false;
        examined = Optional.of(now);
      }
      case TrainEvent.EpochDone done -> {
        epochs.add(new EpochMetrics(done.epoch(), done.training().meanLoss(), done.validation().loss(), done.validation().score(),
            done.learningRate()));
        ofEpoch = unexplained(Symptoms.of(done, examined, epochs), recorded);
        ofEpoch.forEach(this::report);
      }
      case TrainEvent.Started _, TrainEvent.StepDone _, TrainEvent.Extracting _, TrainEvent.Evaluating _, TrainEvent.Ended _ -> {}
    }
  }

  /** The findings of new kinds, without consequences of others; adds their kinds to those known. */
  private static List<Finding> unexplained(List<Finding> found, Set<Kind> known) {
    List<Finding> unexplained = new ArrayList<>();
    for (Finding finding : found) {
      boolean explained = known.stream().anyMatch(kind -> kind.explains(finding.kind()));
      if (!explained && known.add(finding.kind())) {
        unexplained.add(finding);
      }
    }
    return List.copyOf(unexplained);
  }

  private void report(Finding finding) {
    if (reported.add(finding.kind())) {
      reader.accept(finding);
    }
  }
}
