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
 * LeNet-5 in its modern form, 61,706 parameters at 10 classes. LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied
 * to document recognition, Proc. IEEE 86(11), 1998, section II.B, figure 2.
 *
 * <p>What differs from the paper: 28x28 images with padding 2 in place of 32x32, ReLU in place of the scaled tanh, max pooling in
 * place of the trained subsampling, C3 reads all six maps, and the output is linear with cross-entropy in place of RBF units.
 */
public record LeNet5(int classes, Pooling pooling, Activation activation) implements Layer {

  public static LeNet5 modern(int classes) {
    return new LeNet5(classes, Pooling.MAX, Activation.RELU);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) { //                     1 x 28 x 28
    int n = activation.pieces();
    return Sequential.of(
        Conv2d.of(n * 6, 5).padding(2).named("conv1"), //      n x 6 x 28 x 28
        activation,
        pooling.halving(activation).named("pool1"), //             6 x 14 x 14
        Conv2d.of(n * 16, 5).named("conv2"), //               n x 16 x 10 x 10
        activation,
        pooling.halving(activation).named("pool2"), //            16 x 5 x 5
        new Flatten(), //                                        400
        Linear.of(n * 120).named("fc1"), //                  n x 120
        activation,
        Linear.of(n * 84).named("fc2"), //                    n x 84
        activation,
        Linear.of(classes).named("fc3"))
        .apply(g, x);
  }
}
