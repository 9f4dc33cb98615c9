package dev.fovea.zoo;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.layer.Activation;
import dev.fovea.layer.BilinearUpsample2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Dropout;
import dev.fovea.layer.Layer;
import dev.fovea.layer.LocalResponseNorm;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Sequential;
import dev.fovea.layer.WeightInit;

/**
 * CaffeNet made fully convolutional: a class for each pixel, 58,704,590 parameters at 21 classes, the fixed upsampling included.
 * Long, Shelhamer, Darrell: Fully convolutional networks for semantic segmentation, 2015 (arXiv 1411.4038), table 1; paddings, crop
 * and names are those of the authors' voc-fcn-alexnet.
 *
 * <p>What differs from the paper: initial weights by He et al. 2015, not those of a trained CaffeNet.
 */
public record FcnAlexNet(int classes) implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value image) { //                       3 x 500 x 500
    Value up = Sequential.of(
        conv(96, 11).stride(4).padding(100).named("conv1"), //             96 x 173 x 173
        Activation.RELU,
        pool().named("pool1"), //                                          96 x 86 x 86
        LocalResponseNorm.of(5).named("norm1"),
        conv(256, 5).padding(2).groups(2).named("conv2"), //              256 x 86 x 86
        Activation.RELU,
        pool().named("pool2"), //                                         256 x 43 x 43
        LocalResponseNorm.of(5).named("norm2"),
        conv(384, 3).padding(1).named("conv3"), //                        384 x 43 x 43
        Activation.RELU,
        conv(384, 3).padding(1).groups(2).named("conv4"), //              384 x 43 x 43
        Activation.RELU,
        conv(256, 3).padding(1).groups(2).named("conv5"), //              256 x 43 x 43
        Activation.RELU,
        pool().named("pool5"), //                                         256 x 21 x 21
        conv(4096, 6).named("fc6"), //                                   4096 x 16 x 16
        Activation.RELU,
        new Dropout(0.5).named("drop6"),
        conv(4096, 1).named("fc7"), //                                   4096 x 16 x 16
        Activation.RELU,
        new Dropout(0.5).named("drop7"),
        conv(classes, 1).init(WeightInit.NORMAL_001).named("score_fr"), // classes x 16 x 16
        new BilinearUpsample2d(63, 32, false).named("upscore")) //    classes x 543 x 543
        .apply(g, image);
    return g.scope("score", () -> g.op(new Op.Crop(18, 18), up, image)); // classes x 500 x 500
  }

  private static Conv2d conv(int outChannels, int kernelSize) {
    return Conv2d.of(outChannels, kernelSize).init(WeightInit.HE);
  }

  private static Layer pool() {
    return MaxPool2d.of(3).stride(2).ceil(true);
  }
}
