package dev.fovea.testkit;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.List;

/**
 * Writes the parity networks in plain operators. Parameters are called as in the file, each layer's output as the layer, and the
 * loss {@link #LOSS}; the inputs are {@code input} and {@code label}.
 */
public final class ParityNetworks {
  public static final String LOSS = "loss";

  private static final int HIDDEN = 32;

  private ParityNetworks() {}

  /** The networks that {@link #graph} writes. */
  public static List<String> names() {
    return List.of("logistic", "mlp1", "mlp2", "mlp3", "mlp4", "mlp5", "lenet_caffe");
  }

  public static Graph graph(ParityNetwork network) {
    Writer writer = new Writer(new GraphBuilder());
    GraphBuilder g = writer.g;
    Value x = g.input("input", network.input());
    Value label = g.input("label", network.labels());
    boolean logistic = network.name().equals("logistic");
    Value z =
        switch (network.name()) {
          case "logistic" -> writer.linear("output", g.op(new Op.Flatten(), x), 1);
          case "lenet_caffe" -> writer.lenet(x);
          default -> writer.perceptron(x, Integer.parseInt(network.name().substring("mlp".length())));
        };
    g.output(LOSS, g.op(logistic ? new Op.SigmoidCrossEntropyLoss() : new Op.SoftmaxCrossEntropyLoss(), z, label));
    return g.build();
  }

  private record Writer(GraphBuilder g) {
    /** Hidden layers of sigmoids. */
    Value perceptron(Value input, int layers) {
      Value x = g.op(new Op.Flatten(), input);
      for (int i = 0; i < layers; i++) {
        x = g.op(new Op.Sigmoid(), linear("hidden." + i, x, HIDDEN));
      }
      return linear("output", x, 10);
    }

    /** Caffe's LeNet: no activation after the convolutions. */
    Value lenet(Value input) {
      Value x = pool("pool1", conv("conv1", input, 20));
      x = pool("pool2", conv("conv2", x, 50));
      x = g.op(new Op.Relu(), linear("ip1", g.op(new Op.Flatten(), x), 500));
      return linear("ip2", x, 10);
    }

    Value linear(String name, Value x, int out) {
      int in = g.shape(x).dim(1);
      Value y = layer(name, new Op.Gemm(false, true), x, Shape.of(out, in));
      g.output(name, y);
      return y;
    }

    private Value conv(String name, Value x, int out) {
      Value y = layer(name, new Op.Conv(Window.of(5), 1), x, Shape.of(out, g.shape(x).dim(1), 5, 5));
      g.output(name, y);
      return y;
    }

    private Value pool(String name, Value x) {
      Value y = g.scope(name, () -> g.op(new Op.MaxPool(Window.of(2).stride(2)), x));
      g.output(name, y);
      return y;
    }

    private Value layer(String name, Op op, Value x, Shape weight) {
      return g.scope(
          name,
          () -> {
            Value w = g.param("weight", weight, Init.torch(weight.sizeFrom(1)));
            return g.op(op, x, w, g.param("bias", Shape.of(weight.dim(0)), Init.torch(weight.sizeFrom(1))));
          });
    }
  }
}
