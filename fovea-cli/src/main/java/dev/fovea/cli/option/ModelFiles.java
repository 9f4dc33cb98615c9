package dev.fovea.cli.option;

import dev.fovea.formats.onnx.Onnx;
import dev.fovea.model.Model;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The file that a model is read from, and the one that it is written to in the format of its ending. */
public final class ModelFiles {
  private static final String OWN = ".safetensors";
  private static final String ONNX = ".onnx";
  private static final int OLDEST = 13;
  private static final int NEWEST = 17;

  @Parameters(index = "0", paramLabel = "IN", converter = Converters.File.class,
      description = "A model file, a file of weights, or a folder.")
  private Path in = Path.of("");

  @Parameters(index = "1", paramLabel = "OUT", converter = Converters.File.class,
      description = "The file to write, *.safetensors or *.onnx.")
  private Path out = Path.of("");

  @Option(names = "--opset", paramLabel = "N", converter = Converters.Count.class,
      description = "For ONNX: the version of the operators, 13 to 17. Default: 17.")
  private Optional<Integer> opset = Optional.empty();

  @Option(names = "--float16",
      description = "For ONNX: store the weights as float16, half the size; results differ in the fourth digit.")
  private boolean float16;

  @Option(names = "--overwrite", description = "Replace OUT if it exists.")
  private boolean overwrite;

  /** The file or folder that is read. */
  public Path in() {
    return in;
  }

  /** Refuses a file that cannot be written, before anything is read. */
  public void check() {
    if (!isOnnx() && !ends(OWN)) {
      throw new UsageException("OUT: expected a file that ends in " + OWN + " or " + ONNX + ", got " + out);
    }
    if (!isOnnx() && (opset.isPresent() || float16)) {
      throw new UsageException("--opset and --float16 are for " + ONNX + " files, got " + out);
    }
    if (opset.isPresent() && (opset.get() < OLDEST || opset.get() > NEWEST)) {
      throw new UsageException("--opset: expected " + OLDEST + " to " + NEWEST + ", got " + opset.get());
    }
    if (Files.exists(out) && !overwrite) {
      throw new UsageException(out + " exists: name another file, or add --overwrite");
    }
  }

  /** Writes it; a file that exists is replaced atomically. */
  public void write(Model model) {
    if (isOnnx()) {
      Onnx.write(model, out, opset.orElse(NEWEST), float16);
    } else {
      model.save(out);
    }
  }

  private boolean isOnnx() {
    return ends(ONNX);
  }

  private boolean ends(String suffix) {
    return out.toString().toLowerCase(Locale.ROOT).endsWith(suffix);
  }

  /** What was written, in one line, not yet escaped. */
  public String describe(Model model) {
    StringBuilder text = new StringBuilder(out.toString()).append(':');
    model.graph().inputs()
        .forEach(input -> text.append(model.graph().inputs().size() == 1 ? " input " : " input " + input.name() + " ")
            .append(input.shape().withoutBatch()).append(','));
    model.graph().outputs().keySet().stream().filter(name -> !model.graph().heads().containsKey(name))
        .forEach(name -> text.append(" output ").append(name.equals(Model.OUTPUT) ? "" : name + " ")
            .append(model.graph().outputShape(name).withoutBatch()).append(','));
    return text.substring(0, text.length() - 1);
  }
}
