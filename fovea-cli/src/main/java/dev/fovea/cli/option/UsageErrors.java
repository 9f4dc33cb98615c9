package dev.fovea.cli.option;

import dev.fovea.tensor.Names;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Error messages for wrong command lines: one line, with the command whose help to read. */
public final class UsageErrors {
  private UsageErrors() {}

  public static String message(ParameterException e) {
    CommandLine line = e.getCommandLine();
    return message(e, line) + " (see " + line.getCommandSpec().qualifiedName() + " --help)";
  }

  /** The message without the reference to help. */
  public static String message(ParameterException e, CommandLine line) {
    return switch (e) {
      case UnmatchedArgumentException unmatched -> unmatched(unmatched.getUnmatched().getFirst(), line);
      case MissingParameterException missing -> missing(missing);
      case OverwrittenOptionException twice -> name(twice.getOverwritten()) + " is given twice: give it once";
      default -> e.getArgSpec() != null && e.getCause() instanceof CommandLine.TypeConversionException
          ? name(e.getArgSpec()) + ": " + e.getCause().getMessage()
          : String.valueOf(e.getMessage());
    };
  }

  private static String missing(MissingParameterException e) {
    ArgSpec first = e.getMissing().getFirst();
    return first.isOption()
        ? name(first) + ": expected a value (" + first.paramLabel() + "), got none"
        : "missing: " + e.getMissing().stream().map(UsageErrors::name).collect(Collectors.joining(" "));
  }

  private static String unmatched(String argument, CommandLine line) {
    if (argument.startsWith("-")) {
      List<String> known =
          line.getCommandSpec().options().stream().filter(o -> !o.hidden()).map(OptionSpec::longestName).sorted().toList();
      return "there is no option '" + argument + "': " + Names.nearest(argument.split("=", 2)[0], known);
    }
    return line.getSubcommands().isEmpty()
        ? "'" + argument + "' is one argument too many"
        : "there is no command '" + argument + "': " + Names.nearest(argument, line.getSubcommands().keySet());
  }

  /** The subcommands in the order in which help lists them. */
  public static String commands(CommandLine line) {
    return String.join(", ", line.getSubcommands().keySet());
  }

  private static String name(ArgSpec argument) {
    return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
  }
}
