package dev.fovea.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class ScheduleTest {
  /** Each row's schedule, and the number of steps that it takes for the whole run. */
  private record Case(Schedule schedule, long totalSteps) {}

  private static final Map<String, Case> CASES =
      Map.of(
          "constant", new Case(Schedule.constant(0.1), 20),
          "step", new Case(Schedule.step(0.1, 0.5, 7), 20),
          "exponential", new Case(Schedule.step(0.1, 0.9, 1), 20),
          "cosine", new Case(Schedule.cosine(0.1), 20),
          "cosine_floor", new Case(Schedule.cosine(0.1, 0.001), 19),
          "linear_warmup", new Case(Schedule.constant(0.1).warmup(5, 0.1), 20),
          "warmup_cosine", new Case(Schedule.cosine(0.1).warmup(5, 0.1), 20));

  @ParameterizedTest
  @ValueSource(strings = {"constant", "step", "exponential", "cosine", "cosine_floor", "linear_warmup", "warmup_cosine"})
  void followsPyTorch(String name) {
    JsonNode rates = Recorded.row("schedules", name).get("lr");
    Case c = Objects.requireNonNull(CASES.get(name));
    assertThat(rates.size()).isEqualTo(20);
    for (int step = 0; step < rates.size(); step++) {
      assertThat(c.schedule.at(step, c.totalSteps)).as("step %d", step).isCloseTo(rates.get(step).doubleValue(), within(1e-13));
    }
  }

  @Test
  void beyondTheEndTheCosineStaysOnItsFloor() {
    assertThat(Schedule.cosine(0.1, 0.01).at(25, 20)).isEqualTo(0.01);
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
  void unknownNameAndImpossibleRateAreRefused() {
    assertThatThrownBy(() -> Schedule.named("cosin", 0.1, 10)).hasMessageContaining("did you mean cosine");
    assertThatThrownBy(() -> Schedule.constant(0)).hasMessage("a learning rate must be above 0, got 0.0");
    assertThatThrownBy(() -> Schedule.cosine(0.1, 0.2)).hasMessageContaining("got 0.2");
    assertThatThrownBy(() -> Schedule.step(0.1, 0, 1)).hasMessageContaining("gamma");
    assertThatThrownBy(() -> Schedule.cosine(0.1).warmup(3, 0)).hasMessageContaining("start factor");
  }

  @Test
  void descriptionTellsEverySetting() {
    assertThat(Schedule.cosine(0.1, 0.01).warmup(5, 0.2).describe())
        .isEqualTo("Warmup[then=Cosine[rate=0.1, floor=0.01], steps=5, startFactor=0.2]");
  }
}
