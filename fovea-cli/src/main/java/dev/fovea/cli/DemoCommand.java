package dev.fovea.cli;

import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** The command above the demos. */
@CommandLine.Command(
    name = "demo",
    header = "Show a network's arithmetic, number by number.",
    commandListHeading = "%nDemos:%n",
    footer = {"", "Example:", "  fovea demo convolution"})
final class DemoCommand {
  @Mixin
  private final HelpOption help = new HelpOption();
}
