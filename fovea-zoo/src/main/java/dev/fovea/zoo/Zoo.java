package dev.fovea.zoo;

import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Layer;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import dev.fovea.tensor.Shape;
import dev.fovea.zoo.Network.Recipe;
import dev.fovea.zoo.Network.Settings;
import dev.fovea.zoo.Vgg.Configuration;
import dev.fovea.zoo.notation.Notation;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/** The networks by name. To add one, write its file, and add an entry here. */
public final class Zoo {
  /** The input shape and number of classes of a data set for which networks were designed. */
  private record Input(Shape input, int classes) {}

  private static final Input DIGITS_28 = new Input(Shape.of(1, 28, 28), 10);
  private static final Input IMAGE_NET = new Input(Shape.of(3, 224, 224), 1000);

  /** For the small networks on digits. */
  private static final Recipe DIGITS = new Recipe(6, 64, "sgd", 0.03, 0.9, 5e-4, "cosine");

  private static final Input CIFAR = new Input(Shape.of(3, 32, 32), 10);
  private static final Input IMAGE_NET_227 = new Input(Shape.of(3, 227, 227), 1000);
  private static final Input VOC = new Input(Shape.of(3, 500, 500), 21);
  private static final Input STREETS = new Input(Shape.of(3, 180, 240), 11);

  private static final Recipe NIN = new Recipe(80, 64, "sgd", 0.02, 0.9, 1e-4, "cosine");
  private static final Recipe VGG = new Recipe(15, 64, "sgd", 0.03, 0.9, 5e-4, "cosine");
  /** The paper's, section 5; there the learning rate is reduced when the validation error stagnates. */
  private static final Recipe ALEX_NET = new Recipe(90, 128, "sgd", 0.01, 0.9, 5e-4, "step");
  private static final Recipe GOOG_LE_NET = new Recipe(60, 64, "sgd", 0.01, 0.9, 2e-4, "cosine");
  /** The paper's momentum and weight decay; its learning rate is for weights pretrained on ImageNet. */
  private static final Recipe FCN = new Recipe(100, 4, "sgd", 0.001, 0.9, 5e-4, "cosine");
  private static final Recipe FCN_SMALL = new Recipe(40, 8, "sgd", 0.05, 0.9, 1e-4, "cosine");

  private static final Input VOC_224 = new Input(Shape.of(3, 224, 224), 21);

  private static final List<Network> CLASSICS =
      List.of(
          digits("logistic", "one sigmoid unit for two classes", Set.of(), _ -> new Logistic()),
          digits(
              "mlp",
              "a multilayer perceptron, hidden layers of 128 and 64 units",
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
          // the paper's values of background and ink: -0.1 and 1.175
          new Network(
              "lenet5-1998",
              "LeNet-5 as in the paper, with partial connections, scaled tanh and RBF output, LeCun et al. 1998",
              Shape.of(1, 32, 32),
              10,
              List.of(0.0784f),
              List.of(0.7843f),
              Set.of(),
              new Recipe(10, 32, "sgd", 0.006, 0.9, 0, "cosine"),
              s -> LeNet51998.paper(s.classes())),
          images("nin", "Network in Network for CIFAR-10, Lin et al. 2014", CIFAR, NIN, NetworkInNetwork::new),
          images("vgg-small", "a VGG for 32x32", CIFAR, VGG, VggSmall::new),
          images("alexnet", "AlexNet, Krizhevsky et al. 2012", IMAGE_NET_227, ALEX_NET, AlexNet::paper),
          images("caffenet", "Caffe's AlexNet", IMAGE_NET_227, ALEX_NET, AlexNet::caffenet),
          images("zfnet", "ZFNet, Zeiler and Fergus 2013", IMAGE_NET, ALEX_NET, ZfNet::new),
          images("googlenet", "GoogLeNet, Szegedy et al. 2014", IMAGE_NET, GOOG_LE_NET, GoogLeNet::new),
          images("fcn32s", "FCN-32s on VGG-16, Long et al. 2015", VOC, FCN, n -> Fcn.of(n, 32)),
          images("fcn16s", "FCN-16s", VOC, FCN, n -> Fcn.of(n, 16)),
          images("fcn8s", "FCN-8s", VOC, FCN, n -> Fcn.of(n, 8)),
          images("fcn8s-atonce", "FCN-8s, trained all at once", VOC, FCN, Fcn::atOnce),
          images("fcn-alexnet", "FCN on CaffeNet", VOC, FCN, FcnAlexNet::new),
          images("fcn-small", "a small FCN to train from scratch", STREETS, FCN_SMALL, FcnSmall::new));

  /** For networks without normalisation, which diverge at a large learning rate. */
  private static final Recipe PLAIN = new Recipe(30, 32, "sgd", 0.01, 0.9, 5e-4, "cosine");

  private static final Recipe NORMALISED = new Recipe(20, 32, "sgd", 0.05, 0.9, 5e-4, "cosine");

  /** With small weight decay, for networks with few weights (Sandler et al. 2018, section 6.1; Huang et al. 2017, 4.2). */
  private static final Recipe NARROW = new Recipe(30, 32, "sgd", 0.05, 0.9, 1e-4, "cosine");

  /** Parameters are named as in PyTorch, so that its weights can be loaded. */
  private static final List<Network> TORCHVISION =
      List.of(
          images(
              "alexnet-torchvision",
              "AlexNet in one column, Krizhevsky 2014: not the network of 2012",
              IMAGE_NET,
              PLAIN,
              AlexNetTorchvision::new),
          images("vgg11", "VGG-11, Simonyan and Zisserman 2015", IMAGE_NET, PLAIN,
              n -> new Vgg(Configuration.A, false, n)),
          images("vgg13", "VGG-13", IMAGE_NET, PLAIN, n -> new Vgg(Configuration.B, false, n)),
          images("vgg16", "VGG-16", IMAGE_NET, PLAIN, n -> new Vgg(Configuration.D, false, n)),
          images("vgg19", "VGG-19", IMAGE_NET, PLAIN, n -> new Vgg(Configuration.E, false, n)),
          images("vgg11-bn", "VGG-11 with batch normalisation", IMAGE_NET, PLAIN, n -> new Vgg(Configuration.A, true, n)),
          images("vgg13-bn", "VGG-13 with batch normalisation", IMAGE_NET, PLAIN, n -> new Vgg(Configuration.B, true, n)),
          images("vgg16-bn", "VGG-16 with batch normalisation", IMAGE_NET, PLAIN, n -> new Vgg(Configuration.D, true, n)),
          images("vgg19-bn", "VGG-19 with batch normalisation", IMAGE_NET, PLAIN, n -> new Vgg(Configuration.E, true, n)),
          images(
              "googlenet-torchvision",
              "GoogLeNet with batch normalisation, after Szegedy et al. 2015",
              IMAGE_NET,
              NORMALISED,
              GoogLeNetTorchvision::new),
          images("squeezenet1.0", "SqueezeNet, Iandola et al. 2016", IMAGE_NET, PLAIN, SqueezeNet::version10),
          images("squeezenet1.1", "SqueezeNet at less than half the cost", IMAGE_NET, PLAIN, SqueezeNet::version11),
          images("resnet18", "ResNet-18, He et al. 2016", IMAGE_NET, NORMALISED, ResNet::resnet18),
          images("resnet34", "ResNet-34", IMAGE_NET, NORMALISED, ResNet::resnet34),
          images("resnet50", "ResNet-50, with bottlenecks", IMAGE_NET, NORMALISED, ResNet::resnet50),
          new Network(
              "resnet20-cifar",
              "ResNet-20 for small images, He et al. 2016, section 4.2",
              CIFAR.input(),
              CIFAR.classes(),
              List.of(0.4914f, 0.4822f, 0.4465f),
              List.of(0.2470f, 0.2435f, 0.2616f),
              Set.of(),
              new Recipe(15, 128, "sgd", 0.1, 0.9, 5e-4, "cosine"),
              s -> ResNetCifar.resnet20(s.classes())),
          images("densenet121", "DenseNet-121, Huang et al. 2017", IMAGE_NET, NARROW, DenseNet::densenet121),
          images("mobilenet-v2", "MobileNetV2, Sandler et al. 2018", IMAGE_NET, NARROW, MobileNetV2::new),
          images(
              "fcn-resnet50",
              "FCN on dilated ResNet-50, after Long et al. 2015",
              VOC_224,
              new Recipe(50, 8, "sgd", 0.01, 0.9, 1e-4, "cosine"),
              FcnResNet50::new));

  private static final List<Network> NETWORKS = Stream.concat(CLASSICS.stream(), TORCHVISION.stream()).toList();

  private Zoo() {}

  public static List<Network> networks() {
    return NETWORKS;
  }

  /** The network with this name, in which {@code _} and {@code .} may replace {@code -}; or the one of a {@link Notation}. */
  public static Network find(String name) {
    if (Notation.isNotation(name)) {
      return network(Notation.parse(name));
    }
    return NETWORKS.stream()
        .filter(n -> normalised(n.name()).equals(normalised(name)))
        .findFirst()
        .orElseThrow(
            () -> new FoveaException(
                "there is no network '" + name + "': " + Names.nearest(name, NETWORKS.stream().map(Network::name).toList())));
  }

  /** The network of a notation; its name is the canonical form. */
  private static Network network(Notation notation) {
    return digits(notation.toString(), "a network in the notation", Set.of(), s -> notation.layer(s.classes()))
        .input(notation.input().orElse(DIGITS_28.input()));
  }

  private static String normalised(String name) {
    return name.toLowerCase(Locale.ROOT).replace('_', '-').replace('.', '-');
  }

  /** A network with ImageNet's mean and std. */
  private static Network images(String name, String about, Input of, Recipe recipe, IntFunction<Layer> builder) {
    return new Network(
        name,
        about,
        of.input(),
        of.classes(),
        Preprocessing.IMAGENET_MEAN,
        Preprocessing.IMAGENET_STD,
        Set.of(),
        recipe,
        s -> builder.apply(s.classes()));
  }

  /** A network with MNIST's mean 0.1307 and std 0.3081. */
  private static Network digits(String name, String about, Set<String> settings, Function<Settings, Layer> builder) {
    return new Network(
        name,
        about,
        DIGITS_28.input(),
        DIGITS_28.classes(),
        List.of(0.1307f),
        List.of(0.3081f),
        settings,
        DIGITS,
        builder);
  }
}
