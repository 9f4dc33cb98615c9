package dev.fovea.cli.command;

import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.tutorial.WorkedExample;
import dev.fovea.tutorial.WorkedExampleText;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** Prints the worked example of a convolution. */
@CommandLine.Command(
    name = "convolution",
    header = "A convolution of a 5x5x3 input with two 3x3x3 filters: each window, product and sum.",
    footer = {"", "Example:", "  fovea demo convolution"})
final class DemoConvolutionCommand implements Command {
  private final Streams streams;

  @Mixin
  private final HelpOption help = new HelpOption();

  DemoConvolutionCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    streams.out().print(WorkedExampleText.convolution(WorkedExample.tutorial()));
    return 0;
  }
}
