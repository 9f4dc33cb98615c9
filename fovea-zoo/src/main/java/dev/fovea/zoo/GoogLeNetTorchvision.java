package dev.fovea.zoo;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;
import dev.fovea.layer.Activation;
import dev.fovea.layer.AdaptiveAvgPool2d;
import dev.fovea.layer.BatchNorm2d;
import dev.fovea.layer.Concat;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Dropout;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Head;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Sequential;
import dev.fovea.layer.WeightInit;

/**
 * GoogLeNet with batch normalisation as in torchvision, 13,004,888 parameters at 1000 classes, of which its two auxiliary heads
 * have 6,379,984. Szegedy et al.: Going deeper with convolutions, 2015 (<a href="https://arxiv.org/abs/1409.4842">arXiv
 * 1409.4842</a>), section 5, table 1.
 *
 * <p>What differs from the paper: batch normalisation after each convolution (none has a bias) in place of response normalisation,
 * 3x3 filters in the branch of 5x5, a 2x2 pool before 5a, dropout of 0.2, and heads that pool to 4 x 4 for any image size.
 */
public record GoogLeNetTorchvision(int classes) implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) { //                            3 x 224 x 224
    Value early =
        Sequential.of(
            unit(convolution(64, 7).stride(2).padding(3)).named("conv1"), //   64 x 112 x 112
            MaxPool2d.of(3).stride(2).ceil(true).named("maxpool1"), //         64 x 56 x 56
            unit(convolution(64, 1)).named("conv2"), //                        64 x 56 x 56
            unit(convolution(192, 3).padding(1)).named("conv3"), //           192 x 56 x 56
            MaxPool2d.of(3).stride(2).ceil(true).named("maxpool2"), //        192 x 28 x 28
            inception(64, 96, 128, 16, 32, 32).named("inception3a"), //       256 x 28 x 28
            inception(128, 128, 192, 32, 96, 64).named("inception3b"), //     480 x 28 x 28
            MaxPool2d.of(3).stride(2).ceil(true).named("maxpool3"), //        480 x 14 x 14
            inception(192, 96, 208, 16, 48, 64).named("inception4a")) //      512 x 14 x 14
            .apply(g, x);
    Value middle =
        Sequential.of(
            inception(160, 112, 224, 24, 64, 64).named("inception4b"), //     512 x 14 x 14
            inception(128, 128, 256, 24, 64, 64).named("inception4c"), //     512 x 14 x 14
            inception(112, 144, 288, 32, 64, 64).named("inception4d")) //     528 x 14 x 14
            .apply(g, early);
    Value late =
        Sequential.of(
            inception(256, 160, 320, 32, 128, 128).named("inception4e"), //   832 x 14 x 14
            MaxPool2d.of(2).ceil(true).named("maxpool4"), //                  832 x 7 x 7
            inception(256, 160, 320, 32, 128, 128).named("inception5a"), //   832 x 7 x 7
            inception(384, 192, 384, 48, 128, 128).named("inception5b")) //  1024 x 7 x 7
            .apply(g, middle);
    new Head("aux1", 0.3, head()).apply(g, early); // applied here, since PyTorch lists their weights at this point
    new Head("aux2", 0.3, head()).apply(g, middle);
    return Sequential.of(
        AdaptiveAvgPool2d.global().named("avgpool"), //                      1024 x 1 x 1
        new Flatten(), //                                                    1024
        new Dropout(0.2).named("dropout"),
        linear(classes).named("fc"))
        .apply(g, late);
  }

  /** Figure 2b: four branches, those with larger filters after a 1x1 convolution to fewer channels; they keep the size. */
  private static Layer inception(int c1, int reduce3, int c3, int reduce5, int c5, int pooled) {
    return Concat.of(
        unit(convolution(c1, 1)).named("branch1"),
        Sequential.of(unit(convolution(reduce3, 1)), unit(convolution(c3, 3).padding(1))).named("branch2"),
        Sequential.of(unit(convolution(reduce5, 1)), unit(convolution(c5, 3).padding(1))).named("branch3"),
        Sequential.of(MaxPool2d.of(3).stride(1).padding(1).ceil(true), unit(convolution(pooled, 1))).named("branch4"));
  }

  private Layer head() { //                                                   512 or 528 x 14 x 14
    return Sequential.of(
        AdaptiveAvgPool2d.of(4, 4), //                                        512 or 528 x 4 x 4
        unit(convolution(128, 1)).named("conv"), //                           128 x 4 x 4
        new Flatten(), //                                                    2048
        linear(1024).named("fc1"), //                                        1024
        Activation.RELU,
        new Dropout(0.7).named("dropout"),
        linear(classes).named("fc2"));
  }

  private static Layer unit(Conv2d convolution) {
    return Sequential.of(convolution.named("conv"), new BatchNorm2d(1e-3, 0.1).named("bn"), Activation.RELU);
  }

  private static Conv2d convolution(int outChannels, int kernelSize) {
    return Conv2d.of(outChannels, kernelSize).bias(false).init(WeightInit.NORMAL_001);
  }

  private static Linear linear(int outFeatures) {
    return Linear.of(outFeatures).init(WeightInit.NORMAL_001);
  }
}
