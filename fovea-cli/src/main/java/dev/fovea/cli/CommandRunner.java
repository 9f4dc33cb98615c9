package dev.fovea.cli;

import dev.fovea.cli.command.Command;
import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.UsageErrors;
import dev.fovea.run.Version;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Parses arguments and runs the command that they name. */
final class CommandRunner {
  private CommandRunner() {}

  /**
   * Runs the command and returns its exit code.
   *
   * @throws ParameterException if the arguments name no command or do not fit it
   */
  static int run(CommandLine line, String[] args, Streams streams) {
    ParseResult parsed = line.parseArgs(args);
    for (ParseResult at = parsed;; at = at.subcommand()) {
      CommandLine current = at.commandSpec().commandLine();
      if (at.isUsageHelpRequested()) {
        print(current.getUsageMessage(), streams.out());
        return 0;
      }
      if (at.isVersionHelpRequested()) {
        streams.out().println("fovea " + Version.text() + " on Java " + Runtime.version());
        return 0;
      }
      if (at.commandSpec().userObject() instanceof Command command) {
        return command.run();
      }
      if (!at.hasSubcommand()) {
        throw new ParameterException(current, "a command is missing: expected one of " + UsageErrors.commands(current));
      }
    }
  }

  private static void print(String text, PrintStream out) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
