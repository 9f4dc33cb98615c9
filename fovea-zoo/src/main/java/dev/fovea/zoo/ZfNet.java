package dev.fovea.zoo;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Dropout;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.LocalResponseNorm;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Sequential;
import dev.fovea.layer.WeightInit;

/**
 * ZFNet, 62,357,608 parameters at 1000 classes: AlexNet with a finer first layer and no groups. Zeiler, Fergus: Visualizing and
 * understanding convolutional networks, 2013 (arXiv 1311.2901), figure 3.
 *
 * <p>What differs from the paper: padding 1 in the first layer and pools that round up, as its map sizes require; Caffe's norm
 * constants, since the paper gives none; no renormalisation of filters; and initial weights by He et al. 2015.
 */
public record ZfNet(int classes) implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) { //                       3 x 224 x 224
    return Sequential.of(
        conv(96, 7).stride(2).padding(1).named("conv1"), //          96 x 110 x 110
        Activation.RELU,
        pool().named("pool1"), //                                    96 x 55 x 55
        LocalResponseNorm.of(5).named("norm1"),
        conv(256, 5).stride(2).named("conv2"), //                   256 x 26 x 26
        Activation.RELU,
        pool().named("pool2"), //                                   256 x 13 x 13
        LocalResponseNorm.of(5).named("norm2"),
        conv(384, 3).padding(1).named("conv3"), //                  384 x 13 x 13
        Activation.RELU,
        conv(384, 3).padding(1).named("conv4"), //                  384 x 13 x 13
        Activation.RELU,
        conv(256, 3).padding(1).named("conv5"), //                  256 x 13 x 13
        Activation.RELU,
        pool().named("pool5"), //                                   256 x 6 x 6
        new Flatten(), //                                          9216
        Linear.of(4096).init(WeightInit.HE).named("fc6"), //       4096
        Activation.RELU,
        new Dropout(0.5).named("drop6"),
        Linear.of(4096).init(WeightInit.HE).named("fc7"), //       4096
        Activation.RELU,
        new Dropout(0.5).named("drop7"),
        Linear.of(classes).init(WeightInit.NORMAL_001).named("fc8"))
        .apply(g, x);
  }

  private static Conv2d conv(int outChannels, int kernelSize) {
    return Conv2d.of(outChannels, kernelSize).init(WeightInit.HE);
  }

  private static Layer pool() {
    return MaxPool2d.of(3).stride(2).ceil(true);
  }
}
