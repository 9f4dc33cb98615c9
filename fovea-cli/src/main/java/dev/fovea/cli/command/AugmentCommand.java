package dev.fovea.cli.command;

import dev.fovea.augment.Augmentation;
import dev.fovea.cli.console.ContactSheet;
import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.DataSets;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.Networks;
import dev.fovea.data.DataSpec;
import dev.fovea.data.Dataset;
import dev.fovea.data.Datasets;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.model.Task;
import dev.fovea.tensor.Shape;
import dev.fovea.train.AugmentationPreview;
import dev.fovea.zoo.Network;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Draws augmented training images. */
@CommandLine.Command(
    name = "augment",
    header = "Draw augmented images, as the network will see them.",
    description = {
        "Writes one image with a row for each of some training images: as it is without augmentation, then as it is in each of the"
            + " first epochs of fovea train with the same options. Without --augment there is a row for each step that there is, to"
            + " choose from.",
        "mixup and cutmix mix the images of a column; a run mixes those of a batch."
    },
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {
        "",
        "Example:",
        "  fovea augment --data images:/data/flowers --model resnet18 \\",
        "    --augment 'flip,resized-crop(0.3..1),color-jitter(0.4,0.4,0.4,0.1)' --preview sheet.png"
    })
final class AugmentCommand implements Command {
  private final Streams streams;

  @Option(names = "--preview", required = true, paramLabel = "FILE", converter = Converters.File.class,
      description = "The PNG file to write.")
  private Path preview = Path.of("");

  @Option(names = "--data", paramLabel = "DATA", converter = Converters.Data.class,
      description = "The data set, in a form that fovea data lists. Default: digits.")
  private DataSpec data = DataSpec.parse("digits");

  @Option(names = "--augment", paramLabel = "STEPS", converter = Converters.Augment.class,
      description = "The augmentation, as of fovea train. Default: each step in turn.")
  private Optional<Augmentation> augmentation = Optional.empty();

  @Option(names = "--model", paramLabel = "NETWORK", converter = Converters.NetworkName.class,
      description = "The network, which has the input size and the mean. Default: that of --init, else lenet5.")
  private Optional<Network> named = Optional.empty();

  @Option(names = "--init", paramLabel = "MODEL", converter = Converters.File.class,
      description = "A model file of any format or a run folder, whose preprocessing is used.")
  private Optional<Path> init = Optional.empty();

  @Option(names = "--input", paramLabel = "CxHxW", converter = Converters.Image.class,
      description = "The size of the network's input images. Default: the network's own.")
  private Optional<Shape> input = Optional.empty();

  @Option(names = "--images", paramLabel = "N", converter = Converters.Count.class,
      description = "The number of images, chosen evenly from the training set. Default: 8.")
  private int images = 8;

  @Option(names = "--epochs", paramLabel = "N", converter = Converters.Count.class,
      description = "The number of epochs. Default: 7.")
  private int epochs = 7;

  @Option(names = "--seed", paramLabel = "N", converter = Converters.Seed.class, description = "The seed of the run. Default: 1.")
  private long seed = 1;

  @Mixin
  private final HelpOption help = new HelpOption();

  AugmentCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    Dataset train = Datasets.open(data, DataSets.options(seed, false, streams)).train();
    Preprocessing preprocessing = Networks.preprocessing(named, init, input, train);
    int count = augmentation.isPresent() ? Math.min(images, train.size()) : Augmentation.examples().size();
    ContactSheet.check(count, 1 + Math.min(epochs, Integer.MAX_VALUE - 1), preprocessing.width(), preprocessing.height());
    List<List<Image>> rows = new ArrayList<>();
    List<String> captions = new ArrayList<>();
    if (augmentation.isPresent()) {
      AugmentationPreview shown = preview(train, preprocessing, augmentation.get());
      rows.addAll(shown.rows());
      for (int index : shown.indices()) {
        captions.add("image " + index + label(train, index));
      }
    } else {
      for (Augmentation step : Augmentation.examples()) {
        if (step.mixes() && (train.segments() || train.task() instanceof Task.Numbers)) {
          continue;
        }
        List<List<Image>> all = preview(train, preprocessing, step).rows();
        rows.add(all.get(rows.size() % all.size()));
        captions.add(step.toString());
      }
    }
    ContactSheet.of(rows).write(preview);
    streams.print(preview + ": without augmentation, then in epochs 1 to " + epochs + " with "
        + augmentation.map(Augmentation::toString).orElse("each step") + System.lineSeparator());
    for (int i = 0; i < captions.size(); i++) {
      streams.print("row " + (i + 1) + ": " + captions.get(i) + System.lineSeparator());
    }
    return 0;
  }

  /** What is known about an image, after a comma. */
  private static String label(Dataset train, int index) {
    if (train.segments()) {
      return "";
    }
    float[] target = new float[train.task().size()];
    train.target(index, target, 0);
    return switch (train.task()) {
      case Task.SeveralLabels(List<String> classes) -> {
        String all = IntStream.range(0, target.length).filter(c -> target[c] == 1).mapToObj(classes::get)
            .collect(Collectors.joining("|"));
        yield all.isEmpty() ? ", no label" : ", " + all;
      }
      case Task.Numbers(List<Task.Quantity> numbers) -> IntStream.range(0, target.length).mapToObj(
          k -> String.format(Locale.ROOT, ", %s %.6g", numbers.get(k).name(), numbers.get(k).value(target[k])))
          .collect(Collectors.joining());
      case Task.OneLabel _, Task.None _ -> ", " + train.classes().get(train.label(index));
    };
  }

  private AugmentationPreview preview(Dataset train, Preprocessing preprocessing, Augmentation steps) {
    return AugmentationPreview.of(train, preprocessing, steps, seed, epochs, images);
  }
}
