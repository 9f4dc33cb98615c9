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
 * AlexNet of 2012 in its two groups, 60,965,224 parameters at 1000 classes. Krizhevsky, Sutskever, Hinton: ImageNet classification
 * with deep convolutional neural networks, NIPS 2012, sections 3.3 to 3.5. CaffeNet is Caffe's bvlc_reference_caffenet.
 *
 * <p>What differs from the paper: images of 227x227, which its map sizes require, not 224x224; and initial weights by He et al.
 * 2015 with biases 0, since std 0.01 and biases of 1 learn little from few images.
 *
 * @param caffe whether it pools before it normalises, and divides the norm's alpha by its size
 */
public record AlexNet(int classes, boolean caffe) implements Layer {

  /** The order of the paper: normalisation before pooling. */
  public static AlexNet paper(int classes) {
    return new AlexNet(classes, false);
  }

  public static AlexNet caffenet(int classes) {
    return new AlexNet(classes, true);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) { //                       3 x 227 x 227
    return Sequential.of(
        conv(96, 11).stride(4).named("conv1"), //                    96 x 55 x 55
        Activation.RELU,
        caffe ? pool("1") : norm("1"),
        caffe ? norm("1") : pool("1"), //                            96 x 27 x 27
        conv(256, 5).padding(2).groups(2).named("conv2"), //        256 x 27 x 27
        Activation.RELU,
        caffe ? pool("2") : norm("2"),
        caffe ? norm("2") : pool("2"), //                           256 x 13 x 13
        conv(384, 3).padding(1).named("conv3"), //                  384 x 13 x 13
        Activation.RELU,
        conv(384, 3).padding(1).groups(2).named("conv4"), //        384 x 13 x 13
        Activation.RELU,
        conv(256, 3).padding(1).groups(2).named("conv5"), //        256 x 13 x 13
        Activation.RELU,
        pool("5"), //                                               256 x 6 x 6
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

  private static Layer pool(String number) {
    return MaxPool2d.of(3).stride(2).named("pool" + number);
  }

  private Layer norm(String number) {
    return (caffe ? LocalResponseNorm.of(5) : LocalResponseNorm.paper(5, 1e-4, 0.75, 2)).named("norm" + number);
  }
}
