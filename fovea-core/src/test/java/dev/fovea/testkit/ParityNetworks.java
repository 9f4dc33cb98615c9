package dev.fovea.testkit;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import java.util.List;

/** Builds some parity networks from plain operators, as a model's graph; paths and parameters are named as in the file. */
public final class ParityNetworks {
  private static final int HIDDEN = 32;

  private ParityNetworks() {}

  /** The networks that {@link #graph} builds. */
  public static List<String> names() {
    return List.of("logistic", "mlp1", "mlp2", "mlp3", "mlp4", "mlp5", "lenet_caffe");
  }

  public static Graph graph(ParityNetwork network) {
    Writer writer = new Writer(new GraphBuilder());
    Value x = writer.g.input(Model.INPUT, network.input());
    Value z =
        switch (network.name()) {
          case "logistic" -> writer.linear("output", writer.g.op(new Op.Flatten(), x), 1);
          case "lenet_caffe" -> writer.lenet(x);
          default -> writer.perceptron(x, Integer.parseInt(network.name().substring("mlp".length())));
        };
    writer.g.output(Model.OUTPUT, z);
    return writer.g.build();
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
      return layer(name, new Op.Gemm(false, true), x, Shape.of(out, g.shape(x).dim(1)));
    }

    private Value conv(String name, Value x, int out) {
      return layer(name, new Op.Conv(Window.of(5), 1), x, Shape.of(out, g.shape(x).dim(1), 5, 5));
    }

    private Value pool(String name, Value x) {
      return g.scope(name, () -> g.op(new Op.MaxPool(Window.of(2).stride(2)), x));
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
