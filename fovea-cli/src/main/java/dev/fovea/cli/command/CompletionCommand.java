package dev.fovea.cli.command;

import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.HelpOption;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** Prints a script that lets a shell complete Fovea's commands. */
@CommandLine.Command(
    name = "completion",
    header = "Print a script that lets bash or zsh complete commands and options.",
    footer = {"", "Example:", "  fovea completion > ~/.fovea-completion && echo 'source ~/.fovea-completion' >> ~/.bashrc"})
final class CompletionCommand implements Command {
  private final Streams streams;

  @Mixin
  private final HelpOption help = new HelpOption();

  CompletionCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    streams.out().print(AutoComplete.bash("fovea", FoveaCommand.line(streams)));
    return 0;
  }
}
