package dev.fovea.cli.option;

import dev.fovea.tensor.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Options of runs that differ in some of them from those on the command line. */
public final class Variants {
  private final String varying;
  private final ParseResult given;

  /**
   * Variants of the given options.
   *
   * @param varying the option by which others are varied, such as {@code --vary}
   * @param varied the names of these others, without dashes; they must not be given
   * @param expected an example of {@code varying}, and what was given, for messages
   * @throws UsageException if one of them is no option of fovea train, or is given
   */
  public static Variants of(String varying, Set<String> varied, String expected, ParseResult given) {
    List<String> known =
        new CommandLine(new RunOptions()).getCommandSpec().options().stream().map(o -> o.longestName().substring(2)).sorted()
            .toList();
    for (String name : varied) {
      if (!known.contains(name)) {
        throw new UsageException(varying + ": expected an option of fovea train and its values, as in " + expected + ": "
            + Names.nearest(name, known));
      }
      if (given.hasMatchedOption("--" + name)) {
        throw new UsageException("--" + name + ": is the option that " + varying + " varies: leave it out");
      }
    }
    return new Variants(varying, given);
  }

  private Variants(String varying, ParseResult given) {
    this.varying = varying;
    this.given = given;
  }

  /**
   * The given options as {@code fovea train} would read them with these values.
   *
   * @param values by the option's name, without dashes; they replace given ones
   */
  public RunOptions with(Map<String, String> values) {
    RunOptions options = new RunOptions();
    CommandLine line = new CommandLine(options);
    List<String> args = new ArrayList<>();
    for (OptionSpec option : given.matchedOptions()) {
      String name = option.longestName();
      if (line.getCommandSpec().findOption(name) != null && !values.containsKey(name.substring(2))) {
        option.originalStringValues().forEach(text -> args.add(name + "=" + text));
      }
    }
    values.forEach((name, value) -> args.add("--" + name + "=" + value));
    try {
      line.parseArgs(args.toArray(String[]::new));
      return options;
    } catch (ParameterException e) {
      throw new UsageException(varying + ": " + UsageErrors.message(e, line));
    }
  }
}
