package dev.fovea.cli.option;

import dev.fovea.cli.console.Streams;
import dev.fovea.data.DataSpec;
import dev.fovea.data.Datasets;
import dev.fovea.data.Split;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Layer;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.run.RunConfig;
import dev.fovea.run.RunFolder;
import dev.fovea.tensor.Shape;
import dev.fovea.train.Augmentation;
import dev.fovea.train.Loss;
import dev.fovea.zoo.Network;
import dev.fovea.zoo.Zoo;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** All options that determine a run's result: network, data and training. */
public final class RunOptions {
  @Option(
      names = "--model",
      paramLabel = "NETWORK",
      converter = Converters.NetworkName.class,
      completionCandidates = Choices.Networks.class,
      description = "A network of the zoo (see fovea models), or one in the notation. Default: that of --init, else lenet5.")
  private Optional<Network> named = Optional.empty();

  @Option(names = "--data", paramLabel = "DATA", converter = Converters.Data.class,
      description = "The data set, in a form that fovea data lists. Default: digits.")
  private DataSpec data = DataSpec.parse("digits");

  @Option(names = "--classes", paramLabel = "NAME", split = ",",
      description = "Use only these classes of the data set, as in 3,8.")
  private List<String> classes = List.of();

  @Option(names = "--per-class", paramLabel = "N", converter = Converters.Count.class,
      description = "Train on at most N images of each class, chosen by the seed.")
  private Optional<Integer> perClass = Optional.empty();

  @Mixin
  private final SkipOption skip = new SkipOption();

  @Option(
      names = "--input",
      paramLabel = "CxHxW",
      converter = Converters.Image.class,
      description = "The size of the network's input images. Default: the network's own.")
  private Optional<Shape> input = Optional.empty();

  @Option(
      names = "--augment",
      paramLabel = "STEPS",
      converter = Converters.Augment.class,
      description = "Augment the training images: flip, crop or flip,crop. Default: none.")
  private Augmentation augmentation = Augmentation.NONE;

  @Option(
      names = "--init",
      paramLabel = "MODEL",
      converter = Converters.File.class,
      description = "Start from a model file of any format or a run folder. Without --model the network and its preprocessing are"
          + " the file's; if the data have another number of classes, its last layer is reinitialised. With --model, parameters with the"
          + " same name and shape are loaded, the others are listed and keep their random initialisation.")
  private Optional<Path> init = Optional.empty();

  @Mixin
  private final NetworkOptions networkOptions = new NetworkOptions();

  @Mixin
  private final TrainingOptions training = new TrainingOptions();

  /** Which data set is read; equal choices give equal images. */
  public record DatasetChoice(DataSpec data, List<String> classes, Optional<Integer> perClass, long seed,
      boolean skipUnreadable) {
    public Split open(Streams streams) {
      Split all = Datasets.open(data, DataSets.options(seed, skipUnreadable, streams));
      Split split = classes.isEmpty() ? all : Datasets.only(all, classes);
      return perClass
          .map(n -> new Split(Datasets.perClass(split.train(), n, seed), split.validation(), split.test(), split.skipped()))
          .orElse(split);
    }
  }

  public long seed() {
    return training.seed();
  }

  /** The model to train on, if it comes from a file. */
  private Optional<InitialModel> initial() {
    return named.isEmpty() ? init.map(InitialModel::new) : Optional.empty();
  }

  private Network network() {
    return named.orElseGet(() -> Zoo.find("lenet5"));
  }

  private Network.Recipe recipe() {
    return initial().isPresent() ? InitialModel.RECIPE : network().recipe();
  }

  /** The network's name for use in folder names. */
  public String folderName() {
    return initial().map(InitialModel::name).orElseGet(() -> Networks.fileName(network()));
  }

  public DatasetChoice images() {
    return new DatasetChoice(data, classes, perClass, seed(), skip.given());
  }

  /** The run's configuration; refuses options that contradict each other. */
  public RunConfig config() {
    Map<String, String> options = new LinkedHashMap<>();
    initial().ifPresentOrElse(file -> networkOptions.requireNone(file.path().toString()),
        () -> options.putAll(networkOptions.chosen(network())));
    if (!classes.isEmpty()) {
      options.put("classes", String.join(",", classes));
    }
    perClass.ifPresent(n -> options.put("per-class", n.toString()));
    if (skip.given()) {
      options.put(RunConfig.SKIP_UNREADABLE, "true");
    }
    if (!augmentation.equals(Augmentation.NONE)) {
      options.put(RunConfig.AUGMENT, augmentation.toString());
    }
    input.ifPresent(shape -> options.put("input", shape.toString()));
    options.putAll(training.chosen());
    init.ifPresent(path -> {
      RunFolder.modelFile(path); // fails now if it is missing, not only when its run begins
      options.put(RunConfig.INIT, path.toString());
    });
    return new RunConfig(initial().isPresent() ? RunConfig.NETWORK_OF_INIT : network().name(), options, data.toString(),
        training.epochs(recipe()), training.steps(), training.of(recipe()));
  }

  /** Refuses data whose classes or size do not suit the network, and a loss that does not. */
  public void check(Split split) {
    if (initial().isPresent()) {
      model(split, _ -> {});
    } else {
      layer(split);
    }
  }

  /** The network of that name for these data. */
  private Layer layer(Split split) {
    List<String> names = split.train().classes();
    Layer layer = networkOptions.layer(network(), names.size());
    String network = network().name();
    Shape output = Networks.graph(network(), layer, input(split)).outputShape(Model.OUTPUT);
    requireSameTask(network, output.rank() == 4, split);
    int outputs = output.dim(1);
    if (outputs == 1 && names.size() != 2) {
      throw new UsageException(
          network + " distinguishes two classes, " + data + " has " + names.size() + ": choose two, as in --classes "
              + names.getFirst() + "," + names.getLast());
    }
    if (outputs != names.size() && outputs != 1) {
      throw new UsageException(network + " has " + outputs + " outputs, " + data + " has " + names.size()
          + " classes: give its last layer " + names.size() + (output.rank() == 4 ? "" : ", or leave out the size of a last fc"));
    }
    Loss.of(training.loss(), output);
    return layer;
  }

  private void requireSameTask(String network, boolean segments, Split split) {
    if (segments != split.train().segments()) {
      throw new UsageException(segments
          ? network + " is a segmentation network, " + data + " has a label per image: give --data segmentation:DIR"
          : network + " is a classifier, " + data + " has a label per pixel: give a segmentation network");
    }
  }

  /**
   * The network with its initial weights.
   *
   * @param messages receives which weights of another model were loaded
   */
  public Model model(Split split, Consumer<String> messages) {
    return initial().map(file -> model(file, split, messages)).orElseGet(() -> {
      Card card = new Card(network().name(), split.train().classes(), preprocessing(split), Map.of());
      Model model = Model.create(layer(split), card, seed());
      init.ifPresent(path -> messages.accept("--init " + path + ": " + model.loadWeights(RunFolder.modelFile(path))));
      return model;
    });
  }

  private Model model(InitialModel file, Split split, Consumer<String> messages) {
    Model read = file.read(input);
    requireSameTask(file.path().toString(), read.segments(), split);
    Model model = Hint.at("--init " + file.path(), () -> read.withClasses(split.train().classes(), seed()));
    Loss.of(training.loss(), model.graph().outputShape(Model.OUTPUT));
    messages.accept("--init " + file.path() + ": " + InitialModel.describe(read, model));
    return model;
  }

  private Preprocessing preprocessing(Split split) {
    Shape image = input(split);
    return new Preprocessing(image.dim(0), image.dim(1), image.dim(2), split.train().fit(),
        network().mean(image.dim(0)), network().std(image.dim(0)));
  }

  private Shape input(Split split) {
    return Networks.input(network(), input, split.train().shape());
  }
}
