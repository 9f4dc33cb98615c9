package dev.fovea.zoo;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Sequential;
import dev.fovea.layer.WeightInit;

/**
 * A VGG for images of 32x32, 3,248,202 parameters at 10 classes: pairs of 3x3 convolutions, and twice the channels after each
 * pool. Simonyan, Zisserman: Very deep convolutional networks for large-scale image recognition, 2015 (arXiv 1409.1556), section
 * 2.
 *
 * <p>What differs from the paper: three stages of five, one hidden layer of 512 for two of 4096, no dropout, and initial
 * weights by He et al. 2015, but small ones for the fully connected layers, as in the paper: otherwise the first steps diverge at a
 * useful learning rate.
 */
public record VggSmall(int classes) implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) { //                     3 x 32 x 32
    return Sequential.of(
        conv(64).named("conv1_1"), //                             64 x 32 x 32
        Activation.RELU,
        conv(64).named("conv1_2"), //                             64 x 32 x 32
        Activation.RELU,
        MaxPool2d.of(2).named("pool1"), //                        64 x 16 x 16
        conv(128).named("conv2_1"), //                           128 x 16 x 16
        Activation.RELU,
        conv(128).named("conv2_2"), //                           128 x 16 x 16
        Activation.RELU,
        MaxPool2d.of(2).named("pool2"), //                       128 x 8 x 8
        conv(256).named("conv3_1"), //                           256 x 8 x 8
        Activation.RELU,
        conv(256).named("conv3_2"), //                           256 x 8 x 8
        Activation.RELU,
        MaxPool2d.of(2).named("pool3"), //                       256 x 4 x 4
        new Flatten(), //                                       4096
        Linear.of(512).init(WeightInit.NORMAL_001).named("fc1"), //      512
        Activation.RELU,
        Linear.of(classes).init(WeightInit.NORMAL_001).named("fc2"))
        .apply(g, x);
  }

  private static Conv2d conv(int outChannels) {
    return Conv2d.of(outChannels, 3).padding(1).init(WeightInit.HE);
  }
}
