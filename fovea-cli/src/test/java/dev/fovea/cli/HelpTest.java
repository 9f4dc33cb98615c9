package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.zoo.Network;
import dev.fovea.zoo.Zoo;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class HelpTest {
  private static final List<String> COMMANDS =
      List.of("train", "compare", "overfit", "evaluate", "predict", "summary", "models", "data", "convert", "demo", "bench",
          "doctor",
          "completion");

  @Test
  void helpListsEveryCommand() {
    Cli help = Cli.run("--help").succeeds();
    COMMANDS.forEach(command -> assertThat(help.out()).contains("\n  " + command + " "));
    assertThat(help.err()).isEmpty();
  }

  @TestFactory
  Stream<DynamicTest> everyCommandHasHelpWithAnExample() {
    List<String> all =
        Stream.concat(COMMANDS.stream(), Stream.of("demo convolution", "demo backpropagation", "demo unrolled", "demo sliding"))
            .toList();
    return all.stream().map(command -> DynamicTest.dynamicTest(command, () -> {
      Cli help = Cli.run((Object[]) (command + " --help").split(" ", -1)).succeeds();
      assertThat(help.out()).contains("Usage: fovea " + command, "\nExample:\n  fovea " + command);
      assertThat(help.out().lines()).allMatch(line -> line.length() <= 100);
      assertThat(help.err()).isEmpty();
    }));
  }

  @Test
  void defaultsAreThoseOfTheRecipe() {
    Network.Recipe recipe = Zoo.find("lenet5").recipe();
    String help = Cli.run("train", "--help").succeeds().out().replaceAll("\\s+", " ");
    assertThat(help).contains("Passes over the training images (" + recipe.epochs() + " for lenet5",
        "Images a step (" + recipe.batchSize() + " for lenet5", "The learning rate (" + recipe.learningRate() + " for lenet5");
  }

  @Test
  void versionIsOneLine() {
    assertThat(Cli.run("--version").succeeds().out()).matches("fovea \\S+ on Java \\S+\n");
  }

  @Test
  void completionKnowsCommandsOptionsAndChoices() {
    assertThat(Cli.run("completion").succeeds().out())
        .startsWith("#!/usr/bin/env bash")
        .contains("_picocli_fovea_train", "--batch-size", "leaky-relu", "lenet-caffe", "nesterov", "backpropagation");
  }
}
