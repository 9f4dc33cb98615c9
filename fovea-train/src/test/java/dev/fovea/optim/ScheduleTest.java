package dev.fovea.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ScheduleTest {
  @Test
  void scheduleIsConstantAfterItsEnd() {
    assertThat(Schedule.cosine(0.1, 0.01).at(25, 20)).isEqualTo(0.01);
    assertThat(Schedule.polynomial(0.1, 0.9).over(20).at(25, 1000)).isZero();
    assertThat(Schedule.oneCycle(0.1).at(25, 20)).isEqualTo(Schedule.oneCycle(0.1).at(19, 20)).isCloseTo(4e-7, within(1e-16));
    assertThat(Schedule.cosine(0.1).warmup(5, 0.5).at(3, 4)).isPositive();
  }

  @Test
  void namedStepDropsTwiceToATenth() {
    Schedule schedule = Schedule.named("step", 1, 31);
    assertThat(schedule.at(0, 31)).isEqualTo(1);
    assertThat(schedule.at(10, 31)).isEqualTo(1);
    assertThat(schedule.at(11, 31)).isEqualTo(0.1);
    assertThat(schedule.at(30, 31)).isCloseTo(0.01, within(1e-15));
  }

  @Test
  void namedMultistepDropsAtHalfAndAtThreeQuarters() {
    Schedule schedule = Schedule.named("multistep", 1, 64_000);
    assertThat(schedule).isEqualTo(Schedule.multistep(1, 0.1, 32_000, 48_000));
    assertThat(schedule.at(31_999, 64_000)).isEqualTo(1);
    assertThat(schedule.at(32_000, 64_000)).isEqualTo(0.1);
    assertThat(schedule.at(48_000, 64_000)).isCloseTo(0.01, within(1e-15));
  }

  @Test
  void namedExponentialEndsAtAHundredth() {
    assertThat(Schedule.named("exponential", 1, 40).at(0, 40)).isEqualTo(1);
    assertThat(Schedule.named("exponential", 1, 40).at(20, 40)).isCloseTo(0.1, within(1e-15));
    assertThat(Schedule.named("exponential", 1, 40).at(40, 40)).isCloseTo(0.01, within(1e-15));
  }

  @Test
  void everyNamedScheduleWorksForAnyLengthAndWarmup() {
    for (String name : Schedule.names()) {
      for (long steps : new long[] {0, 1, 2, 3, 7}) {
        Schedule schedule = Schedule.named(name, 0.5, steps);
        for (long step = 0; step <= steps; step++) {
          assertThat(schedule.at(step, steps)).as("%s, step %d of %d", name, step, steps).isBetween(0.0, 0.5);
          assertThat(schedule.warmup(5, 0.1).at(step, steps)).as("%s behind a warm-up", name).isBetween(0.0, 0.5);
        }
        assertThat(schedule.warmup(5, 0.1).at(0, steps)).as("%s, first of a warm-up", name).isPositive();
      }
    }
  }

  @Test
  void oneCycleWithoutRiseStartsAtMaximumAndWithoutFallEndsThere() {
    assertThat(new Schedule.OneCycle(0.1, 0.05, 25, 1e4, true).at(0, 20)).isEqualTo(0.1);
    assertThat(new Schedule.OneCycle(0.1, 1, 25, 1e4, false).at(19, 20)).isEqualTo(0.1);
  }

  @Test
  void unknownNameAndInvalidLearningRateAreRefused() {
    assertThatThrownBy(() -> Schedule.named("cosin", 0.1, 10)).hasMessageContaining("did you mean cosine");
    assertThatThrownBy(() -> Schedule.constant(0)).hasMessage("a learning rate must be above 0, got 0.0");
    assertThatThrownBy(() -> Schedule.cosine(0.1, 0.2)).hasMessageContaining("got 0.2");
    assertThatThrownBy(() -> Schedule.step(0.1, 0, 1)).hasMessageContaining("gamma");
    assertThatThrownBy(() -> Schedule.step(0.1, 0.5, 0)).hasMessage("the step size of a step schedule must be 1 or more, got 0");
    assertThatThrownBy(() -> Schedule.multistep(0.1, 1.5, 3)).hasMessageContaining("gamma");
    assertThatThrownBy(() -> Schedule.multistep(0.1, 0.1, 3, -1)).hasMessageContaining("got [3, -1]");
    assertThatThrownBy(() -> Schedule.polynomial(0.1, 0)).hasMessageContaining("power");
    assertThatThrownBy(() -> Schedule.oneCycle(-1)).hasMessageContaining("learning rate");
    assertThatThrownBy(() -> new Schedule.OneCycle(0.1, 1.1, 25, 1e4, false)).hasMessageContaining("got 1.1");
    assertThatThrownBy(() -> new Schedule.OneCycle(0.1, 0.3, 0, 1e4, false)).hasMessageContaining("got Infinity");
    assertThatThrownBy(() -> Schedule.cosine(0.1).over(0)).hasMessageContaining("1 step or more");
    assertThatThrownBy(() -> Schedule.cosine(0.1).warmup(3, 0)).hasMessageContaining("start factor");
  }

  @Test
  void descriptionHasEverySetting() {
    assertThat(Schedule.cosine(0.1, 0.01).warmup(5, 0.2).describe())
        .isEqualTo("Warmup[schedule=Cosine[learningRate=0.1, minimum=0.01], steps=5, startFactor=0.2]");
    assertThat(Schedule.multistep(0.1, 0.5, 3, 4).over(9).describe())
        .isEqualTo("Over[schedule=Multistep[learningRate=0.1, gamma=0.5, milestones=[3, 4]], steps=9]");
    Schedule mine = (step, totalSteps) -> 1;
    assertThat(mine.describe()).isEqualTo("custom");
  }
}
