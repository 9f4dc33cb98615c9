package dev.fovea.zoo;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;
import dev.fovea.layer.Activation;
import dev.fovea.layer.AdaptiveAvgPool2d;
import dev.fovea.layer.BatchNorm2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Dropout;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Residual;
import dev.fovea.layer.Sequential;
import dev.fovea.layer.WeightInit;
import java.util.ArrayList;
import java.util.List;

/**
 * MobileNetV2 as in torchvision, 3,504,872 parameters at 1000 classes. Sandler, Howard, Zhu, Zhmoginov, Chen: MobileNetV2:
 * inverted residuals and linear bottlenecks, 2018 (<a href="https://arxiv.org/abs/1801.04381">arXiv 1801.04381</a>), section 4,
 * table 2.
 *
 * <p>What differs from the paper: the classifier is a fully connected layer after a dropout of 0.2, not a 1x1 convolution.
 */
public record MobileNetV2(int classes) implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) { //                      3 x 224 x 224
    List<Layer> features = new ArrayList<>();
    features.add(unit(convolution(32, 3).stride(2).padding(1))); //     32 x 112 x 112
    stage(features, 1, 16, 1, 1); //                                   16 x 112 x 112
    stage(features, 6, 24, 2, 2); //                                   24 x 56 x 56
    stage(features, 6, 32, 3, 2); //                                   32 x 28 x 28
    stage(features, 6, 64, 4, 2); //                                   64 x 14 x 14
    stage(features, 6, 96, 3, 1); //                                   96 x 14 x 14
    stage(features, 6, 160, 3, 2); //                                 160 x 7 x 7
    stage(features, 6, 320, 1, 1); //                                 320 x 7 x 7
    features.add(unit(convolution(1280, 1))); //                     1280 x 7 x 7
    Value maps = new Sequential(features).named("features").apply(g, x);
    Value pooled = new Flatten().apply(g, AdaptiveAvgPool2d.global().apply(g, maps)); // 1280
    return Sequential.of(new Dropout(0.2), Linear.of(classes).init(WeightInit.NORMAL_001))
        .named("classifier")
        .apply(g, pooled);
  }

  /** Appends blocks of the same width, the first with the stride: t, c, n and s of the table. */
  private static void stage(List<Layer> features, int expansion, int outChannels, int depth, int stride) {
    for (int i = 0; i < depth; i++) {
      features.add(new Block(expansion, outChannels, i == 0 ? stride : 1));
    }
  }

  private static Layer unit(Conv2d convolution) {
    return Sequential.of(convolution, BatchNorm2d.standard(), Activation.RELU6);
  }

  private static Conv2d convolution(int outChannels, int kernelSize) {
    return Conv2d.of(outChannels, kernelSize).bias(false).init(WeightInit.HE_OUT);
  }

  /** Section 3.3: a 1x1 expansion, a depthwise convolution, a 1x1 projection; a shortcut if input and output have equal shapes. */
  private record Block(int expansion, int outChannels, int stride) implements Layer {
    @Override
    public Value apply(GraphBuilder g, Value x) {
      int inChannels = g.shape(x).dim(1);
      int hidden = inChannels * expansion;
      List<Layer> layers = new ArrayList<>();
      if (expansion > 1) {
        layers.add(unit(convolution(hidden, 1)));
      }
      layers.add(unit(convolution(hidden, 3).stride(stride).padding(1).groups(hidden)));
      layers.add(convolution(outChannels, 1));
      layers.add(BatchNorm2d.standard());
      Layer body = new Sequential(layers).named("conv");
      return (stride == 1 && inChannels == outChannels ? Residual.of(body) : body).apply(g, x);
    }
  }
}
