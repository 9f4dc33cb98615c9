package dev.fovea.zoo;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;
import dev.fovea.layer.Activation;
import dev.fovea.layer.AdaptiveAvgPool2d;
import dev.fovea.layer.AvgPool2d;
import dev.fovea.layer.Concat;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Dropout;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Head;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.LocalResponseNorm;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Sequential;
import dev.fovea.layer.WeightInit;

/**
 * GoogLeNet of 2014 with its two auxiliary heads, 13,378,280 parameters at 1000 classes, 6,998,552 of them in prediction. Szegedy
 * et al.: Going deeper with convolutions, 2014 (arXiv 1409.4842), table 1 and section 5.
 *
 * <p>What differs from the paper: what it does not specify (norm constants, pools that round up) is as in Caffe's bvlc_googlenet;
 * initial weights by He et al. 2015; the last pool is global, so that images may be larger.
 */
public record GoogLeNet(int classes) implements Layer {
  private static final double HEAD_WEIGHT = 0.3;

  @Override
  public Value apply(GraphBuilder g, Value x) { //                                      3 x 224 x 224
    Value first = Sequential.of(
        conv(64, 7).stride(2).padding(3).named("conv1"), //                         64 x 112 x 112
        Activation.RELU,
        pool().named("pool1"), //                                                   64 x 56 x 56
        LocalResponseNorm.of(5).named("norm1"),
        conv(64, 1).named("conv2_reduce"), //                                       64 x 56 x 56
        Activation.RELU,
        conv(192, 3).padding(1).named("conv2"), //                                 192 x 56 x 56
        Activation.RELU,
        LocalResponseNorm.of(5).named("norm2"),
        pool().named("pool2"), //                                                  192 x 28 x 28
        inception(64, 96, 128, 16, 32, 32).named("inception3a"), //                256 x 28 x 28
        inception(128, 128, 192, 32, 96, 64).named("inception3b"), //              480 x 28 x 28
        pool().named("pool3"), //                                                  480 x 14 x 14
        inception(192, 96, 208, 16, 48, 64).named("inception4a")) //               512 x 14 x 14
        .apply(g, x);
    Value second = Sequential.of(
        inception(160, 112, 224, 24, 64, 64).named("inception4b"), //              512 x 14 x 14
        inception(128, 128, 256, 24, 64, 64).named("inception4c"), //              512 x 14 x 14
        inception(112, 144, 288, 32, 64, 64).named("inception4d")) //              528 x 14 x 14
        .apply(g, head("aux1").apply(g, first));
    return Sequential.of(
        inception(256, 160, 320, 32, 128, 128).named("inception4e"), //            832 x 14 x 14
        pool().named("pool4"), //                                                  832 x 7 x 7
        inception(256, 160, 320, 32, 128, 128).named("inception5a"), //            832 x 7 x 7
        inception(384, 192, 384, 48, 128, 128).named("inception5b"), //           1024 x 7 x 7
        AdaptiveAvgPool2d.global().named("pool5"), //                             1024 x 1 x 1
        new Flatten(), //                                                         1024
        new Dropout(0.4).named("drop"),
        Linear.of(classes).init(WeightInit.NORMAL_001).named("classifier"))
        .apply(g, head("aux2").apply(g, second));
  }

  private static Conv2d conv(int outChannels, int kernelSize) {
    return Conv2d.of(outChannels, kernelSize).init(WeightInit.HE);
  }

  private static Layer pool() {
    return MaxPool2d.of(3).stride(2).ceil(true);
  }

  /** Four parallel branches, figure 2b; they keep the size. The parameters are named after table 1's columns. */
  private static Layer inception(int n1, int reduce3, int n3, int reduce5, int n5, int poolProj) {
    return Concat.of(
        Sequential.of(conv(n1, 1).named("conv1x1"), Activation.RELU),
        Sequential.of(
            conv(reduce3, 1).named("reduce3x3"), Activation.RELU,
            conv(n3, 3).padding(1).named("conv3x3"), Activation.RELU),
        Sequential.of(
            conv(reduce5, 1).named("reduce5x5"), Activation.RELU,
            conv(n5, 5).padding(2).named("conv5x5"), Activation.RELU),
        Sequential.of(
            MaxPool2d.of(3).stride(1).padding(1).ceil(true).named("pool"),
            conv(poolProj, 1).named("pool_proj"), Activation.RELU));
  }

  /** An auxiliary classifier on an intermediate layer. */
  private Layer head(String name) { //                                             512 or 528 x 14 x 14
    return new Head(
        name,
        HEAD_WEIGHT,
        Sequential.of(
            AvgPool2d.of(5).stride(3).ceil(true).named("pool"), //               512 or 528 x 4 x 4
            conv(128, 1).named("conv"), //                                         128 x 4 x 4
            Activation.RELU,
            new Flatten(), //                                                     2048
            Linear.of(1024).init(WeightInit.HE).named("fc"), //                   1024
            Activation.RELU,
            new Dropout(0.7).named("drop"),
            Linear.of(classes).init(WeightInit.NORMAL_001).named("classifier")));
  }
}
