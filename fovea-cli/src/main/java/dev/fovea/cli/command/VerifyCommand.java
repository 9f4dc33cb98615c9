package dev.fovea.cli.command;

import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.Hint;
import dev.fovea.cli.option.ModelOptions;
import dev.fovea.cli.option.UsageException;
import dev.fovea.formats.numpy.Npy;
import dev.fovea.model.Model;
import dev.fovea.model.ModelFormats;
import dev.fovea.model.Parity;
import dev.fovea.run.RunFolder;
import dev.fovea.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Compares a model's results with another's, or with stored ones. */
@CommandLine.Command(
    name = "verify",
    header = "Compare a model's outputs with those of another model, or with stored ones.",
    description = {
        "Both models get the same random inputs. Their outputs are compared in the order in which each declares them, and so is each"
            + " layer whose parameters have the same names in both. The exit code is 1 if the outputs differ by more than the"
            + " tolerance."
    },
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {
        "",
        "Example:",
        "  fovea verify converted.safetensors --against resnet18.onnx",
        "  fovea verify resnet18.onnx --against expected        (a folder with input.npy and output.npy)"})
final class VerifyCommand implements Command {
  private static final String INPUT = "input.npy";
  private static final String OUTPUT = "output.npy";

  private final Streams streams;

  @Option(names = "--against", paramLabel = "MODEL|FOLDER", converter = Converters.File.class, required = true,
      description = "Another model, or a folder with " + INPUT + " and the " + OUTPUT + " that is expected.")
  private Path against = Path.of("");

  @Option(names = "--tolerance", paramLabel = "X", converter = Converters.Positive.class,
      description = "The largest difference allowed, relative to the output's largest magnitude. Default: 1e-4.")
  private double tolerance = 1e-4;

  @Option(names = "--seed", paramLabel = "N", converter = Converters.Seed.class,
      description = "Random seed of the inputs. Default: 1.")
  private long seed = 1;

  @Option(names = "--json",
      description = "Print one JSON object: within_tolerance, tolerance, outputs and layers, each with name,"
          + " shape, max_difference, mean_difference and largest.")
  private boolean json;

  @Mixin
  private final ModelOptions model = new ModelOptions();

  @Mixin
  private final HelpOption help = new HelpOption();

  VerifyCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    model.preferExact();
    Parity parity = Files.exists(against.resolve(INPUT)) ? againstArrays() : againstModel();
    boolean within = parity.within(tolerance);
    if (json) {
      ObjectNode root = JsonNodeFactory.instance.objectNode();
      root.put("within_tolerance", within).put("tolerance", tolerance);
      add(root.putArray("outputs"), parity.outputs());
      add(root.putArray("layers"), parity.layers());
      streams.json(root);
    } else {
      print("layer", parity.layers());
      print("output", parity.outputs());
      streams.out().printf(Locale.ROOT, "%s: the outputs differ by %s %.3g of their largest magnitude%n",
          within ? "equal" : "different",
          within ? "at most" : "more than", tolerance);
    }
    return within ? 0 : 1;
  }

  private Parity againstArrays() {
    Path input = against.resolve(INPUT);
    Path output = against.resolve(OUTPUT);
    List<String> names = ModelFormats.inputs(model.file());
    if (names.size() != 1) {
      throw new UsageException(
          against + ": one input is stored, " + model.path() + " has " + names.size() + ": give a model to compare with");
    }
    Map<String, Tensor> inputs = Map.of(names.getFirst(), Npy.read(input).tensor());
    Model loaded = model.withThreads(Model.load(model.file(), inputs));
    Map<String, Tensor> expected = Map.of(OUTPUT, Npy.read(output).tensor());
    return Hint.at(model.path() + " against " + against, () -> Parity.of(loaded, inputs, expected));
  }

  private Parity againstModel() {
    Model loaded = model.withThreads(Model.load(model.file()));
    Model other = model.withThreads(Model.load(RunFolder.modelFile(against)));
    return Hint.at(model.path() + " against " + against, () -> Parity.of(loaded, other, Parity.randomInputs(loaded, seed)));
  }

  private static void add(ArrayNode to, List<Parity.Difference> differences) {
    for (Parity.Difference d : differences) {
      ObjectNode node = to.addObject().put("name", d.name());
      ArrayNode shape = node.putArray("shape");
      d.shape().dims().forEach(shape::add);
      node.put("max_difference", d.max()).put("mean_difference", d.mean()).put("largest", d.largest());
    }
  }

  private void print(String what, List<Parity.Difference> differences) {
    if (differences.isEmpty()) {
      return;
    }
    StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%-32s %-18s %12s %12s %12s%n", what, "shape", "max diff",
        "mean diff", "largest"));
    for (Parity.Difference d : differences) {
      text.append(String.format(Locale.ROOT, "%-32s %-18s %12.3g %12.3g %12.5g%n", d.name(), d.shape(), d.max(), d.mean(),
          d.largest()));
    }
    streams.print(text);
  }
}
