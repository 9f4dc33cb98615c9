package dev.fovea.cli.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class MachineTest {
  @Test
  void ageOfAProcessIsUptimeMinusStart() {
    String stat = "71 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 123456 20";
    assertThat(Machine.sinceStart(List.of("1240.75 9.00"), List.of(stat)).orElseThrow()).isEqualTo(6.19, within(1e-9));
  }

  @Test
  void unreadableProcFilesGiveNoAge() {
    assertThat(Machine.sinceStart(List.of(), List.of("1 (a) S"))).isEqualTo(OptionalDouble.empty());
    assertThat(Machine.sinceStart(List.of("5"), List.of("1 (a) S"))).isEqualTo(OptionalDouble.empty());
    assertThat(Machine.sinceStart(List.of("x"), List.of("1 (a) S 1 2"))).isEqualTo(OptionalDouble.empty());
  }
}
