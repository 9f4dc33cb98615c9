package dev.fovea.diagnose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.diagnose.Finding.Kind;
import dev.fovea.metric.EpochMetrics;
import dev.fovea.metric.Evaluation;
import dev.fovea.optim.Plateau;
import dev.fovea.optim.Schedule;
import dev.fovea.probe.ParameterStatistics;
import dev.fovea.probe.ReluStatistics;
import dev.fovea.tensor.Shape;
import dev.fovea.train.Checkpoint;
import dev.fovea.train.Loading;
import dev.fovea.train.Tiny;
import dev.fovea.train.TrainEvent;
import dev.fovea.train.TrainEvent.EpochDone;
import dev.fovea.train.TrainEvent.Examined;
import dev.fovea.train.TrainState;
import dev.fovea.train.Trainer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rules, on events that no run has. */
class DiagnosisTest {
  private static final List<String> CLASSES = List.of("a", "b");

  /** Half of the images of each class are recognised. */
  private static final long[][] GUESSED = {{5, 5}, {5, 5}};

  private static final long[][] GOOD = {{9, 1}, {1, 9}};

  private static final ReluStatistics DEAD = new ReluStatistics("relu1", 10, 9, 128);

  private final List<Finding> heard = new ArrayList<>();
  private final Diagnosis diagnosis = new Diagnosis(heard::add);
  private final Checkpoint checkpoint = checkpoint();
  private int epoch;

  /** Of a run; an event must have one. */
  private static Checkpoint checkpoint() {
    List<Checkpoint> seen = new ArrayList<>();
    Trainer.of(Tiny.model(1)).schedule(Schedule.constant(0.1)).threads(1).listen(event -> {
      if (event instanceof EpochDone done) {
        seen.add(done.checkpoint());
      }
    }).fit(Tiny.split().train(), Tiny.split().validation());
    return seen.getFirst();
  }

  private static ParameterStatistics weight(String name, double gradient, double update, double moved) {
    return new ParameterStatistics(name, Shape.of(4, 4), gradient, update, moved);
  }

  private static final ParameterStatistics HEALTHY = weight("fc.weight", 1, 1e-3, 0.1);

  private void examined(long step, List<ParameterStatistics> parameters, ReluStatistics... relus) {
    diagnosis.accept(new Examined(step, parameters, List.of(relus)));
  }

  /** The findings of an epoch of 200 steps with these losses. */
  private List<Kind> epoch(double train, double accuracy, double validation, long[][] confusion, double learningRate) {
    epoch++;
    TrainState training = new TrainState(200L * epoch, epoch - 1, train * 1000, (long) (accuracy * 1000), 1000, 1000, 1,
        TrainState.Best.NONE, Plateau.State.START);
    diagnosis.accept(new EpochDone(epoch, 100, training, new Evaluation(CLASSES, confusion, validation, List.of()),
        TrainState.Best.NONE, "0".repeat(64), learningRate, checkpoint));
    return diagnosis.ofEpoch().stream().map(Finding::kind).toList();
  }

  private List<Kind> healthyEpoch() {
    return epoch(1.0 / (epoch + 1), 0.8, 1.0 / (epoch + 1), GOOD, 0.1);
  }

  @Test
  void saysEachKindOnceAndRecordsItAtTheEndOfAnEpoch() {
    examined(1, List.of(HEALTHY), new ReluStatistics("relu1", 10, 10, 64));
    assertThat(heard).extracting(Finding::message).singleElement().asString()
        .startsWith("step 1: 10 of 10 units of the ReLU relu1 give 0 for all of 64 training images, they are dead");
    examined(200, List.of(HEALTHY), DEAD);
    assertThat(healthyEpoch()).containsExactly(Kind.DEAD_RELU);
    assertThat(diagnosis.ofEpoch().getFirst().message()).startsWith("epoch 1: 9 of 10 units");
    examined(400, List.of(HEALTHY), DEAD);
    assertThat(healthyEpoch()).isEmpty();
    assertThat(heard).hasSize(1);
  }

  @Test
  void warningThatDoesNotLastIsNotRecorded() {
    examined(1, List.of(weight("fc.weight", 1, 150, Double.NaN)));
    assertThat(heard).extracting(Finding::kind).containsExactly(Kind.EXPLODING);
    examined(200, List.of(HEALTHY), new ReluStatistics("relu1", 10, 8, 128));
    assertThat(healthyEpoch()).isEmpty();
  }

  @Test
  void resumedRunKnowsWhatWasFound() {
    diagnosis.resume(List.of(new EpochMetrics(1, 1, 1, 0.5, 0.1)), List.of(Kind.DEAD_RELU));
    epoch = 1;
    examined(250, List.of(HEALTHY), new ReluStatistics("relu1", 10, 10, 64));
    examined(400, List.of(HEALTHY), DEAD);
    assertThat(healthyEpoch()).isEmpty();
    assertThat(heard).isEmpty();
  }

  @Test
  void consequencesOfWhatIsKnownAreNotReported() {
    examined(1, List.of(HEALTHY));
    examined(200, List.of(HEALTHY, weight("conv.weight", 1e-9, 1e-3, 0.1)), DEAD);
    assertThat(healthyEpoch()).containsExactly(Kind.DEAD_RELU);
    examined(400, List.of(HEALTHY, weight("conv.weight", 1e-9, 1e-3, 0.1)));
    assertThat(healthyEpoch()).isEmpty();
    assertThat(epoch(0.01, 1, 0.6, new long[][] {{7, 3}, {3, 7}}, 0.1)).as("no consequence").containsExactly(Kind.OVERFITTING);
  }

  @Test
  void gradientsThatAllVanishTogetherAreThoseOfALearnedTask() {
    examined(1, List.of(HEALTHY));
    examined(200, List.of(weight("fc.weight", 1e-12, 0, 0.1), weight("conv.weight", 1e-15, 0, 0.1)));
    assertThat(healthyEpoch()).isEmpty();
    examined(400, List.of(weight("fc.weight", 0, 0, 0.1), weight("conv.weight", 0, 0, 0.1)));
    assertThat(healthyEpoch()).isEmpty();
  }

  @Test
  void epochThatWasResumedMayEndWithoutAChange() {
    examined(200, List.of(weight("fc.weight", 1, 0, Double.NaN)));
    assertThat(healthyEpoch()).isEmpty();
    examined(400, List.of(weight("fc.weight", 1, 0, 0)));
    assertThat(healthyEpoch()).containsExactly(Kind.NO_CHANGE);
  }

  @Test
  void guessingForThreeEpochsIsReported() {
    assertThat(epoch(0.694, 0.5, 0.6935, GUESSED, 0.1)).isEmpty();
    assertThat(epoch(0.693, 0.5, 0.6935, GUESSED, 0.1)).isEmpty();
    assertThat(epoch(0.692, 0.5, 0.6935, GUESSED, 0.1)).containsExactly(Kind.CHANCE);
    assertThat(heard.getFirst().message())
        .contains("a validation loss of 0.6935, where the frequencies of the classes give 0.6931");
  }

  @Test
  void slowStartIsNotGuessing() {
    for (double loss : new double[] {0.694, 0.690, 0.680}) {
      assertThat(epoch(loss, 0.5, 0.6935, GUESSED, 0.1)).isEmpty();
    }
    // of rare classes a good network's loss is below that of the frequencies, though its accuracy is that of the largest class
    for (int i = 0; i < 5; i++) {
      assertThat(epoch(0.2, 0.9, 0.2, new long[][] {{90, 0}, {10, 0}}, 0.1)).isEmpty();
    }
  }

  @Test
  void lossThatStaysIsAPlateauAtAConstantLearningRateOnly() {
    for (int i = 0; i < 30; i++) {
      assertThat(epoch(0.5, 0.8, 0.5, GOOD, 0.1 / (i + 1))).isEmpty();
    }
    for (int i = 0; i < 10; i++) {
      assertThat(epoch(0.5, 0.8, 0.5, GOOD, 0.1)).isEmpty();
    }
    assertThat(epoch(0.5, 0.995, 0.5, GOOD, 0.1)).as("it has learned its images").isEmpty();
    assertThat(epoch(0.4999, 0.8, 0.5, GOOD, 0.1)).containsExactly(Kind.PLATEAU);
    assertThat(heard.getLast().message()).contains("has not fallen for 10 epochs at a learning rate of 0.1");
  }

  @Test
  void validationLossThatRisesWhileTheTrainingLossFallsIsOverfitting() {
    long[][] worse = {{8, 2}, {2, 8}};
    epoch(0.5, 0.8, 0.30, GOOD, 0.1);
    assertThat(epoch(0.4, 0.8, 0.37, worse, 0.1)).isEmpty();
    assertThat(epoch(0.3, 0.8, 0.38, worse, 0.1)).isEmpty();
    assertThat(epoch(0.2, 0.8, 0.39, worse, 0.1)).containsExactly(Kind.OVERFITTING);
    assertThat(heard.getFirst().message()).contains("has risen from 0.3000 in epoch 1 to 0.3900");
  }

  @Test
  void moreCertainMistakesOfABetterNetworkAreNotOverfitting() {
    epoch(0.5, 0.8, 0.30, GOOD, 0.1);
    for (int i = 0; i < 5; i++) {
      assertThat(epoch(0.4 - 0.05 * i, 0.8, 0.5, new long[][] {{10, 0}, {1, 9}}, 0.1)).isEmpty();
    }
  }

  @Test
  void otherEventsChangeNothing() {
    diagnosis.accept(new TrainEvent.Evaluating("data", 1, 2));
    diagnosis.accept(new TrainEvent.Finished(TrainState.START, "0", new Loading(0, 0)));
    assertThat(diagnosis.ofEpoch()).isEmpty();
    assertThat(heard).isEmpty();
  }
}
