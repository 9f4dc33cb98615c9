package dev.fovea.zoo;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;
import dev.fovea.layer.Activation;
import dev.fovea.layer.AdaptiveAvgPool2d;
import dev.fovea.layer.AvgPool2d;
import dev.fovea.layer.BatchNorm2d;
import dev.fovea.layer.Concat;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Sequential;
import dev.fovea.layer.WeightInit;
import java.util.List;

/**
 * DenseNet-BC as in torchvision; DenseNet-121 has 7,978,856 parameters at 1000 classes. Huang, Liu, van der Maaten, Weinberger:
 * Densely connected convolutional networks, 2017 (<a href="https://arxiv.org/abs/1608.06993">arXiv 1608.06993</a>), section 3,
 * table 1; each transition halves the channels.
 *
 * <p>Nothing differs from the paper.
 *
 * @param growth k, the channels that each layer adds
 * @param depths the number of layers of each of the four blocks
 */
public record DenseNet(int growth, List<Integer> depths, int classes) implements Layer {
  public DenseNet {
    depths = List.copyOf(depths);
  }

  public static DenseNet densenet121(int classes) {
    return new DenseNet(32, List.of(6, 12, 24, 16), classes);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) { //                       3 x 224 x 224
    Value maps =
        Sequential.of(
            convolution(2 * growth, 7).stride(2).padding(3).named("conv0"), //   64 x 112 x 112
            BatchNorm2d.standard().named("norm0"),
            Activation.RELU.named("relu0"),
            MaxPool2d.of(3).stride(2).padding(1).named("pool0"), //        64 x 56 x 56
            block(0).named("denseblock1"), //                             256 x 56 x 56
            transition().named("transition1"), //                         128 x 28 x 28
            block(1).named("denseblock2"), //                             512 x 28 x 28
            transition().named("transition2"), //                         256 x 14 x 14
            block(2).named("denseblock3"), //                            1024 x 14 x 14
            transition().named("transition3"), //                         512 x 7 x 7
            block(3).named("denseblock4"), //                            1024 x 7 x 7
            BatchNorm2d.standard().named("norm5"))
            .named("features")
            .apply(g, x);
    return Sequential.of(
        Activation.RELU,
        AdaptiveAvgPool2d.global(), //                                   1024 x 1 x 1
        new Flatten(), //                                                1024
        Linear.of(classes).named("classifier"))
        .apply(g, maps);
  }

  /** Layers that each read the block's input and the outputs of all layers before them; it keeps the size. */
  private Layer block(int index) {
    return (g, x) -> {
      Value y = x;
      for (int i = 1; i <= depths.get(index); i++) {
        y = Concat.of((_, all) -> all, layer().named("denselayer" + i)).apply(g, y);
      }
      return y;
    };
  }

  /** A 1x1 convolution to four times the growth, then one of 3x3, each after its normalisation and ReLU. */
  private Layer layer() {
    return Sequential.of(
        BatchNorm2d.standard().named("norm1"),
        Activation.RELU.named("relu1"),
        convolution(4 * growth, 1).named("conv1"),
        BatchNorm2d.standard().named("norm2"),
        Activation.RELU.named("relu2"),
        convolution(growth, 3).padding(1).named("conv2"));
  }

  private static Layer transition() {
    return (g, x) -> Sequential.of(
        BatchNorm2d.standard().named("norm"),
        Activation.RELU.named("relu"),
        convolution(g.shape(x).dim(1) / 2, 1).named("conv"),
        AvgPool2d.of(2).named("pool"))
        .apply(g, x);
  }

  private static Conv2d convolution(int outChannels, int kernelSize) {
    return Conv2d.of(outChannels, kernelSize).bias(false).init(WeightInit.HE);
  }
}
