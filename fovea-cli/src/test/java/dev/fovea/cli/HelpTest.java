package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.augment.Augmentation;
import dev.fovea.cli.command.FoveaCommand;
import dev.fovea.cli.console.Streams;
import dev.fovea.zoo.Network;
import dev.fovea.zoo.Zoo;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import picocli.CommandLine;

class HelpTest {
  private static final List<String> COMMANDS =
      List.of("train", "compare", "tune", "overfit", "evaluate", "calibrate", "predict", "explain", "summary", "models", "data",
          "convert",
          "demo",
          "bench",
          "run",
          "augment",
          "verify",
          "optimize",
          "check",
          "pretrained",
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
        Stream
            .concat(COMMANDS.stream(),
                Stream.of("explain grad-cam", "explain occlusion", "explain all", "demo convolution", "demo backpropagation",
                    "demo unrolled", "demo sliding",
                    "pretrained list", "pretrained add", "pretrained get", "pretrained path"))
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
    assertThat(help).contains("Passes over the training images. Default: " + recipe.epochs() + " for lenet5",
        "images per step. Default: " + recipe.batchSize() + " for lenet5",
        "The learning rate. Default: " + recipe.learningRate() + " for lenet5");
  }

  /** Except networks, which are too many: fovea models lists them. */
  @Test
  void helpNamesEachChoice() {
    CommandLine line = FoveaCommand.line(new Streams(System.out, System.err, false));
    int checked = 0;
    for (CommandLine command : line.getSubcommands().values()) {
      String help = command.getUsageMessage().replaceAll("\\s+", " ");
      for (CommandLine.Model.OptionSpec option : command.getCommandSpec().options()) {
        if (option.completionCandidates() != null && !List.of("--model", "--network").contains(option.longestName())) {
          String description = help.split(" " + option.longestName() + "=", 2)[1].split(" --", 2)[0];
          option.completionCandidates().forEach(choice -> assertThat(description).as(option.longestName()).contains(choice));
          checked++;
        }
      }
    }
    assertThat(checked).isGreaterThan(20);
    String train = Cli.run("train", "--help").succeeds().out().replaceAll("\\s+", " ");
    for (String setting : List.of("hidden", "pool", "activation")) {
      String networks = Zoo.networks().stream().filter(n -> n.settings().contains(setting)).map(Network::name)
          .collect(Collectors.joining(", "));
      assertThat(train).containsPattern("--" + setting + "=\\S+ " + networks + ": ");
    }
    Augmentation.examples().forEach(step -> assertThat(train).contains(step.toString().replaceAll("\\(.*", "")));
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
