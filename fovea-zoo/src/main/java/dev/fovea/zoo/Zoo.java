package dev.fovea.zoo;

import dev.fovea.layer.Layer;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import dev.fovea.tensor.Shape;
import dev.fovea.zoo.Network.Recipe;
import dev.fovea.zoo.Network.Settings;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/** The networks by name. Adding one: its file, and a line here. */
public final class Zoo {
  private static final Shape DIGIT = Shape.of(1, 28, 28);

  /** Momentum SGD under a cosine: what the small networks here learn digits with. */
  private static final Recipe DIGITS = new Recipe(6, 64, "sgd", 0.03, 0.9, 5e-4, "cosine");

  private static final List<Network> NETWORKS =
      List.of(
          digits("logistic", "one sigmoid unit for two classes", Set.of(), _ -> new Logistic()),
          digits(
              "mlp",
              "a multilayer perceptron, --hidden 128,64",
              Set.of("hidden", "activation"),
              s -> new Mlp(s.hidden(), s.classes(), s.activation())),
          digits(
              "lenet5",
              "LeNet-5 in its modern form, LeCun et al. 1998",
              Set.of("pool", "activation"),
              s -> new LeNet5(s.classes(), s.pool(), s.activation())),
          digits(
              "lenet-caffe",
              "the LeNet of Caffe's example",
              Set.of("pool", "activation"),
              s -> new LeNetCaffe(s.classes(), s.pool(), s.activation())));

  private Zoo() {}

  public static List<Network> networks() {
    return NETWORKS;
  }

  /** The network of that name, {@code _} and {@code .} understood for {@code -}; or the one that a {@link Notation} tells. */
  public static Network find(String name) {
    if (Notation.isMeant(name)) {
      return network(Notation.parse(name));
    }
    return NETWORKS.stream()
        .filter(n -> plain(n.name()).equals(plain(name)))
        .findFirst()
        .orElseThrow(
            () -> new FoveaException(
                "there is no network '" + name + "': " + Names.nearest(name, NETWORKS.stream().map(Network::name).toList())));
  }

  /** Its name is the notation in canonical form. */
  private static Network network(Notation notation) {
    return digits(notation.toString(), "a network in the notation", Set.of(), s -> notation.layer(s.classes()))
        .input(notation.input().orElse(DIGIT));
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replace('_', '-').replace('.', '-');
  }

  /** What MNIST's pixels measure: mean 0.1307, deviation 0.3081. */
  private static Network digits(String name, String about, Set<String> settings, Function<Settings, Layer> builder) {
    return new Network(name, about, DIGIT, List.of(0.1307f), List.of(0.3081f), settings, DIGITS, builder);
  }
}
