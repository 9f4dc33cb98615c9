package dev.fovea.cli.option;

import dev.fovea.format.TensorFile;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Layer;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.model.ModelFormats;
import dev.fovea.model.NameMap;
import dev.fovea.model.Transfer;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.zoo.Network;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The network for a file that holds weights alone. */
public final class WeightsOptions {
  /** The shorter side for a crop of 224 x 224 in torchvision's preprocessing for ImageNet. */
  private static final double SHORTER_SIDE = 256.0 / 224;

  /** The smallest crop of a network for photographs. */
  private static final int PHOTOGRAPH = 128;

  @Option(names = "--network", paramLabel = "NETWORK", converter = Converters.NetworkName.class,
      completionCandidates = Choices.Networks.class,
      description = "For a file of weights: the network that they belong to, of the zoo (see fovea models) or in the notation.")
  private Optional<Network> network = Optional.empty();

  @Option(names = "--classes", paramLabel = "N", converter = Converters.Count.class,
      description = "The network's number of classes. Default: as in its paper, 1000 for ImageNet.")
  private Optional<Integer> classes = Optional.empty();

  @Option(names = "--map", paramLabel = "FILE", converter = Converters.File.class,
      description = "A text file with lines: name in the file = name in the network.")
  private Optional<Path> map = Optional.empty();

  @Option(names = "--partial",
      description = "Allow parameters that are missing or of another shape in the file; they keep a random initialisation.")
  private boolean partial;

  @Mixin
  private final NetworkOptions networkOptions = new NetworkOptions();

  /** Whether the file's weights belong to a network that is named; without one, refuses the options that belong to it. */
  public boolean given(Path file) {
    if (network.isEmpty()) {
      if (classes.isPresent() || map.isPresent() || partial) {
        throw new UsageException("--classes, --map and --partial belong to --network NETWORK: name it");
      }
      networkOptions.requireNone(file.toString());
    }
    return network.isPresent();
  }

  /**
   * The network with the weights of the file; refuses one that lacks some, unless that is allowed.
   *
   * @param report receives what was loaded and names all that was not, in several lines
   */
  public Model model(Path file, Optional<Shape> input, Consumer<String> report) {
    Network chosen = network.orElseThrow();
    int count = classes.orElse(chosen.classes());
    Shape image = Networks.input(chosen, input, chosen.input());
    Layer layer = networkOptions.layer(chosen, count);
    Shape output = Networks.graph(chosen, layer, image).outputShape(Model.OUTPUT);
    List<String> names = IntStream.range(0, Math.max(2, output.dim(1))).mapToObj(String::valueOf).toList();
    Preprocessing usual = preprocessing(chosen, image, output.rank() == 2);
    Card card = new Card(chosen.name(), names, usual, Map.of(
        Card.CLASSES, "numbered, since the file names none",
        Card.PREPROCESSING, "the usual of " + chosen.name() + ", since the file says nothing: " + described(usual)));
    Model model = Model.create(layer, card, 0);
    try (TensorFile tensors = ModelFormats.tensors(file)) {
      Transfer transfer = Transfer.of(tensors, file, map.map(NameMap::read).orElse(NameMap.none()), model);
      report.accept(file + ": " + transfer.report());
      if (!transfer.isComplete() && !partial || transfer.loaded().isEmpty()) {
        throw new FoveaException(file + ": is not a whole " + chosen.name() + " of " + names.size() + " classes: "
            + transfer.missing().size() + " parameters are missing and " + transfer.mismatched().size()
            + " have another shape (named above); choose another network or number of classes, give --map FILE"
            + (transfer.loaded().isEmpty() ? "" : ", or allow it with --partial"));
      }
    }
    return model;
  }

  private static Preprocessing preprocessing(Network network, Shape image, boolean classifies) {
    int side = Math.max(image.dim(1), image.dim(2));
    Preprocessing values = new Preprocessing(image.dim(0), image.dim(1), image.dim(2), Fit.STRETCH, network.mean(image.dim(0)),
        network.std(image.dim(0)));
    return classifies && side >= PHOTOGRAPH ? values.resize((int) Math.round(side * SHORTER_SIDE)) : values;
  }

  private static String described(Preprocessing p) {
    String fit = p.resize() > 0 ? "shorter side " + p.resize() + ", centre crop" : "images stretched";
    return String.format(Locale.ROOT, "mean %s, std %s, %s", p.mean(), p.std(), fit);
  }
}
