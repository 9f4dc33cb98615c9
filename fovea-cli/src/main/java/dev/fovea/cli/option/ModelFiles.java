package dev.fovea.cli.option;

import dev.fovea.cli.console.Streams;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The file that a model is read from, and the one that it is written to in the format of its ending. */
public final class ModelFiles {
  private static final String OWN = ".safetensors";

  @Parameters(index = "0", paramLabel = "IN", converter = Converters.File.class,
      description = "A model file, a file of weights, or a folder.")
  private Path in = Path.of("");

  @Parameters(index = "1", paramLabel = "OUT", converter = Converters.File.class,
      description = "The file to write, *.safetensors or *.onnx.")
  private Path out = Path.of("");

  @Option(names = "--overwrite", description = "Replace OUT if it exists.")
  private boolean overwrite;

  /** The file or folder that is read. */
  public Path in() {
    return in;
  }

  /** Refuses a file that cannot be written, before anything is read. */
  public void check() {
    if (!out.toString().toLowerCase(Locale.ROOT).endsWith(OWN)) {
      throw new UsageException("OUT: expected a file that ends in " + OWN + ", got " + out);
    }
    if (Files.exists(out) && !overwrite) {
      throw new UsageException(out + " exists: name another file, or add --overwrite");
    }
  }

  /** Writes it; a file that exists is replaced atomically. */
  public void write(Model model) {
    model.save(out);
  }

  /** What was written, in one line. */
  public String describe(Model model) {
    StringBuilder text = new StringBuilder(Streams.escaped(out)).append(':');
    model.graph().inputs()
        .forEach(input -> text.append(model.graph().inputs().size() == 1 ? " input " : " input " + input.name() + " ")
            .append(described(input.shape())).append(','));
    model.graph().outputs().keySet().stream().filter(name -> !model.graph().heads().containsKey(name))
        .forEach(name -> text.append(" output ").append(name.equals(Model.OUTPUT) ? "" : name + " ")
            .append(described(model.graph().outputShape(name))).append(','));
    return text.substring(0, text.length() - 1);
  }

  private static String described(Shape shape) {
    return shape.rank() < 2 ? "scalar" : shape.withoutBatch().toString();
  }
}
