package dev.fovea.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SearchSpaceTest {
  private static final List<String> TEXTS = List.of("lr=0.0001..0.1 log", "momentum=0.8..0.99 lin", "batch-size=16,32,64",
      "augment=none;flip;flip,crop", "hidden=16..1024 log", "ema=1E-7..0.5 lin", "epochs=3..7 lin");

  private static Dimension.Range range(String text) {
    return (Dimension.Range) Dimension.parse(text);
  }

  @Test
  void textIsReadAndWrittenAlike() {
    SearchSpace space = SearchSpace.parse(TEXTS);
    assertThat(space.texts()).isEqualTo(TEXTS);
    assertThat(SearchSpace.parse(space.texts())).isEqualTo(space);
    assertThat(space.names()).containsExactly("lr", "momentum", "batch-size", "augment", "hidden", "ema", "epochs");
  }

  @Test
  void wideRangesAndLearningRatesAreLogarithmic() {
    assertThat(range("lr=0.1..0.2").log()).isTrue();
    assertThat(range("weight-decay=1e-5..1e-2").log()).isTrue();
    assertThat(range("lr=0.1..0.2 lin").log()).isFalse();
    assertThat(range("ema=0.001..0.1").log()).isTrue();
    assertThat(range("ema=0.001..0.09").log()).isFalse();
    assertThat(range("ema=0.001..0.09 log").log()).isTrue();
    assertThat(range("momentum=0..0.99").log()).isFalse();
  }

  @Test
  void valuesOfRangesAreBetweenTheirEnds() {
    assertThat(Dimension.parse("lr=1e-4..1e-2").at(0)).isEqualTo("0.0001");
    assertThat(Dimension.parse("lr=1e-4..1e-2").at(0.5)).isEqualTo("0.001");
    assertThat(Dimension.parse("lr=1e-4..1e-2").at(0.75)).isEqualTo("0.00316");
    assertThat(Dimension.parse("lr=1e-9..1e-2").at(0)).isEqualTo("1e-9");
    assertThat(Dimension.parse("momentum=0.8..0.9").at(0.25)).isEqualTo("0.825");
    assertThat(Dimension.parse("momentum=0..0.9").at(0)).isEqualTo("0");
    assertThat(Dimension.parse("hidden=1..3").at(0)).isEqualTo("1");
    assertThat(Dimension.parse("hidden=1..3").at(0.34)).isEqualTo("2");
    assertThat(Dimension.parse("hidden=1..3").at(Math.nextDown(1.0))).isEqualTo("3");
    assertThat(Dimension.parse("augment=none;flip;flip,crop").at(0.7)).isEqualTo("flip,crop");
    long seed = LocalDate.now(ZoneOffset.UTC).toEpochDay();
    for (String text : TEXTS) {
      Dimension dimension = Dimension.parse(text);
      for (int i = 0; i < 200; i++) {
        double share = Rng.of(seed).uniform(i);
        double place = dimension.place(dimension.at(share));
        assertThat(place).as("%s at %s, seed %d", text, share, seed).isBetween(0.0, 1.0);
        if (dimension.count() == Long.MAX_VALUE) {
          // three digits: a ratio of at most 1.005
          assertThat(place).isCloseTo(share, within(0.01));
        }
      }
    }
  }

  @Test
  void axesAreLabelledAtEndsAndPowersOfTen() {
    assertThat(Dimension.parse("lr=0.0003..0.2").ticks()).containsExactly("0.0003", "0.001", "0.01", "0.1", "0.2");
    assertThat(Dimension.parse("lr=0.001..0.1").ticks()).containsExactly("0.001", "0.01", "0.1");
    assertThat(Dimension.parse("momentum=0.8..0.9").ticks()).containsExactly("0.8", "0.85", "0.9");
    assertThat(Dimension.parse("batch-size=16,32").ticks()).containsExactly("16", "32");
  }

  @Test
  void trialsAreAFunctionOfSeedAndNumber() {
    SearchSpace space = SearchSpace.parse(TEXTS);
    for (Search search : Search.values()) {
      List<Map<String, String>> nine = space.trials(search, 3, 9);
      assertThat(nine).hasSize(9).doesNotHaveDuplicates().isEqualTo(space.trials(search, 3, 20).subList(0, 9));
      assertThat(nine).isNotEqualTo(space.trials(search, 4, 9));
      assertThat(nine.getFirst().keySet()).containsExactlyElementsOf(space.names());
    }
  }

  @Test
  void smallSpacesAreUsedUp() {
    SearchSpace space = SearchSpace.parse(List.of("batch-size=16,32", "hidden=1..3"));
    for (Search search : Search.values()) {
      assertThat(space.trials(search, 1, 6)).hasSize(6).doesNotHaveDuplicates();
      assertThatThrownBy(() -> space.trials(search, 1, 7)).isInstanceOf(FoveaException.class)
          .hasMessageStartingWith("the search space has 6 combinations of values, fewer than 7 trials");
    }
  }

  @Test
  void invalidTextsAreRefusedInOneLine() {
    Map<String, String> refused = Map.ofEntries(
        Map.entry("lr", "expected an option of fovea train and its values"),
        Map.entry("=1..2", "expected an option of fovea train and its values"),
        Map.entry("lr=", "expected an option of fovea train and its values"),
        Map.entry("lr=0.1",
            "lr: expected two or more values, each once, as in 16,32,64, or a range, as in 0.001..0.1, got '0.1'"),
        Map.entry("lr=0.1,0.1", "got '0.1,0.1'"),
        Map.entry("lr=0.1,,0.2", "got '0.1,,0.2'"),
        Map.entry("lr=0.1..0.01", "lr: expected a range that rises, as in 0.001..0.1, got 0.1..0.01"),
        Map.entry("lr=0..0.01", "lr: a logarithmic range begins above 0, got 0.0: add lin"),
        Map.entry("lr=1e..2", "lr: expected a number on either side of .., as in 0.001..0.1, got '1e'"),
        Map.entry("lr=1e-999999999..2", "got '1e-999999999'"),
        Map.entry("lr=1..1e999", "got '1e999'"),
        Map.entry("lr=1.." + "9".repeat(41), "got '9999"));
    refused.forEach((text, message) -> assertThatThrownBy(() -> Dimension.parse(text)).isInstanceOf(FoveaException.class)
        .message().contains(message).doesNotContain("\n"));
    assertThatThrownBy(() -> SearchSpace.parse(List.of("lr=1..2", "lr=2..3"))).hasMessage(
        "lr: is given twice: give it once, with all of its values");
    assertThatThrownBy(() -> SearchSpace.parse(List.of())).isInstanceOf(FoveaException.class);
  }
}
