package dev.fovea.cli.option;

import dev.fovea.run.RunConfig;
import dev.fovea.run.RunFolder;
import dev.fovea.tensor.FoveaException;
import dev.fovea.zoo.notation.Notation;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The options of a run that is resumed: those in its folder, overridden by those on the command line. */
public final class ResumedRun {
  private ResumedRun() {}

  /**
   * The folder's options, overridden by the given ones; {@link RunFolder#open} refuses those that would change the result.
   *
   * @throws FoveaException if the options contradict each other, or the folder's notation has another meaning now
   */
  public static RunOptions options(Path folder, ParseResult given) {
    RunConfig begun = RunFolder.configOf(folder);
    requireSameMeaning(folder, begun.network());
    RunOptions options = new RunOptions();
    CommandLine line = new CommandLine(options);
    Map<String, String> values = begun.arguments();
    String changed = "";
    for (OptionSpec option : given.matchedOptions()) {
      String name = option.longestName();
      if (line.getCommandSpec().findOption(name) != null) {
        String now = String.join(",", option.originalStringValues());
        String before = values.put(name.substring(2), now);
        changed = changed.isEmpty() && !now.equals(before) ? name + " " + now + ": " : changed;
      }
    }
    try {
      line.parseArgs(values.entrySet().stream().map(e -> "--" + e.getKey() + "=" + e.getValue()).toArray(String[]::new));
      options.config();
      return options;
    } catch (ParameterException e) {
      throw refused(folder, changed + UsageErrors.message(e, line), e);
    } catch (UsageException e) {
      throw refused(folder, changed + e.getMessage(), e);
    }
  }

  private static FoveaException refused(Path folder, String why, RuntimeException cause) {
    return new FoveaException(folder + ": was started with other settings (" + why
        + "): resume with the same settings, or name another folder", cause);
  }

  /** A run's notation is in canonical form. Older versions left out the padding of even windows there. */
  private static void requireSameMeaning(Path folder, String network) {
    if (Notation.isNotation(network) && !Notation.parse(network).toString().equals(network)) {
      throw new FoveaException(
          folder + ": its network, " + network + ", was written when a window of even sides without pad shrank"
              + " the map, and now means another network: start again; with --init " + folder
              + " and the padding explicit, as in conv 8 2x2"
              + " pad 0, it starts from these weights");
    }
  }
}
