package dev.fovea.cli.option;

import dev.fovea.data.Dataset;
import dev.fovea.graph.Graph;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Layer;
import dev.fovea.model.Model;
import dev.fovea.run.RunFolder;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import dev.fovea.tensor.Shape;
import dev.fovea.zoo.Network;
import dev.fovea.zoo.Zoo;
import dev.fovea.zoo.notation.Notation;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/** Resolves a network's name or a model file, and checks that an input size suits the network. */
public final class Networks {
  /** Above this no input size is suggested. */
  private static final int MAX_SIDE = 1024;

  private Networks() {}

  /**
   * A network to describe.
   *
   * @param graph its graph, of a model from elsewhere as the file declares it
   * @param trainable the graph that training uses; empty if nothing is known about what the network's outputs mean
   */
  public record Described(Graph graph, Optional<Graph> trainable) {}

  /**
   * A network by name, or that of a model file or run folder, for images of that size.
   *
   * @param classes the network's number of classes, if not as in its paper
   */
  public static Described described(String networkOrModel, NetworkOptions networkOptions, Optional<Integer> classes,
      Optional<Shape> input) {
    Optional<Network> named = named(networkOrModel);
    if (named.isPresent()) {
      Network network = named.get();
      Graph graph = graph(network, networkOptions.layer(network, classes.orElse(network.classes())),
          input(network, input, network.input()));
      return new Described(graph, Optional.of(graph));
    }
    networkOptions.requireNone(networkOrModel);
    if (classes.isPresent()) {
      throw new UsageException("--classes: " + networkOrModel + " already has its classes: leave the option out");
    }
    Model model = RunFolder.model(Path.of(networkOrModel));
    Model sized = input.map(shape -> resized(model, shape)).orElse(model);
    return new Described(sized.graph(),
        sized.card().classes().isEmpty() ? Optional.empty() : Optional.of(sized.standardForm().graph()));
  }

  /**
   * The input shape of a network: the given one, else the network's own. A notation without an input shape gets that of the data.
   *
   * @throws UsageException if a notation has another input shape than the given one
   */
  static Shape input(Network network, Optional<Shape> given, Shape data) {
    if (!Notation.isNotation(network.name())) {
      return given.orElse(network.input());
    }
    Optional<Shape> own = Notation.parse(network.name()).input();
    if (own.isPresent() && given.isPresent() && !own.equals(given)) {
      throw new UsageException("--input " + given.get() + ": the notation has input " + own.get() + ": give one of them");
    }
    return own.or(() -> given).orElse(data);
  }

  /** The preprocessing of a run on these images: of the named network, else of the file, else of lenet5. */
  public static Preprocessing preprocessing(Optional<Network> named, Optional<Path> init, Optional<Shape> given, Dataset images) {
    return named.isEmpty() && init.isPresent()
        ? InitialModel.of(init.get()).read(given).card().preprocessing()
        : preprocessing(named.orElseGet(() -> Zoo.find("lenet5")), given, images);
  }

  static Preprocessing preprocessing(Network network, Optional<Shape> given, Dataset images) {
    Shape image = input(network, given, images.shape());
    return new Preprocessing(image.dim(0), image.dim(1), image.dim(2), images.fit(), network.mean(image.dim(0)),
        network.std(image.dim(0)));
  }

  /** A network's name for use in file names. */
  public static String fileName(Network network) {
    return Notation.isNotation(network.name()) ? "notation" : network.name();
  }

  /** The forward graph. If the image is too small, the error names the smallest size that is not. */
  public static Graph graph(Network network, Layer layer, Shape input) {
    try {
      return Model.graphOf(layer, input);
    } catch (FoveaException e) {
      String name = Notation.isNotation(network.name()) ? "the network" : network.name();
      String needed = smallest(size -> Model.graphOf(layer, size), input)
          .map(size -> ": " + name + " needs " + size + " or larger")
          .orElse("");
      throw new FoveaException("an image of " + input + " does not suit " + name + ": " + e.getMessage() + needed, e);
    }
  }

  /** The smallest larger image with the same channels that suits, square if the given one allows. */
  private static Optional<Shape> smallest(Consumer<Shape> attempt, Shape input) {
    for (int side = Math.min(input.dim(1), input.dim(2)) + 1; side <= MAX_SIDE; side++) {
      Shape larger = Shape.of(input.dim(0), Math.max(side, input.dim(1)), Math.max(side, input.dim(2)));
      if (isPossible(attempt, larger)) {
        return Optional.of(larger);
      }
    }
    return Optional.empty();
  }

  private static boolean isPossible(Consumer<Shape> attempt, Shape image) {
    try {
      attempt.accept(image);
      return true;
    } catch (FoveaException e) {
      return false;
    }
  }

  /** The model for images of another size. If that does not suit, the error names a size that does. */
  public static Model resized(Model model, Shape input) {
    try {
      return model.withInput(input);
    } catch (FoveaException e) {
      throw new FoveaException("an image of " + input + " does not suit this model, which expects " + model.input() + ": "
          + e.getMessage() + needed(model, input), e);
    }
  }

  private static String needed(Model model, Shape input) {
    Shape own = model.input();
    if (!isPossible(model::withInput, Shape.of(own.dim(0), 2 * own.dim(1), 2 * own.dim(2)))) {
      return input.dim(0) == own.dim(0) ? ": fovea convert --fully-convolutional makes one for larger images" : "";
    }
    return smallest(model::withInput, input).map(size -> ": it needs " + size + " or larger").orElse("");
  }

  /** A network of the zoo, or a notation; empty if there is a file or folder of that name instead. */
  public static Optional<Network> named(String networkOrModel) {
    try {
      return Optional.of(Zoo.find(networkOrModel));
    } catch (FoveaException e) {
      if (exists(networkOrModel)) {
        return Optional.empty();
      }
      if (Notation.isNotation(networkOrModel)) {
        throw e;
      }
      throw new FoveaException("there is no file, folder or network '" + networkOrModel + "': "
          + Names.nearest(networkOrModel, Zoo.networks().stream().map(Network::name).toList()), e);
    }
  }

  private static boolean exists(String path) {
    try {
      return !path.isEmpty() && Files.exists(Path.of(path));
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
