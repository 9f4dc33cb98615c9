package dev.fovea.cli.command;

import dev.fovea.cli.console.Machine;
import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.NetworkOptions;
import dev.fovea.cli.option.UsageException;
import dev.fovea.model.Model;
import dev.fovea.tutorial.SlidingWindow;
import dev.fovea.zoo.Network;
import dev.fovea.zoo.Zoo;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures a classifier slid over an image against one pass of its fully convolutional form. */
@CommandLine.Command(
    name = "sliding",
    header = "A classifier slid over a large image, crop by crop and in one pass.",
    description = {
        "Its fully connected layers are read as convolutions. Where no layer pads, as in lenet-caffe, both ways give the same"
            + " logits.",
        "",
        "On an image 3 times as high and wide one pass takes fewer multiply-adds by a factor of 5.3 for lenet5, 8.3 for alexnet,"
            + " 21 for vgg16 and 25 for googlenet. For lenet-caffe it is 4.1, and 4.5 at most on any image: windows share what"
            + " convolutions compute, but no fully connected layer, and those are 72 %% of its pass."},
    sortOptions = false,
    footer = {"", "Example:", "  fovea demo sliding --scale 3"})
final class DemoSlidingCommand implements Command {
  private static final int LARGEST = 20;

  private final Streams streams;

  @Option(
      names = "--model",
      paramLabel = "NETWORK",
      converter = Converters.NetworkName.class,
      description = "A classifier of the zoo, or one in the notation (lenet5).")
  private Network network = Zoo.find("lenet5");

  @Option(
      names = "--scale",
      paramLabel = "N",
      converter = Converters.Count.class,
      description = "The image is so many times as high and wide as the classifier's (3).")
  private int scale = 3;

  @Option(
      names = "--threads",
      paramLabel = "N",
      converter = Converters.Threads.class,
      description = "Threads to use (one a processor, at most 16).")
  private int threads = Machine.threads();

  @Mixin
  private final HelpOption help = new HelpOption();

  DemoSlidingCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    if (scale > LARGEST) {
      throw new UsageException("--scale: expected 1 to " + LARGEST + ", got " + scale);
    }
    Model classifier = Model.create(new NetworkOptions().layer(network, network.classes()), network.input(), 1);
    streams.out().print(SlidingWindow.measure(classifier, scale, threads));
    return 0;
  }
}
