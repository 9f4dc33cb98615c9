package dev.fovea.cli.command;

import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.NetworkOptions;
import dev.fovea.cli.option.Networks;
import dev.fovea.graph.Graph;
import dev.fovea.model.ProcessMemory;
import dev.fovea.model.Summary;
import dev.fovea.tensor.Shape;
import dev.fovea.train.MemoryEstimate;
import dev.fovea.zoo.notation.Notation;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.ValueNode;

/** Shows the layers of a network. */
@CommandLine.Command(
    name = "summary",
    header = "Show a network's layers, shapes, parameters, multiply-adds, receptive fields and memory.",
    description = "Shapes are without the batch axis. field: the receptive field of an output in the middle, in pixels of the input's"
        + " height, padding included; jump: input pixels from one output to the next, empty where all see the same.",
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {
        "",
        "Example:",
        "  fovea summary lenet5 --input 1x32x32 --batch-size 64",
        "  fovea summary 'INPUT -> [CONV 16 -> RELU -> POOL]*2 -> FC' --input 3x32x32"})
final class SummaryCommand implements Command {
  private static final double MIB = 1 << 20;

  private final Streams streams;

  @Parameters(index = "0", paramLabel = "NETWORK|MODEL",
      description = "A network of the zoo or in the notation, a model file, or a run folder.")
  private String name = "";

  @Option(
      names = "--input",
      paramLabel = "CxHxW",
      converter = Converters.Image.class,
      description = "The size of an input image. Default: the network's own.")
  private Optional<Shape> input = Optional.empty();

  @Option(
      names = "--classes",
      paramLabel = "N",
      converter = Converters.Count.class,
      description = "Number of classes. Default: as in the network's paper, 1000 for ImageNet.")
  private Optional<Integer> classes = Optional.empty();

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      converter = Converters.Count.class,
      description = "Batch size for the memory estimate. Default: 64.")
  private int batchSize = 64;

  @Mixin
  private final NetworkOptions networkOptions = new NetworkOptions();

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Mixin
  private final HelpOption help = new HelpOption();

  SummaryCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    Networks.Described network = Networks.described(name, networkOptions, classes, input);
    Graph graph = network.graph();
    Summary summary = Summary.of(graph);
    int batch = graph.inputs().stream().filter(in -> in.fixed().contains(0)).findFirst().map(in -> in.shape().dim(0))
        .orElse(batchSize);
    MemoryEstimate memory = network.trainable().map(g -> MemoryEstimate.of(g, batch))
        .orElseGet(() -> MemoryEstimate.ofPrediction(graph, batch));
    Optional<String> notation = Notation.of(graph);
    if (json) {
      ObjectNode node = node(summary, memory, batch, network.trainable().isPresent());
      notation.ifPresent(text -> node.put("notation", text));
      streams.json(node);
    } else {
      streams.print(summary);
      print(memory, batch, network.trainable().isPresent());
      notation.ifPresent(text -> streams.out().println("notation: " + text));
    }
    return 0;
  }

  private void print(MemoryEstimate memory, int batch, boolean trains) {
    String training = trains ? String.format(Locale.ROOT, ", %.1f MiB to train", memory.training() / MIB) : "";
    String peak = trains
        ? ", " + ProcessMemory.mebibytes(memory.trainingPeakBytes()) + " to train by SGD with momentum, without the data set"
        : "";
    streams.out().printf(Locale.ROOT, "memory at batch %d: %.1f MiB to predict%s, and %.1f MiB of parameters%n"
        + "peak of the process: %s to predict%s%n", batch, memory.inference() / MIB, training, memory.parameters() / MIB,
        ProcessMemory.mebibytes(memory.inferencePeakBytes()), peak);
  }

  /** Whole pixels as an integer. */
  private static ValueNode number(double jump) {
    return jump == Math.rint(jump) ? JsonNodeFactory.instance.numberNode((long) jump) : JsonNodeFactory.instance.numberNode(jump);
  }

  private ObjectNode node(Summary summary, MemoryEstimate memory, int batch, boolean trains) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("name", name).put("input", summary.input().toString());
    ArrayNode layers = root.putArray("layers");
    for (Summary.Row row : summary.rows()) {
      layers
          .addObject()
          .put("layer", row.layer())
          .put("operator", row.operator())
          .put("output", row.output().toString())
          .put("parameters", row.trainable() + row.frozen())
          .put("multiply_adds", row.multiplyAdds())
          .put("receptive_field", row.receptiveField())
          .set("jump", number(row.jump()));
    }
    root.put("parameters", summary.parameters()).put("parameters_without_heads", summary.parameters() - summary.heads());
    root.put("trainable", summary.trainable()).put("frozen", summary.frozen()).put("multiply_adds", summary.multiplyAdds());
    root.put("batch_size", batch).put("parameter_bytes", memory.parameters());
    root.put("inference_bytes", memory.inference()).put("inference_peak_bytes", memory.inferencePeakBytes());
    if (trains) {
      root.put("training_bytes", memory.training()).put("training_peak_bytes", memory.trainingPeakBytes());
    }
    return root;
  }
}
