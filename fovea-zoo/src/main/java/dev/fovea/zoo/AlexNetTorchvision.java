package dev.fovea.zoo;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;
import dev.fovea.layer.Activation;
import dev.fovea.layer.AdaptiveAvgPool2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Dropout;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Sequential;
import dev.fovea.layer.WeightInit;

/**
 * AlexNet in one column as in torchvision, 61,100,840 parameters at 1000 classes: not the network of 2012. Krizhevsky: One
 * weird trick for parallelizing convolutional neural networks, 2014 (<a href="https://arxiv.org/abs/1404.5997">arXiv
 * 1404.5997</a>), section 5.
 *
 * <p>What differs from the paper: no response normalisation, and pooling to 6 x 6 before the classifier, so that images of other
 * sizes fit. Initial weights are as in {@link Vgg}: with PyTorch's default the loss does not change for a hundred steps or more.
 */
public record AlexNetTorchvision(int classes) implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) { //   3 x 224 x 224
    Value maps =
        Sequential.of(
            conv(64, 11).stride(4).padding(2), //   64 x 55 x 55
            Activation.RELU,
            MaxPool2d.of(3).stride(2), //           64 x 27 x 27
            conv(192, 5).padding(2), //            192 x 27 x 27
            Activation.RELU,
            MaxPool2d.of(3).stride(2), //          192 x 13 x 13
            conv(384, 3).padding(1), //            384 x 13 x 13
            Activation.RELU,
            conv(256, 3).padding(1), //            256 x 13 x 13
            Activation.RELU,
            conv(256, 3).padding(1), //            256 x 13 x 13
            Activation.RELU,
            MaxPool2d.of(3).stride(2)) //          256 x 6 x 6
            .named("features")
            .apply(g, x);
    Value pooled = AdaptiveAvgPool2d.of(6, 6).named("avgpool").apply(g, maps);
    return Sequential.of(
        new Dropout(0.5),
        linear(4096),
        Activation.RELU,
        new Dropout(0.5),
        linear(4096),
        Activation.RELU,
        linear(classes))
        .named("classifier")
        .apply(g, new Flatten().apply(g, pooled)); // 9216
  }

  private static Conv2d conv(int outChannels, int kernelSize) {
    return Conv2d.of(outChannels, kernelSize).init(WeightInit.HE_OUT);
  }

  private static Linear linear(int outFeatures) {
    return Linear.of(outFeatures).init(WeightInit.NORMAL_001);
  }
}
