package dev.fovea.cli.command;

import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.tutorial.UnrolledText;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** Prints a convolution as a matrix. */
@CommandLine.Command(
    name = "unrolled",
    header = "A convolution as a fully connected layer: one matrix, mostly zeros, with equal blocks.",
    footer = {"", "Example:", "  fovea demo unrolled"})
final class DemoUnrolledCommand implements Command {
  private final Streams streams;

  @Mixin
  private final HelpOption help = new HelpOption();

  DemoUnrolledCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    streams.out().print(UnrolledText.example());
    return 0;
  }
}
