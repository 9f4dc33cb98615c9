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
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Sequential;
import dev.fovea.layer.WeightInit;
import java.util.ArrayList;
import java.util.List;

/**
 * The VGG networks as in torchvision; VGG-16 has 138,357,544 parameters at 1000 classes. Simonyan, Zisserman: Very deep
 * convolutional networks for large-scale image recognition, 2015 (<a href="https://arxiv.org/abs/1409.1556">arXiv 1409.1556</a>),
 * section 2.1, table 1.
 *
 * <p>What differs from the paper: pooling to 7 x 7 before the classifier, so that images of other sizes fit; optional
 * batch normalisation after each convolution; initial weights by He et al. 2015, so that no smaller network need be trained first.
 */
public record Vgg(Configuration configuration, boolean normalised, int classes) implements Layer {

  /** The number of convolutions before each of the five pools: a column of the table. */
  public enum Configuration {
    /** VGG-11. */
    A(1, 1, 2, 2, 2),
    /** VGG-13. */
    B(2, 2, 2, 2, 2),
    /** VGG-16. */
    D(2, 2, 3, 3, 3),
    /** VGG-19. */
    E(2, 2, 4, 4, 4);

    private final List<Integer> depths;

    Configuration(Integer... depths) {
      this.depths = List.of(depths);
    }
  }

  @Override
  public Value apply(GraphBuilder g, Value x) { //                3 x 224 x 224
    List<Layer> features = new ArrayList<>();
    stage(features, 64, configuration.depths.get(0)); //         64 x 112 x 112
    stage(features, 128, configuration.depths.get(1)); //       128 x 56 x 56
    stage(features, 256, configuration.depths.get(2)); //       256 x 28 x 28
    stage(features, 512, configuration.depths.get(3)); //       512 x 14 x 14
    stage(features, 512, configuration.depths.get(4)); //       512 x 7 x 7
    Value maps = new Sequential(features).named("features").apply(g, x);
    Value pooled = AdaptiveAvgPool2d.of(7, 7).named("avgpool").apply(g, maps);
    return Sequential.of(
        linear(4096), //                                         4096
        Activation.RELU,
        new Dropout(0.5),
        linear(4096), //                                         4096
        Activation.RELU,
        new Dropout(0.5),
        linear(classes))
        .named("classifier")
        .apply(g, new Flatten().apply(g, pooled)); //           25088
  }

  /** Appends convolutions that keep the size, and a pool that halves it. */
  private void stage(List<Layer> features, int width, int depth) {
    for (int i = 0; i < depth; i++) {
      features.add(Conv2d.of(width, 3).padding(1).init(WeightInit.HE_OUT));
      if (normalised) {
        features.add(BatchNorm2d.standard());
      }
      features.add(Activation.RELU);
    }
    features.add(MaxPool2d.of(2));
  }

  private static Linear linear(int outFeatures) {
    return Linear.of(outFeatures).init(WeightInit.NORMAL_001);
  }
}
