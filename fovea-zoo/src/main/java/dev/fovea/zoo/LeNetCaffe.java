package dev.fovea.zoo;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;

/**
 * The LeNet of Caffe's example (lenet.prototxt), 431,080 parameters at 10 classes: wider than LeNet-5, and without an activation
 * after its convolutions.
 */
public record LeNetCaffe(int classes, Pooling pooling, Activation activation) implements Layer {

  public static LeNetCaffe original(int classes) {
    return new LeNetCaffe(classes, Pooling.MAX, Activation.RELU);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) { //               1 x 28 x 28
    int n = activation.pieces();
    return Sequential.of(
        Conv2d.of(20, 5).named("conv1"), //                  20 x 24 x 24
        pooling.halving(activation).named("pool1"), //       20 x 12 x 12
        Conv2d.of(50, 5).named("conv2"), //                  50 x 8 x 8
        pooling.halving(activation).named("pool2"), //       50 x 4 x 4
        new Flatten(), //                                   800
        Linear.of(n * 500).named("ip1"), //             n x 500
        activation,
        Linear.of(classes).named("ip2"))
        .apply(g, x);
  }
}
