package dev.fovea.cli.command;

import dev.fovea.cli.console.OutputArrays;
import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.Hint;
import dev.fovea.cli.option.ModelOptions;
import dev.fovea.cli.option.UsageException;
import dev.fovea.formats.numpy.Npy;
import dev.fovea.graph.Op;
import dev.fovea.model.Model;
import dev.fovea.model.ModelFormats;
import dev.fovea.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs a model on arrays. */
@CommandLine.Command(
    name = "run",
    header = "Run any model on arrays.",
    description = {
        "Reads NumPy's .npy files and writes one for each output, named after it; each character outside A-Z a-z 0-9 . _ - becomes"
            + " _. Axes are as the model's file declares them, and sizes that it leaves open are those of the arrays. Outputs that"
            + " hold integers, such as class indices, are written as int64, others as float32."
    },
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {
        "",
        "Example:",
        "  fovea run resnet18.onnx --input image.npy --out outputs",
        "  fovea run siamese.onnx --input left=a.npy --input right=b.npy --out outputs"})
final class RunCommand implements Command {
  private final Streams streams;

  @Option(names = "--input", paramLabel = "NAME=FILE", required = true,
      description = "An input's name and the file with its array, once for each input. With one input NAME= may be left out.")
  private List<String> inputs = List.of();

  @Option(names = "--out", paramLabel = "FOLDER", converter = Converters.File.class, required = true,
      description = "The folder for the outputs' files; it is created if it does not exist.")
  private Path out = Path.of("");

  @Option(names = "--json", description = "Print one JSON object: outputs, each with name, shape and file.")
  private boolean json;

  @Mixin
  private final ModelOptions model = new ModelOptions();

  @Mixin
  private final HelpOption help = new HelpOption();

  RunCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    model.preferExact();
    if (Files.exists(out) && !Files.isDirectory(out)) {
      throw new UsageException("--out: " + out + " is a file, expected a folder");
    }
    Path file = model.file();
    Map<String, Tensor> arrays = arrays(ModelFormats.inputs(file));
    OutputArrays files = new OutputArrays(out);
    Model loaded = model.withThreads(Model.load(file, arrays));
    // An input that the network reads as a constant is no longer one of the graph's.
    arrays.keySet().retainAll(loaded.graph().inputs().stream().map(Op.Input::name).toList());
    Map<String, Tensor> outputs = Hint.at(model.path(), () -> loaded.run(arrays));
    files.write(outputs, loaded.card().integers());
    if (json) {
      files.printJson(streams);
    } else {
      files.printTable(streams);
    }
    return 0;
  }

  /** The arrays by the name of their input. */
  private Map<String, Tensor> arrays(List<String> names) {
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    List<String> unnamed = new ArrayList<>();
    for (String given : inputs) {
      Optional<String> name = names.stream().filter(n -> given.startsWith(n + "=")).findFirst();
      if (name.isEmpty()) {
        unnamed.add(given);
      } else if (arrays.put(name.get(), read(given.substring(name.get().length() + 1))) != null) {
        throw new UsageException("--input " + name.get() + ": given twice");
      }
    }
    if (unnamed.size() == 1 && names.size() == 1 && arrays.isEmpty() && isFile(unnamed.getFirst())) {
      arrays.put(names.getFirst(), read(unnamed.getFirst()));
    } else if (!unnamed.isEmpty()) {
      throw new UsageException(
          "--input " + unnamed.getFirst() + ": expected NAME=FILE with the name of an input of " + model.path() + ": "
              + String.join(", ", names));
    }
    return arrays;
  }

  /** Something that only looks like a name and a file is refused as a name. */
  private static boolean isFile(String text) {
    return text.indexOf('=') < 0 || Files.exists(path(text));
  }

  private static Path path(String text) {
    return new Converters.File().convert(text);
  }

  private static Tensor read(String file) {
    return Npy.read(path(file)).tensor();
  }
}
