package dev.fovea.cli.command;

import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.InputOption;
import dev.fovea.cli.option.ModelFiles;
import dev.fovea.model.Optimized;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** Writes the form of a model that inference needs. */
@CommandLine.Command(
    name = "optimize",
    header = "Write the form of a model that inference needs, for use elsewhere.",
    description = "Batch normalisations are folded into the convolutions before them, tensors that depend on parameters alone are"
        + " computed in advance, and what has no effect on inference is removed. Outputs are the same bits. Fovea itself does the same"
        + " whenever it predicts, so for Fovea this is not needed.",
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {"", "Example:", "  fovea optimize runs/resnet18-1 resnet18.onnx"})
final class OptimizeCommand implements Command {
  private final Streams streams;

  @Mixin
  private final ModelFiles files = new ModelFiles();

  @Mixin
  private final InputOption input = new InputOption();

  @Mixin
  private final HelpOption help = new HelpOption();

  OptimizeCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    files.check();
    Optimized optimized = Optimized.of(input.read(files.in()));
    files.write(optimized.model());
    streams.print(files.describe(optimized.model()));
    if (optimized.changes().isEmpty()) {
      streams.out().println("nothing was changed: the model had this form already");
    }
    optimized.changes().forEach(streams.out()::println);
    return 0;
  }
}
