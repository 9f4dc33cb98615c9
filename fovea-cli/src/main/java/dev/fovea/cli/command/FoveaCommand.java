package dev.fovea.cli.command;

import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.HelpOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The parent of all commands; it does nothing by itself. */
@CommandLine.Command(
    name = "fovea",
    header = "Convolutional networks in pure Java: train, run and explain them.",
    commandListHeading = "%nCommands:%n",
    footer = {
        "",
        "Example:",
        "  fovea train                          a network that reads digits, in about half a minute",
        "  fovea predict runs/lenet5-1 7.png    the digit in an image",
        "",
        "Exit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C."
    })
public final class FoveaCommand {
  @Mixin
  private final HelpOption help = new HelpOption();

  @Option(names = {"-V", "--version"}, versionHelp = true, description = "Print the version and exit.")
  private boolean version;

  /** The commands in the order in which help lists them. */
  private static Map<String, Function<Streams, CommandLine>> commands() {
    Map<String, Function<Streams, CommandLine>> commands = new LinkedHashMap<>();
    commands.put("train", s -> new CommandLine(new TrainCommand(s)));
    commands.put("compare", s -> new CommandLine(new CompareCommand(s)));
    commands.put("tune", s -> new CommandLine(new TuneCommand(s)));
    commands.put("overfit", s -> new CommandLine(new OverfitCommand(s)));
    commands.put("check", s -> new CommandLine(new CheckCommand(s)));
    commands.put("evaluate", s -> new CommandLine(new EvaluateCommand(s)));
    commands.put("calibrate", s -> new CommandLine(new CalibrateCommand(s)));
    commands.put("predict", s -> new CommandLine(new PredictCommand(s)));
    commands.put("explain", ExplainCommand::with);
    commands.put("look", s -> new CommandLine(new LookCommand(s)));
    commands.put("attack", s -> new CommandLine(new AttackCommand(s)));
    commands.put("run", s -> new CommandLine(new RunCommand(s)));
    commands.put("verify", s -> new CommandLine(new VerifyCommand(s)));
    commands.put("summary", s -> new CommandLine(new SummaryCommand(s)));
    commands.put("models", s -> new CommandLine(new ModelsCommand(s)));
    commands.put("pretrained", s -> new CommandLine(new PretrainedCommand())
        .addSubcommand(new PretrainedListCommand(s))
        .addSubcommand(new PretrainedAddCommand(s))
        .addSubcommand(new PretrainedGetCommand(s))
        .addSubcommand(new PretrainedPathCommand(s)));
    commands.put("data", s -> new CommandLine(new DataCommand(s)));
    commands.put("augment", s -> new CommandLine(new AugmentCommand(s)));
    commands.put("convert", s -> new CommandLine(new ConvertCommand(s)));
    commands.put("optimize", s -> new CommandLine(new OptimizeCommand(s)));
    commands.put("demo", s -> new CommandLine(new DemoCommand())
        .addSubcommand(new DemoConvolutionCommand(s))
        .addSubcommand(new DemoBackpropagationCommand(s))
        .addSubcommand(new DemoUnrolledCommand(s))
        .addSubcommand(new DemoSlidingCommand(s)));
    commands.put("bench", s -> new CommandLine(new BenchCommand(s)));
    commands.put("doctor", s -> new CommandLine(new DoctorCommand(s)));
    commands.put("completion", s -> new CommandLine(new CompletionCommand(s)));
    return commands;
  }

  /** The whole command line, ready to parse. */
  public static CommandLine line(Streams streams) {
    return line(streams, commands());
  }

  /** Ready to parse {@code args}: has only the command that they begin with, since building all commands takes a while. */
  public static CommandLine line(Streams streams, String[] args) {
    Map<String, Function<Streams, CommandLine>> commands = commands();
    if (args.length > 0 && commands.containsKey(args[0])) {
      commands.keySet().retainAll(Set.of(args[0]));
    }
    return line(streams, commands);
  }

  private static CommandLine line(Streams streams, Map<String, Function<Streams, CommandLine>> commands) {
    CommandLine line = new CommandLine(new FoveaCommand());
    commands.forEach((name, command) -> line.addSubcommand(name, command.apply(streams)));
    // A file may be called @x.png.
    line.setExpandAtFiles(false);
    line.setUsageHelpWidth(100);
    line.setUsageHelpLongOptionsMaxWidth(30);
    return line;
  }
}
