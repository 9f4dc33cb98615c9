package dev.fovea.cli.command;

import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.CardOptions;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.InputOption;
import dev.fovea.cli.option.ModelFiles;
import dev.fovea.cli.option.UsageException;
import dev.fovea.cli.option.WeightsOptions;
import dev.fovea.model.Model;
import dev.fovea.run.RunFolder;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Reads a model or weights of any format, and writes a model. */
@CommandLine.Command(
    name = "convert",
    header = "Convert a model from one format to another, or into another form.",
    description = {
        "Formats go by the files' endings. IN: .safetensors (Fovea's, or weights), .onnx, .pt, .pth, .th and .bin (PyTorch's"
            + " state dicts), .npz, a run folder, or a folder of Hugging Face's with config.json. OUT: .safetensors or .onnx.",
        "A file of weights needs --network. What the file does not say, such as the names of the classes, is reported with the"
            + " option that gives it."
    },
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {
        "",
        "Example:",
        "  fovea convert resnet18.onnx resnet18.safetensors --labels imagenet.txt --resize 256 \\",
        "      --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225",
        "  fovea convert weights.pth model.safetensors --network resnet18 --classes 5",
        "  fovea convert runs/lenet5-1 lenet5.onnx",
        "  fovea convert runs/lenet5-1 fcn.safetensors --fully-convolutional --input 1x84x84"})
final class ConvertCommand implements Command {
  private final Streams streams;

  @Mixin
  private final ModelFiles files = new ModelFiles();

  @Mixin
  private final WeightsOptions weights = new WeightsOptions();

  @Mixin
  private final InputOption input = new InputOption();

  @Mixin
  private final CardOptions card = new CardOptions();

  @Option(names = "--fully-convolutional",
      description = "Convert a classifier's fully connected layers into convolutions, so that it takes images of any size.")
  private boolean fullyConvolutional;

  @Mixin
  private final HelpOption help = new HelpOption();

  ConvertCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    files.check();
    Model converted = card.applied(converted());
    files.write(converted);
    streams.print(files.describe(converted));
    CardOptions.assumptions(converted.card()).forEach(streams::say);
    return 0;
  }

  private Model converted() {
    if (weights.given(files.in())) {
      if (fullyConvolutional) {
        throw new UsageException("--fully-convolutional: convert the weights first, then their network");
      }
      return weights.model(files.in(), input.image(), streams::report);
    }
    return fullyConvolutional ? input.sized(RunFolder.model(files.in()).fullyConvolutional())
        : input.read(files.in());
  }
}
