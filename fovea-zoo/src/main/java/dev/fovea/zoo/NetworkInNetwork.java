package dev.fovea.zoo;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;
import dev.fovea.layer.Activation;
import dev.fovea.layer.AdaptiveAvgPool2d;
import dev.fovea.layer.AvgPool2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Dropout;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Sequential;
import dev.fovea.layer.WeightInit;

/**
 * Network in Network for CIFAR-10, 966,986 parameters at 10 classes: small perceptrons are applied to the maps as 1x1 convolutions,
 * and the means of the last maps are the logits. Lin, Chen, Yan: Network in network, 2014 (arXiv 1312.4400), section 3, figure 2;
 * sizes and names are those of the authors' files.
 *
 * <p>What differs from the paper: no ReLU before the last mean, so that a class cannot stay at 0 permanently, and initial weights by
 * He et al. 2015.
 */
public record NetworkInNetwork(int classes) implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) { //                         3 x 32 x 32
    return Sequential.of(
        conv(192, 5).padding(2).named("conv1"), //                   192 x 32 x 32
        Activation.RELU,
        conv(160, 1).named("cccp1"), //                              160 x 32 x 32
        Activation.RELU,
        conv(96, 1).named("cccp2"), //                                96 x 32 x 32
        Activation.RELU,
        MaxPool2d.of(3).stride(2).ceil(true).named("pool1"), //       96 x 16 x 16
        new Dropout(0.5).named("drop3"),
        conv(192, 5).padding(2).named("conv2"), //                   192 x 16 x 16
        Activation.RELU,
        conv(192, 1).named("cccp3"), //                              192 x 16 x 16
        Activation.RELU,
        conv(192, 1).named("cccp4"), //                              192 x 16 x 16
        Activation.RELU,
        AvgPool2d.of(3).stride(2).ceil(true).named("pool2"), //      192 x 8 x 8
        new Dropout(0.5).named("drop6"),
        conv(192, 3).padding(1).named("conv3"), //                   192 x 8 x 8
        Activation.RELU,
        conv(192, 1).named("cccp5"), //                              192 x 8 x 8
        Activation.RELU,
        conv(classes, 1).named("cccp6"), //                      classes x 8 x 8
        AdaptiveAvgPool2d.global().named("pool3"), //            classes x 1 x 1
        new Flatten())
        .apply(g, x);
  }

  private static Conv2d conv(int outChannels, int kernelSize) {
    return Conv2d.of(outChannels, kernelSize).init(WeightInit.HE);
  }
}
