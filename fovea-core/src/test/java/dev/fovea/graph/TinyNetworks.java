package dev.fovea.graph;

import dev.fovea.tensor.Shape;

/** Networks of a few nodes for tests of the graph itself. */
final class TinyNetworks {
  private TinyNetworks() {}

  /** A frozen gain followed by a fully connected layer, and an unused parameter. */
  static Graph frozenAndIdle() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Shape.of(4, 3));
    Value gain = g.frozen("gain", Shape.of(3), new Init.Constant(2));
    Value scaled = g.op(new Op.Mul(), x, gain);
    Value z =
        g.scope(
            "fc",
            () -> {
              Value weight = g.param("weight", Shape.of(2, 3), Init.torch(3));
              Value bias = g.param("bias", Shape.of(2), new Init.Constant(0));
              return g.op(new Op.Gemm(false, true), scaled, weight, bias);
            });
    g.param("idle", Shape.of(4), new Init.Normal(1));
    g.output("loss", g.op(new Op.SoftmaxCrossEntropyLoss(), z, g.input("label", Shape.of(4))));
    return g.build();
  }

  /** Convolution, ReLU, dropout, pool, fully connected; the input's batch size is {@code n}. */
  static Graph convolutional(int n) {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("input", Shape.of(n, 1, 6, 6));
    Value conv =
        g.scope(
            "features.0",
            () -> g.op(
                new Op.Conv(Window.of(3), 1),
                x,
                g.param("weight", Shape.of(2, 1, 3, 3), Init.he(9)),
                g.param("bias", Shape.of(2), new Init.Constant(0))));
    Value dropped = g.op(new Op.Dropout("drop", 0.5f), g.op(new Op.Relu(), conv));
    Value pooled = g.op(new Op.MaxPool(Window.of(2).stride(2)), dropped);
    Value flat = g.op(new Op.Flatten(), pooled);
    Value z = g.scope("classifier", () -> g.op(new Op.Gemm(false, true), flat, g.param("weight", Shape.of(3, 8), Init.torch(8))));
    g.output("logits", z);
    g.output("features", pooled);
    return g.build();
  }

  /** Two channels and a batch normalisation in its stored form. */
  static Graph normalized(int n, float momentum) {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Shape.of(n, 2, 1, 2));
    g.output(
        "y",
        g.scope(
            "bn",
            () -> g.op(
                new Op.BatchNormalization(1e-5f, momentum),
                x,
                g.param("weight", Shape.of(2), new Init.Constant(1)),
                g.param("bias", Shape.of(2), new Init.Constant(0)),
                g.frozen("running_mean", Shape.of(2), new Init.Constant(0)),
                g.frozen("running_var", Shape.of(2), new Init.Constant(1)))));
    return g.build();
  }

  /** A fully connected layer with an auxiliary head. */
  static Graph headed() {
    GraphBuilder g = new GraphBuilder();
    Value z = g.op(new Op.Gemm(false, true), g.input("x", Shape.of(1, 3)), g.param("fc.weight", Shape.of(4, 3), Init.he(3)));
    g.output("logits", z);
    g.head("aux", g.op(new Op.Gemm(false, true), z, g.param("aux.weight", Shape.of(2, 4), Init.he(4))), 0.3f);
    return g.build();
  }
}
