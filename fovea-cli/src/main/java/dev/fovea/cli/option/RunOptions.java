package dev.fovea.cli.option;

import dev.fovea.augment.Augmentation;
import dev.fovea.cli.auto.Known;
import dev.fovea.cli.console.Streams;
import dev.fovea.data.DataOptions;
import dev.fovea.data.DataSpec;
import dev.fovea.data.Datasets;
import dev.fovea.data.Split;
import dev.fovea.graph.Graph;
import dev.fovea.layer.Layer;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.model.Task;
import dev.fovea.pretrained.PretrainedNetwork;
import dev.fovea.run.RunConfig;
import dev.fovea.run.RunFolder;
import dev.fovea.tensor.Shape;
import dev.fovea.train.Loss;
import dev.fovea.zoo.Network;
import dev.fovea.zoo.Zoo;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** All options that determine a run's result: network, data and training. */
public final class RunOptions {
  @Option(
      names = "--model",
      paramLabel = "NETWORK",
      converter = Converters.NetworkName.class,
      completionCandidates = Choices.Networks.class,
      description = "A network of the zoo (see fovea models), or one in the notation. Default: that of --init or --pretrained, else lenet5.")
  private Optional<Network> named = Optional.empty();

  @Option(names = "--data", paramLabel = "DATA", converter = Converters.Data.class,
      description = "The data set, in a form that fovea data lists. Default: digits.")
  private DataSpec data = DataSpec.parse("digits");

  @Option(
      names = "--task",
      paramLabel = "KIND",
      converter = Converters.TaskKind.class,
      completionCandidates = Choices.Tasks.class,
      description = "What the columns of csv:FILE are: label, labels or numbers. Default: see fovea data --help.")
  private Optional<Task.Kind> task = Optional.empty();

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
      description = {
          "Augment the training images: steps separated by commas, with values in parentheses, as in 'flip,rotation(10)'. Default: none.",
          "Position: flip, vertical-flip, crop, resized-crop(0.08..1),",
          "rotation(15), perspective,",
          "affine(10,translate=0.1,scale=0.9..1.1,shear=5)",
          "Colour: color-jitter(0.4,0.4,0.4,0.1), grayscale(0.1),",
          "blur(0.1..2), pca(0.1), erasing(0.5)",
          "Several: randaugment(2,9), trivialaugment",
          "Of the batch: mixup(0.2), cutmix(1); see fovea augment"
      })
  private Augmentation augmentation = Augmentation.NONE;

  @Option(
      names = "--init",
      paramLabel = "MODEL",
      converter = Converters.File.class,
      description = "Start from a model file of any format or a run folder. Without --model the network and its preprocessing are"
          + " the file's; if the data have another number of classes, its last layer is reinitialised. With --model, parameters with the"
          + " same name and shape are loaded, the others are listed and keep their random initialisation.")
  private Optional<Path> init = Optional.empty();

  @Option(
      names = "--pretrained",
      paramLabel = "NAME",
      converter = Converters.PretrainedName.class,
      description = "As --init, with the file of a pretrained network in the cache; see fovea pretrained.")
  private Optional<PretrainedNetwork> pretrained = Optional.empty();

  @Mixin
  private final NetworkOptions networkOptions = new NetworkOptions();

  @Mixin
  private final TrainingOptions training = new TrainingOptions();

  /** Which data set is read; equal choices give equal images. */
  public record DatasetChoice(DataSpec data, Optional<Task.Kind> task, List<String> classes, Optional<Integer> perClass,
      long seed, boolean skipUnreadable) {
    public Split open(Streams streams) {
      DataOptions options = DataSets.options(seed, skipUnreadable, streams);
      Split all = Datasets.open(data, task.map(options::task).orElse(options));
      Split split = classes.isEmpty() ? all : Datasets.only(all, classes);
      return perClass
          .map(n -> new Split(Datasets.perClass(split.train(), n, seed), split.validation(), split.test(), split.skipped()))
          .orElse(split);
    }
  }

  public long seed() {
    return training.seed();
  }

  /** The model to start from, if there is one. */
  private Optional<InitialModel> start() {
    return init.map(InitialModel::of).or(() -> pretrained.map(InitialModel::of));
  }

  /** The same, if its network is to be trained on. */
  private Optional<InitialModel> initial() {
    return named.isEmpty() ? start() : Optional.empty();
  }

  private Network network() {
    return named.orElseGet(() -> Zoo.find("lenet5"));
  }

  private Network.Recipe recipe() {
    if (initial().isEmpty()) {
      return network().recipe();
    }
    return training.trainsLastLayer() ? InitialModel.LAST_LAYER : InitialModel.RECIPE;
  }

  /** Whether a network or a model to start from is given. */
  public boolean names() {
    return named.isPresent() || start().isPresent();
  }

  /** The network's name for use in folder names. */
  public String folderName() {
    return initial().map(InitialModel::name).orElseGet(() -> Networks.fileName(network()));
  }

  public DatasetChoice images() {
    return new DatasetChoice(data, task, classes, perClass, seed(), skip.given());
  }

  public Augmentation augmentation() {
    return augmentation;
  }

  /** The run's configuration; refuses options that contradict each other. */
  public RunConfig config() {
    if (init.isPresent() && pretrained.isPresent()) {
      throw new UsageException("--init and --pretrained both name a model to start from: give one of them");
    }
    Map<String, String> options = new LinkedHashMap<>();
    initial().ifPresentOrElse(file -> networkOptions.requireNone(file.path().toString()),
        () -> options.putAll(networkOptions.chosen(network())));
    task.ifPresent(kind -> {
      if (data.kind() != DataSpec.Kind.CSV) {
        throw new UsageException("--task: only of csv:FILE the task is chosen, not of " + data + ": leave it out");
      }
      options.put(RunConfig.TASK, Choices.spelling(kind));
    });
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
    start().ifPresent(model -> {
      model.verify();
      options.put(model.option().getKey(), model.option().getValue());
    });
    return new RunConfig(initial().isPresent() ? RunConfig.NETWORK_OF_INIT : network().name(), options, data.toString(),
        training.epochs(recipe()), training.steps(), training.of(recipe()));
  }

  /** The size of images, if it is given. */
  Optional<Shape> input() {
    return input;
  }

  /** The network, if one is given. */
  Optional<Known> known() {
    if (initial().isPresent()) {
      return initial().map(file -> file.known(file.read(input)));
    }
    Function<Shape, Graph> graphs =
        size -> Networks.graph(network(), networkOptions.layer(network(), network().classes()), size);
    return named.map(
        network -> new Known(network.name(), start().isPresent(), Networks.input(network, input, network.input()), graphs));
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
    Task learnt = split.train().task();
    List<String> names = learnt.names();
    Layer layer = networkOptions.layer(network(), names.size());
    String network = network().name();
    Shape output = Networks.graph(network(), layer, input(split)).outputShape(Model.OUTPUT);
    requireSameTask(network, output.rank() == 4, split);
    int outputs = output.dim(1);
    if (learnt instanceof Task.OneLabel && outputs == 1 && names.size() != 2) {
      throw new UsageException(
          network + " distinguishes two classes, " + data + " has " + names.size() + ": choose two, as in --classes "
              + names.getFirst() + "," + names.getLast());
    }
    if (outputs != names.size() && !(learnt instanceof Task.OneLabel && outputs == 1)) {
      throw new UsageException(network + " has " + outputs + " outputs, " + data + " has " + names.size()
          + (learnt instanceof Task.Numbers ? " numbers" : " classes") + ": give its last layer " + names.size()
          + (output.rank() == 4 ? "" : ", or leave out the size of a last fc"));
    }
    Loss.of(training.loss(), learnt, output);
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
      Card card = new Card(network().name(), split.train().task(),
          Networks.preprocessing(network(), input, split.train()), Map.of());
      Model model = Model.create(layer(split), card, seed());
      start().ifPresent(from -> messages.accept(from + ": " + model.loadWeights(RunFolder.modelFile(from.path()))));
      return model;
    });
  }

  private Model model(InitialModel file, Split split, Consumer<String> messages) {
    Model read = file.read(input);
    requireSameTask(file.path().toString(), read.segments(), split);
    Model model = Hint.at(file, () -> read.withTask(split.train().task(), seed()));
    Loss.of(training.loss(), model.card().task(), model.graph().outputShape(Model.OUTPUT));
    messages.accept(file + ": " + InitialModel.describe(read, model));
    return model;
  }

  private Shape input(Split split) {
    return Networks.input(network(), input, split.train().shape());
  }
}
