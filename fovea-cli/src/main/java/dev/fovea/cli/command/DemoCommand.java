package dev.fovea.cli.command;

import dev.fovea.cli.option.HelpOption;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** The parent command of the demos. */
@CommandLine.Command(
    name = "demo",
    header = "Show the arithmetic of a convolution, step by step.",
    description = {
        "In the letters that tutorials on convolutional networks use: an input of H x W x D, K filters of F x F x D, stride S,"
            + " padding P, and an output of (H - F + 2P) / S + 1 rows."
    },
    commandListHeading = "%nDemos:%n",
    footer = {"", "Example:", "  fovea demo convolution"})
final class DemoCommand {
  @Mixin
  private final HelpOption help = new HelpOption();
}
