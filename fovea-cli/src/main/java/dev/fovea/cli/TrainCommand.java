package dev.fovea.cli;

import dev.fovea.data.DataSpec;
import dev.fovea.data.Split;
import dev.fovea.graph.Graph;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Layer;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import dev.fovea.train.Augmentation;
import dev.fovea.train.Progress;
import dev.fovea.train.RunConfig;
import dev.fovea.train.RunFolder;
import dev.fovea.train.TrainingRun;
import dev.fovea.zoo.Network;
import dev.fovea.zoo.Zoo;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a network into a folder. */
@CommandLine.Command(
    name = "train",
    header = "Train a network into a run folder.",
    description = {
        "With no option at all lenet5 learns built-in digits. What is not given is taken from the network's recipe. The same"
            + " settings give the same weights to the last bit, whatever the number of threads."
    },
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {
        "",
        "NETWORK, in the notation: 'INPUT -> [[CONV 32 -> RELU]*2 -> POOL]*3 -> [FC 256 -> RELU]*1 -> FC'",
        "DATA: digits[:N], mnist[:DIR], fashion-mnist[:DIR], cifar10[:DIR], idx:DIR, images:DIR,",
        "segmentation:DIR (fovea data tells more)",
        "",
        "Example:",
        "  fovea train --model lenet5 --data mnist:/data/mnist --epochs 12 --seed 5 --out runs/mnist"
    })
final class TrainCommand implements Command {
  private final Streams streams;

  @Option(
      names = "--model",
      paramLabel = "NETWORK",
      converter = Converters.NetworkName.class,
      completionCandidates = Choices.Networks.class,
      description = "A network of the zoo, as fovea models lists them, or one in the notation (lenet5).")
  private Network network = Zoo.find("lenet5");

  @Option(names = "--data", paramLabel = "DATA", converter = Converters.Data.class,
      description = "What to learn from (digits).")
  private DataSpec data = DataSpec.parse("digits");

  @Option(names = "--classes", paramLabel = "NAME", split = ",",
      description = "Only these classes of the data, as in 3,8.")
  private List<String> classes = List.of();

  @Option(
      names = "--input",
      paramLabel = "CxHxW",
      converter = Converters.Picture.class,
      description = "The pictures' size for the network (its own).")
  private Optional<Shape> input = Optional.empty();

  @Option(
      names = "--augment",
      paramLabel = "STEPS",
      converter = Converters.Augment.class,
      description = "Vary the training pictures: flip, crop or flip,crop (none).")
  private Augmentation augmentation = Augmentation.NONE;

  @Mixin
  private final NetworkOptions form = new NetworkOptions();

  @Mixin
  private final TrainingOptions training = new TrainingOptions();

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      converter = Converters.File.class,
      description = "The run folder (runs/NETWORK-N; with --resume the last of them).")
  private Optional<Path> out =
      Optional.empty();

  @Option(names = "--resume", description = "Go on with the run in the folder, under the same settings.")
  private boolean resume;

  @Option(names = "--overwrite", description = "Delete the run in the folder and start anew.")
  private boolean overwrite;

  @Mixin
  private final HelpOption help = new HelpOption();

  TrainCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    RunFolder.Mode mode = mode();
    RunConfig.Training settings = training.of(network);
    Path folder = out.orElseGet(() -> RunNames.next(Networks.word(network), resume));
    streams.say(network.name() + " on " + data + ", into " + folder);
    Split split = DataSets.open(data, settings.seed(), classes, streams);
    Model model = model(split, settings.seed());
    RunConfig config =
        new RunConfig(network.name(), options(), data.toString(), "", training.epochs(network), training.steps(), settings);
    TrainingRun run = TrainingRun.of(config, model, DataSets.fitted(split, model))
        .listen(Progress.on(streams.err(), streams.terminal()))
        .messages(streams::say);
    try (Interruption interruption = new Interruption()) {
      return tell(run.stopWhen(interruption::asked).run(folder, mode), split, folder);
    }
  }

  private RunFolder.Mode mode() {
    if (resume && overwrite) {
      throw new UsageException("--resume goes on with a run and --overwrite deletes it: give one of them");
    }
    return resume ? RunFolder.Mode.RESUME : overwrite ? RunFolder.Mode.OVERWRITE : RunFolder.Mode.NEW;
  }

  private Model model(Split split, long seed) {
    List<String> names = split.train().classes();
    Layer layer = form.layer(network, names.size());
    Shape picture = Networks.picture(network, input, split.train().shape());
    Graph graph = Networks.graph(network, layer, picture);
    if (graph.outputShape(Model.OUTPUT).dim(1) == 1 && names.size() != 2) {
      throw new UsageException(
          network.name() + " tells two classes apart, " + data + " has " + names.size() + ": choose two, as in --classes "
              + names.getFirst() + "," + names.getLast());
    }
    Model model = Model.create(layer, new Card(network.name(), names, preprocessing(split, picture), Map.of()), seed);
    if (model.segments() != split.train().segments()) {
      throw new UsageException(network.name() + " labels " + (model.segments() ? "pixels, " : "pictures, ") + data
          + (model.segments() ? " labels pictures: give --data segmentation:DIR" : " labels pixels: give a network that segments"));
    }
    return model;
  }

  private Preprocessing preprocessing(Split split, Shape picture) {
    return new Preprocessing(picture.dim(0), picture.dim(1), picture.dim(2), split.train().fit(),
        Networks.perChannel(network.mean(), picture.dim(0)), Networks.perChannel(network.deviation(), picture.dim(0)));
  }

  /** What was chosen beside the training settings, by the option's name. */
  private Map<String, String> options() {
    Map<String, String> options = new LinkedHashMap<>(form.chosen(network));
    if (!classes.isEmpty()) {
      options.put("classes", String.join(",", classes));
    }
    if (!augmentation.equals(Augmentation.NONE)) {
      options.put(RunConfig.AUGMENT, augmentation.toString());
    }
    input.ifPresent(shape -> options.put("input", shape.toString()));
    return options;
  }

  private int tell(TrainingRun.Outcome outcome, Split split, Path folder) {
    boolean tested = split.test().isPresent();
    return switch (outcome) {
      case TrainingRun.Outcome.Finished finished -> {
        streams.out().print(RunText.of(finished.result(), tested, folder));
        yield 0;
      }
      case TrainingRun.Outcome.AlreadyFinished finished -> {
        streams.say(folder + ": this run is finished already, nothing is left to do");
        streams.out().print(RunText.of(finished.result(), tested, folder));
        yield 0;
      }
      case TrainingRun.Outcome.Stopped stopped -> {
        streams.error("stopped after step " + stopped.step() + " of " + stopped.totalSteps()
            + "; to go on, give the same command with --out " + folder + " --resume");
        yield Interruption.EXIT_CODE;
      }
    };
  }
}
