package dev.fovea.cli.command;

import dev.fovea.cli.console.Interruption;
import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.DatasetCache;
import dev.fovea.cli.option.FolderOptions;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.Hint;
import dev.fovea.cli.option.RunOptions;
import dev.fovea.cli.option.UsageException;
import dev.fovea.cli.option.Variants;
import dev.fovea.run.Comparison;
import dev.fovea.run.RunFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains the same network several times with one option varied, and compares the runs. */
@CommandLine.Command(
    name = "compare",
    header = "Train variants that differ in one option, and compare them.",
    description = {
        "Takes the options of fovea train. --vary names one of them and its values. Each value is trained with the same seed and"
            + " the same other options, in its own run folder FOLDER/VALUE.",
        "FOLDER/compare.html has the table and the curves."
    },
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {
        "",
        "Example:",
        "  fovea compare --vary activation=sigmoid,tanh,relu --data digits:5000 --epochs 3 --repeat 3"
    })
final class CompareCommand implements Command {
  private final Streams streams;
  private final DatasetCache images;

  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--vary",
      required = true,
      paramLabel = "OPTION=VALUE,...",
      description = "The option and its values, as in lr=0.1,0.01. Values that contain commas are separated by semicolons, as in"
          + " hidden='64;128,64'.")
  private String vary = "";

  @Option(
      names = "--repeat",
      paramLabel = "N",
      converter = Converters.Repeats.class,
      description = "Number of seeds for each value, counted from --seed; prints mean and standard deviation. Default: 1.")
  private int repeat = 1;

  @Mixin
  private final RunOptions options = new RunOptions();

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      converter = Converters.File.class,
      description = "The comparison's folder. Default: runs/compare-OPTION-N, with --resume the last of them.")
  private Optional<Path> out = Optional.empty();

  @Mixin
  private final FolderOptions before = new FolderOptions();

  @Option(names = "--json", description = "Print compare.json as one line.")
  private boolean json;

  @Mixin
  private final HelpOption help = new HelpOption();

  /** One run and its options. */
  private record Variant(String value, RunOptions options) {}

  CompareCommand(Streams streams) {
    this.streams = streams;
    this.images = new DatasetCache(streams);
  }

  @Override
  public int run() {
    RunFolder.Mode mode = before.mode();
    String key = vary.substring(0, Math.max(0, vary.indexOf('=')));
    List<Variant> variants = variants(key);
    Comparison comparison = Comparison.of(key, variants.stream()
        .map(v -> new Comparison.Run(v.value, v.options.config(), () -> images.training(v.options)
            .findings(finding -> streams.say(Hint.message(finding)))))
        .toList());
    Path folder = out.orElseGet(() -> before.next("compare-" + key));
    Comparison.check(folder, mode);
    for (Variant variant : variants.subList(0, variants.size() / repeat)) {
      variant.options.check(images.open(variant.options.images()));
    }
    streams.say(variants.size() + " runs with " + vary + ", into " + folder);
    try (Interruption interruption = new Interruption()) {
      return report(comparison.messages(streams::say).stopWhen(interruption::requested).run(folder, mode), folder);
    }
  }

  /** All values with the first seed, then all with the next. */
  private List<Variant> variants(String key) {
    Variants variants =
        Variants.of("--vary", Set.of(key), "lr=0.1,0.01, got '" + vary + "'", spec.commandLine().getParseResult());
    if (repeat > 1 && key.equals("seed")) {
      throw new UsageException("--repeat takes several seeds for each value: leave it out if --vary names them");
    }
    if (options.seed() > Long.MAX_VALUE - repeat) {
      throw new UsageException("--repeat " + repeat + ": seeds counted from --seed " + options.seed() + " exceed 64 bits");
    }
    String values = vary.substring(key.length() + 1);
    List<Variant> all = new ArrayList<>();
    for (long i = 0; i < repeat; i++) {
      for (String value : values.split(values.contains(";") ? ";" : ",", -1)) {
        if (value.isEmpty()) {
          throw new UsageException("--vary: expected values, as in lr=0.1,0.01, got '" + vary + "': one is missing");
        }
        Map<String, String> changed = new LinkedHashMap<>(Map.of("seed", String.valueOf(options.seed() + i)));
        changed.put(key, value);
        all.add(new Variant(value, variants.with(changed)));
      }
    }
    return all;
  }

  private int report(Comparison.Outcome outcome, Path folder) {
    return switch (outcome) {
      case Comparison.Outcome.Finished finished -> {
        if (json) {
          streams.json(finished.result().json());
        } else {
          streams.print(finished.result().table());
        }
        streams.say("table and curves: " + folder.resolve("compare.html"));
        yield 0;
      }
      case Comparison.Outcome.Stopped stopped -> {
        streams.error("stopped in " + stopped.value() + " after step " + stopped.step() + " of " + stopped.totalSteps()
            + "; to resume, repeat the command with --out " + folder + " --resume");
        yield Interruption.EXIT_CODE;
      }
    };
  }
}
