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
import java.util.function.IntFunction;

/** The networks by name. Adding one: its file, and a line here. */
public final class Zoo {
  private static final Shape DIGIT = Shape.of(1, 28, 28);

  /** Momentum SGD under a cosine: what the small networks here learn digits with. */
  private static final Recipe DIGITS = new Recipe(6, 64, "sgd", 0.03, 0.9, 5e-4, "cosine");

  private static final Shape TINY = Shape.of(3, 32, 32);
  private static final Shape ALEX_NET_SIZE = Shape.of(3, 227, 227);
  private static final Shape IMAGE_NET_SIZE = Shape.of(3, 224, 224);
  private static final Shape VOC_SIZE = Shape.of(3, 500, 500);
  private static final Shape STREET_SIZE = Shape.of(3, 180, 240);

  private static final Recipe NIN = new Recipe(80, 128, "sgd", 0.05, 0.9, 1e-4, "cosine");
  private static final Recipe VGG = new Recipe(25, 128, "sgd", 0.02, 0.9, 5e-4, "cosine");
  /** The paper's, section 5; its rate falls where the validation error stays. */
  private static final Recipe ALEX_NET = new Recipe(90, 128, "sgd", 0.01, 0.9, 5e-4, "step");
  private static final Recipe GOOG_LE_NET = new Recipe(60, 64, "sgd", 0.01, 0.9, 2e-4, "cosine");
  /** The paper's momentum and decay; its rate is meant for weights that have learnt ImageNet. */
  private static final Recipe FCN = new Recipe(100, 4, "sgd", 0.001, 0.9, 5e-4, "cosine");
  private static final Recipe FCN_SMALL = new Recipe(40, 8, "sgd", 0.05, 0.9, 1e-4, "cosine");

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
              s -> new LeNetCaffe(s.classes(), s.pool(), s.activation())),
          // what the paper makes of paper and ink: -0.1 and 1.175
          new Network(
              "lenet5-1998",
              "LeNet-5 as printed: its table, its squashing, its drawings, LeCun et al. 1998",
              Shape.of(1, 32, 32),
              List.of(0.0784f),
              List.of(0.7843f),
              Set.of(),
              new Recipe(10, 32, "sgd", 0.003, 0.9, 0, "cosine"),
              s -> LeNet51998.paper(s.classes())),
          pictures("nin", "Network in Network for CIFAR-10, Lin et al. 2014", TINY, NIN, NetworkInNetwork::new),
          pictures("vgg-small", "a VGG for 32x32", TINY, VGG, VggSmall::new),
          pictures("alexnet", "AlexNet, Krizhevsky et al. 2012", ALEX_NET_SIZE, ALEX_NET, AlexNet::paper),
          pictures("caffenet", "Caffe's AlexNet", ALEX_NET_SIZE, ALEX_NET, AlexNet::caffenet),
          pictures("zfnet", "ZFNet, Zeiler and Fergus 2013", IMAGE_NET_SIZE, ALEX_NET, ZfNet::new),
          pictures("googlenet", "GoogLeNet, Szegedy et al. 2014", IMAGE_NET_SIZE, GOOG_LE_NET, GoogLeNet::new),
          pictures("fcn32s", "FCN-32s on VGG-16, Long et al. 2015", VOC_SIZE, FCN, n -> Fcn.of(n, 32)),
          pictures("fcn16s", "FCN-16s", VOC_SIZE, FCN, n -> Fcn.of(n, 16)),
          pictures("fcn8s", "FCN-8s", VOC_SIZE, FCN, n -> Fcn.of(n, 8)),
          pictures("fcn8s-atonce", "FCN-8s, trained all at once", VOC_SIZE, FCN, Fcn::atOnce),
          pictures("fcn-alexnet", "FCN on CaffeNet", VOC_SIZE, FCN, FcnAlexNet::new),
          pictures("fcn-small", "a small FCN that learns from nothing", STREET_SIZE, FCN_SMALL, FcnSmall::new));

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

  /** What ImageNet's pixels measure. */
  private static Network pictures(String name, String about, Shape input, Recipe recipe, IntFunction<Layer> builder) {
    return new Network(
        name,
        about,
        input,
        List.of(0.485f, 0.456f, 0.406f),
        List.of(0.229f, 0.224f, 0.225f),
        Set.of(),
        recipe,
        s -> builder.apply(s.classes()));
  }

  /** What MNIST's pixels measure: mean 0.1307, deviation 0.3081. */
  private static Network digits(String name, String about, Set<String> settings, Function<Settings, Layer> builder) {
    return new Network(name, about, DIGIT, List.of(0.1307f), List.of(0.3081f), settings, DIGITS, builder);
  }
}
