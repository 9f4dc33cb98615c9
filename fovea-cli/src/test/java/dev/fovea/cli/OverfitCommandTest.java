package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class OverfitCommandTest {
  @Test
  void networkLearnsOneBatch() {
    JsonNode json = Cli.run("overfit", "--data", "digits:60", "--batch-size", 8, "--json").succeeds().json();
    assertThat(json.get("network").asString()).isEqualTo("lenet5");
    assertThat(json.get("input").asString()).isEqualTo("1x28x28");
    assertThat(json.get("batch").asInt()).isEqualTo(8);
    assertThat(json.get("losses")).hasSize(20);
    assertThat(json.get("losses").get(19).asDouble()).isEqualTo(json.get("last").asDouble());
    assertThat(json.get("ratio").asDouble()).isLessThan(0.7);
  }

  @Test
  void textListsEachLoss() {
    String out = Cli.run("overfit", "--model", "mlp", "--data", "digits:60", "--batch-size", 8, "--steps", 3).succeeds().out();
    assertThat(out.lines()).hasSize(4);
    assertThat(out).containsPattern("\n3 steps: loss from 2\\.\\d+ to \\d\\.\\d+, ratio 0\\.\\d{3}, in ");
  }
}
