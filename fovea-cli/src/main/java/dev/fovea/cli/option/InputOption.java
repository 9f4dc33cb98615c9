package dev.fovea.cli.option;

import dev.fovea.formats.onnx.Onnx;
import dev.fovea.model.Model;
import dev.fovea.model.ModelFormats;
import dev.fovea.run.RunFolder;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The sizes of a model's inputs. */
public final class InputOption {
  private static final String ONNX = ".onnx";

  @Option(names = "--input", paramLabel = "[NAME=]SHAPE",
      description = "The size of its input images, CxHxW; for a model from elsewhere the shape of an input with its axes as the file"
          + " declares them, the batch may be left out, and with several inputs once for each, as in left=3x64x64. Default: as"
          + " before; sizes that a file leaves open are 1 for the batch and 224 for images.")
  private List<String> inputs = List.of();

  /** The size of an image, if one is given, for a network that reads images. */
  public Optional<Shape> image() {
    if (inputs.size() > 1) {
      throw new UsageException("--input: expected the size of an image once, got it " + inputs.size() + " times");
    }
    return inputs.stream().map(InputOption::image).findFirst();
  }

  private static Shape image(String text) {
    try {
      return new Converters.Image().convert(text);
    } catch (TypeConversionException e) {
      throw new UsageException("--input: " + e.getMessage());
    }
  }

  /** Reads a model for these sizes. */
  public Model read(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(ONNX) ? Onnx.read(file, shapes(file)) : sized(RunFolder.model(file));
  }

  /** The model for images of that size. */
  public Model sized(Model model) {
    return image().map(shape -> Networks.resized(model, shape)).orElse(model);
  }

  /** The given shapes by the name of the input. */
  private Map<String, Shape> shapes(Path model) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    if (inputs.isEmpty()) {
      return shapes;
    }
    List<String> names = ModelFormats.inputs(model);
    for (String given : inputs) {
      Optional<String> name = names.stream().filter(n -> given.startsWith(n + "=")).findFirst();
      if (name.isEmpty() && names.size() != 1) {
        throw new UsageException("--input " + given + ": expected NAME=SHAPE with the name of an input of " + model + ": "
            + String.join(", ", names));
      }
      Shape shape = shape(given.substring(name.map(n -> n.length() + 1).orElse(0)));
      if (shapes.put(name.orElse(names.getFirst()), shape) != null) {
        throw new UsageException("--input " + given + ": this input has a shape already");
      }
    }
    return shapes;
  }

  private static Shape shape(String text) {
    try {
      return Shape.parse(text);
    } catch (FoveaException e) {
      throw new UsageException("--input: " + e.getMessage());
    }
  }
}
