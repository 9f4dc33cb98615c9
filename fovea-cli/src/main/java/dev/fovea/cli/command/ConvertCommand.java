package dev.fovea.cli.command;

import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.Networks;
import dev.fovea.cli.option.UsageException;
import dev.fovea.model.Model;
import dev.fovea.run.RunFolder;
import dev.fovea.tensor.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a model in another form. */
@CommandLine.Command(
    name = "convert",
    header = "Write a model in another form.",
    description = "The weights stay the same.",
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {"", "Example:", "  fovea convert runs/lenet5-1 fcn.safetensors --fully-convolutional --input 1x84x84"})
final class ConvertCommand implements Command {
  private static final String SUFFIX = ".safetensors";

  private final Streams streams;

  @Parameters(index = "0", paramLabel = "MODEL", converter = Converters.File.class,
      description = "A model file, or a run folder.")
  private Path model = Path.of("");

  @Parameters(index = "1", paramLabel = "OUT", converter = Converters.File.class,
      description = "The file to write, *.safetensors.")
  private Path out = Path.of("");

  @Option(names = "--fully-convolutional",
      description = "Convert a classifier's fully connected layers into convolutions, so that it takes images of any size.")
  private boolean fullyConvolutional;

  @Option(
      names = "--input",
      paramLabel = "CxHxW",
      converter = Converters.Image.class,
      description = "The size of its input images. Default: as before.")
  private Optional<Shape> input = Optional.empty();

  @Option(names = "--overwrite", description = "Replace OUT if it exists.")
  private boolean overwrite;

  @Mixin
  private final HelpOption help = new HelpOption();

  ConvertCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    if (!out.toString().endsWith(SUFFIX)) {
      throw new UsageException("OUT: expected a file that ends in " + SUFFIX + ", got " + out);
    }
    if (Files.exists(out) && !overwrite) {
      throw new UsageException(out + " exists: name another file, or add --overwrite");
    }
    Model loaded = RunFolder.model(model);
    Model converted = fullyConvolutional ? loaded.fullyConvolutional() : loaded;
    Model sized = input.map(shape -> Networks.resized(converted, shape)).orElse(converted);
    sized.save(out);
    streams.out().println(
        Streams.escaped(out) + ": input " + sized.input() + ", output " + sized.graph().outputShape(Model.OUTPUT).withoutBatch());
    return 0;
  }
}
