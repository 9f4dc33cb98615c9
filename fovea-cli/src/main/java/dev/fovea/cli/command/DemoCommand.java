package dev.fovea.cli.command;

import dev.fovea.cli.option.HelpOption;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** The command above the demos. */
@CommandLine.Command(
    name = "demo",
    header = "Show a network's arithmetic, number by number.",
    description = {
        "In the letters in which tutorials on convolutional networks teach it: an input of H x W x D, K filters of F x F x D, stride S,"
            + " padding P, and an output of (H - F + 2P) / S + 1 rows."
    },
    commandListHeading = "%nDemos:%n",
    footer = {"", "Example:", "  fovea demo convolution"})
final class DemoCommand {
  @Mixin
  private final HelpOption help = new HelpOption();
}
