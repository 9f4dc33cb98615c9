package dev.fovea.train;

import dev.fovea.data.Samples;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.SharedWorkspace;
import dev.fovea.probe.ParameterProbe;
import dev.fovea.probe.ParameterStatistics;
import dev.fovea.probe.ReluProbe;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which steps are examined, and how: the first of a process and the last of each epoch. Rectifiers are examined in the first epoch
 * and then seldom enough to take one percent of the time.
 */
final class Examination {
  /** A forward pass takes a third of a step's time: at one percent there are 33 images of training to one of examination. */
  private static final long IMAGES_PER_EXAMINED = 33;

  private final TrainingPlan plan;
  private final ParameterProbe parameters;
  private final ReluProbe relus;
  private final long interval;
  private long first;

  /** Examines nothing yet. */
  Examination(TrainingPlan plan, Graph graph, Parameters parameters, int batch, int threads, SharedWorkspace memory) {
    this.plan = plan;
    this.parameters = new ParameterProbe(parameters);
    this.relus = new ReluProbe(graph, parameters, batch, plan.images(), threads, memory);
    this.interval = Math.ceilDiv(IMAGES_PER_EXAMINED * Math.min(plan.images(), ReluProbe.IMAGES), plan.images());
  }

  /** This process begins with step {@code step}, from 0. */
  void begin(long step) {
    first = step;
  }

  /** Before the update of step {@code step}, from 0. */
  void beginStep(long step, float[] gradients) {
    if (step % plan.stepsPerEpoch() == 0) {
      parameters.beginEpoch();
    }
    if (isDue(step)) {
      parameters.beginStep(gradients);
    }
  }

  /** After the update. */
  Optional<TrainEvent.Examined> endStep(long step, Set<String> changing, Samples samples) {
    if (!isDue(step)) {
      return Optional.empty();
    }
    List<ParameterStatistics> those = parameters.endStep().stream().filter(p -> changing.contains(p.name())).toList();
    boolean last = isLast(step);
    boolean seldom = step / plan.stepsPerEpoch() % interval == 0;
    return Optional.of(new TrainEvent.Examined(step + 1, those,
        last && !seldom ? List.of() : relus.run(samples, last ? ReluProbe.IMAGES : 1)));
  }

  private boolean isDue(long step) {
    return step == first || isLast(step);
  }

  /** Whether an epoch ends with this step. */
  private boolean isLast(long step) {
    return step + 1 == plan.stepsOf((int) (step / plan.stepsPerEpoch()) + 1);
  }
}
