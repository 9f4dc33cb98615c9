package dev.fovea.cli.command;

import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.tutorial.WorkedExample;
import dev.fovea.tutorial.WorkedExampleText;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** Prints the backward pass of the worked example. */
@CommandLine.Command(
    name = "backpropagation",
    header = "The backward pass of the same convolution: gradients of its filters, input and biases.",
    footer = {"", "Example:", "  fovea demo backpropagation"})
final class DemoBackpropagationCommand implements Command {
  private final Streams streams;

  @Mixin
  private final HelpOption help = new HelpOption();

  DemoBackpropagationCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    streams.out().print(WorkedExampleText.backpropagation(WorkedExample.tutorial()));
    return 0;
  }
}
