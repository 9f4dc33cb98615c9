package dev.fovea.cli.command;

import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.NetworkOptions;
import dev.fovea.cli.option.ThreadsOption;
import dev.fovea.cli.option.UsageException;
import dev.fovea.model.Model;
import dev.fovea.tutorial.SlidingWindow;
import dev.fovea.zoo.Network;
import dev.fovea.zoo.Zoo;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Compares a sliding window of a classifier with one pass of its fully convolutional form. */
@CommandLine.Command(
    name = "sliding",
    header = "A classifier as a sliding window over a large image, crop by crop and in one pass.",
    description = {
        "For the single pass its fully connected layers become convolutions. If no layer pads, as in lenet-caffe, both variants"
            + " give the same logits.",
        "",
        "On an image 3 times as high and wide, one pass needs fewer multiply-adds, by a factor of 5.3 for lenet5, 8.3 for alexnet, 21"
            + " for vgg16 and 25 for googlenet. For lenet-caffe it is 4.1, and at most 4.5 on any image: windows share the results"
            + " of convolutions, but not those of fully connected layers, which are 72 %% of its work."},
    sortOptions = false,
    footer = {"", "Example:", "  fovea demo sliding --scale 3"})
final class DemoSlidingCommand implements Command {
  private static final int MAX_SCALE = 20;

  private final Streams streams;

  @Option(
      names = "--model",
      paramLabel = "NETWORK",
      converter = Converters.NetworkName.class,
      description = "A classifier of the zoo, or one in the notation. Default: lenet5.")
  private Network network = Zoo.find("lenet5");

  @Option(
      names = "--scale",
      paramLabel = "N",
      converter = Converters.Count.class,
      description = "Height and width of the image as a multiple of the classifier's input. Default: 3.")
  private int scale = 3;

  @Mixin
  private final ThreadsOption threads = new ThreadsOption();

  @Mixin
  private final HelpOption help = new HelpOption();

  DemoSlidingCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    if (scale > MAX_SCALE) {
      throw new UsageException("--scale: expected 1 to " + MAX_SCALE + ", got " + scale);
    }
    Model classifier = Model.create(new NetworkOptions().layer(network, network.classes()), network.input(), 1);
    streams.out().print(SlidingWindow.measure(classifier, scale, threads.count()));
    return 0;
  }
}
