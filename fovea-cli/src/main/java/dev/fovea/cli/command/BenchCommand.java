package dev.fovea.cli.command;

import dev.fovea.cli.bench.BenchModel;
import dev.fovea.cli.bench.Throughput;
import dev.fovea.cli.console.Machine;
import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.BenchMode;
import dev.fovea.cli.option.Choices;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.NetworkOptions;
import dev.fovea.cli.option.Networks;
import dev.fovea.cli.option.PrecisionOption;
import dev.fovea.cli.option.ThreadsOption;
import dev.fovea.cli.option.UsageException;
import dev.fovea.graph.Precision;
import dev.fovea.model.Model;
import dev.fovea.run.RunFolder;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.zoo.Network;
import dev.fovea.zoo.Zoo;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Measures a network's speed. */
@CommandLine.Command(
    name = "bench",
    header = "Measure a network's speed on random images.",
    description = {
        "train: steps of SGD, always on the same batch. infer: predictions of the same batch. cold: seconds from the start of the"
            + " process to the first prediction, with weights from a file. A first run writes that file into the cache, so run"
            + " cold twice."
    },
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {"", "Example:", "  fovea bench lenet5 --mode train --batch-size 64 --threads 2 --seconds 10 --json"})
final class BenchCommand implements Command {
  private final Streams streams;

  @Parameters(
      index = "0",
      paramLabel = "NETWORK|MODEL",
      completionCandidates = Choices.Networks.class,
      description = "A network of the zoo (see fovea models) or in the notation, with random weights; or a model file or run folder.")
  private String name = "";

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      converter = Converters.Mode.class,
      completionCandidates = Choices.Modes.class,
      description = "train, infer or cold. Default: train.")
  private BenchMode mode = BenchMode.TRAIN;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      converter = Converters.Count.class,
      description = "The batch size: images per step. Default: the network's recipe; 1 for cold, and for files of networks"
          + " that the zoo does not have.")
  private Optional<Integer> batchSize = Optional.empty();

  @Mixin
  private final ThreadsOption threads = new ThreadsOption();

  @Option(
      names = "--input",
      paramLabel = "CxHxW",
      converter = Converters.Image.class,
      description = "The size of an input image. Default: the network's own.")
  private Optional<Shape> input = Optional.empty();

  @Option(names = "--seconds", paramLabel = "S", converter = Converters.Positive.class,
      description = "Duration of the measurement in seconds. Default: 10.")
  private double seconds = 10;

  @Mixin
  private final NetworkOptions networkOptions = new NetworkOptions();

  @Option(
      names = "--json",
      description = "Print one JSON object: images_per_s, ms_p50, ms_p90, planned_peak_mib, peak_rss_mib ...; cold: cold_s.")
  private boolean json;

  @Option(
      names = "--plan",
      description = "Print the plan instead. For each step: kernel, layout, multiply-adds, megabytes read and written, the"
          + " minimum time on this machine (roofline), the measured time.")
  private boolean plan;

  @Mixin
  private final PrecisionOption precision = new PrecisionOption();

  @Mixin
  private final HelpOption help = new HelpOption();

  BenchCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    precision.apply();
    Optional<Network> network = network();
    Model model = model(network);
    int batch = batch(network, model);
    if (plan) {
      plan(model, batch);
      return 0;
    }
    ObjectNode node = mode == BenchMode.COLD ? cold(model, batch) : warm(model, batch);
    Machine.peakMemory().ifPresent(mib -> node.put("peak_rss_mib", Math.round(mib)));
    if (json) {
      streams.json(node);
    } else {
      node.properties().forEach(
          p -> streams.print(String.format(Locale.ROOT, "%-16s %s", p.getKey(), p.getValue().asString())));
    }
    return 0;
  }

  private Optional<Network> network() {
    try {
      return Networks.named(name);
    } catch (FoveaException e) {
      throw new UsageException("NETWORK|MODEL: " + e.getMessage());
    }
  }

  private Model model(Optional<Network> network) {
    return network.map(n -> model(n, input.orElse(n.input()))).orElseGet(this::fromFile);
  }

  /** A cold start includes reading the weights. */
  private Model model(Network network, Shape image) {
    return mode == BenchMode.COLD && !plan ? BenchModel.stored(network, networkOptions, image, streams)
        : BenchModel.create(network, networkOptions, image);
  }

  private Model fromFile() {
    networkOptions.requireNone(name);
    Model model = RunFolder.model(Path.of(name));
    return input.map(shape -> Networks.resized(model, shape)).orElse(model);
  }

  private int batch(Optional<Network> network, Model model) {
    boolean one = mode == BenchMode.COLD || model.graph().inputs().stream().anyMatch(input -> input.fixed().contains(0));
    Optional<Network> known = network.or(
        () -> Zoo.networks().stream().filter(n -> n.name().equals(model.card().network())).findFirst());
    return batchSize.or(() -> known.filter(_ -> !one).map(n -> n.recipe().batchSize())).orElse(1);
  }

  private ObjectNode cold(Model model, int batch) {
    BenchModel.Job job = BenchModel.prediction(model, batch, threads.count());
    job.step().run();
    double seconds = Machine.secondsSinceStart();
    return described(model, batch, job).put("cold_s", rounded(seconds, 1e3));
  }

  private BenchModel.Job job(Model model, int batch) {
    return mode == BenchMode.TRAIN ? BenchModel.trainingStep(model.standardForm(), batch, threads.count())
        : BenchModel.prediction(model, batch, threads.count());
  }

  /** Runs for half of the seconds until the code is compiled, then as often again, 5 to 1000 times, and times each step. */
  private void plan(Model model, int batch) {
    BenchModel.Job job = job(model, batch);
    long began = System.nanoTime();
    long runs = 0;
    for (; runs < 2 || System.nanoTime() - began < seconds / 2 * 1e9; runs++) {
      job.step().run();
    }
    streams.out().print(job.program().plan(job.workspace(), Math.clamp(runs, 5, 1000)));
  }

  private ObjectNode warm(Model model, int batch) {
    BenchModel.Job job = job(model, batch);
    Throughput t = Throughput.of(job.step(), batch, seconds);
    ObjectNode node = described(model, batch, job);
    node.put("images_per_s", rounded(t.images(), 1e2)).put("min", rounded(t.min(), 1e2)).put("max", rounded(t.max(), 1e2));
    node.put("ms_p50", rounded(t.p50(), 1e3)).put("ms_p90", rounded(t.p90(), 1e3));
    node.put("windows", t.windows()).put("windows_dropped", t.dropped());
    return node.put("others_cpu", rounded(t.others(), 1e3)).put("disturbed", t.disturbed());
  }

  private ObjectNode described(Model model, int batch, BenchModel.Job job) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("network", model.card().network()).put("mode", mode.spelling()).put("input", model.input().toString());
    node.put("batch", batch).put("threads", threads.count()).put("precision", Precision.chosen().spelling());
    node.put("parameters", model.parameters().size());
    return node.put("planned_peak_mib", job.memory().peak() >> 20);
  }

  private static double rounded(double value, double scale) {
    return Math.round(value * scale) / scale;
  }
}
