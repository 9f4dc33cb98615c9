package dev.fovea.zoo;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;
import dev.fovea.layer.Activation;
import dev.fovea.layer.AdaptiveAvgPool2d;
import dev.fovea.layer.Concat;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Dropout;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Sequential;
import dev.fovea.layer.WeightInit;

/**
 * SqueezeNet as in torchvision, 1,248,424 parameters at 1000 classes, and its cheaper successor 1.1 of the authors' repository,
 * 1,235,496. Its classifier is a convolution, whose maps are averaged. Iandola et al.: SqueezeNet, 2016 (<a
 * href="https://arxiv.org/abs/1602.07360">arXiv 1602.07360</a>), section 3.3, table 1.
 *
 * <p>What differs from the paper: the first convolution has no padding, and initial weights by He et al. 2015.
 *
 * @param features the layers before the classifier
 */
public record SqueezeNet(Layer features, int classes) implements Layer {

  public static SqueezeNet version10(int classes) { //   3 x 224 x 224
    return new SqueezeNet(
        Sequential.of(
            convolution(96, 7).stride(2), //            96 x 109 x 109
            Activation.RELU,
            pool(), //                               96 x 54 x 54
            new Fire(16, 64), //                       128 x 54 x 54
            new Fire(16, 64), //                       128 x 54 x 54
            new Fire(32, 128), //                      256 x 54 x 54
            pool(), //                              256 x 27 x 27
            new Fire(32, 128), //                      256 x 27 x 27
            new Fire(48, 192), //                      384 x 27 x 27
            new Fire(48, 192), //                      384 x 27 x 27
            new Fire(64, 256), //                      512 x 27 x 27
            pool(), //                              512 x 13 x 13
            new Fire(64, 256)), //                     512 x 13 x 13
        classes);
  }

  public static SqueezeNet version11(int classes) { //   3 x 224 x 224
    return new SqueezeNet(
        Sequential.of(
            convolution(64, 3).stride(2), //            64 x 111 x 111
            Activation.RELU,
            pool(), //                               64 x 55 x 55
            new Fire(16, 64), //                       128 x 55 x 55
            new Fire(16, 64), //                       128 x 55 x 55
            pool(), //                              128 x 27 x 27
            new Fire(32, 128), //                      256 x 27 x 27
            new Fire(32, 128), //                      256 x 27 x 27
            pool(), //                              256 x 13 x 13
            new Fire(48, 192), //                      384 x 13 x 13
            new Fire(48, 192), //                      384 x 13 x 13
            new Fire(64, 256), //                      512 x 13 x 13
            new Fire(64, 256)), //                     512 x 13 x 13
        classes);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    Value scores =
        Sequential.of(
            new Dropout(0.5),
            Conv2d.of(classes, 1).init(WeightInit.NORMAL_001), // classes x 13 x 13
            Activation.RELU,
            AdaptiveAvgPool2d.global()) //                        classes x 1 x 1
            .named("classifier")
            .apply(g, features.named("features").apply(g, x));
    return new Flatten().apply(g, scores);
  }

  private static Layer pool() {
    return MaxPool2d.of(3).stride(2).ceil(true);
  }

  private static Conv2d convolution(int outChannels, int kernelSize) {
    return Conv2d.of(outChannels, kernelSize).init(WeightInit.HE);
  }

  /** Section 3.2: a 1x1 convolution to fewer channels, then one of 1x1 and one of 3x3 in parallel; it keeps the size. */
  private record Fire(int squeeze, int expand) implements Layer {
    @Override
    public Value apply(GraphBuilder g, Value x) {
      Layer narrow =
          Sequential.of(convolution(squeeze, 1).named("squeeze"), Activation.RELU.named("squeeze_activation"));
      return Concat.of(
          Sequential.of(convolution(expand, 1).named("expand1x1"), Activation.RELU.named("expand1x1_activation")),
          Sequential.of(convolution(expand, 3).padding(1).named("expand3x3"), Activation.RELU.named("expand3x3_activation")))
          .apply(g, narrow.apply(g, x));
    }
  }
}
