package dev.fovea.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.cpu.kernel.Layout;
import dev.fovea.graph.Backend;
import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Program;
import dev.fovea.graph.Value;
import dev.fovea.graph.Workspace;
import dev.fovea.layer.Activation;
import dev.fovea.layer.AdaptiveAvgPool2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The Winograd steps for all tiles at once. Only convolutions with many weights use them, which are too large for {@link
 * KernelTest}.
 */
class WinogradStepsTest {
  private static final int IMAGES = 8;

  /** Channels, rows and columns that are no multiples of blocks, tiles or vectors. */
  private static Graph training() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("input", Shape.of(IMAGES, 3, 13, 15));
    Value y =
        Sequential.of(
            Conv2d.of(250, 1),
            Activation.TANH,
            Conv2d.of(260, 3).padding(1),
            Activation.RELU,
            AdaptiveAvgPool2d.global(),
            new Flatten(),
            Linear.of(5))
            .apply(g, x);
    g.output("output", y);
    g.output("loss", g.op(new Op.SoftmaxCrossEntropyLoss(), y, g.input("labels", Shape.of(IMAGES))));
    return Gradients.withGradients(g.build(), "loss");
  }

  private static Program program(Backend backend, int threads, Graph graph) {
    return backend.compile(graph, Parameters.initial(graph, 1), threads);
  }

  private static float[] gradients(Program program) {
    Workspace workspace = program.workspace();
    Workspace.Slot input = workspace.input("input");
    Rng random = Rng.of(5);
    for (int i = 0; i < input.shape().size(); i++) {
      input.array()[input.offset() + i] = random.uniform(i, -1, 1);
    }
    program.run(workspace);
    return workspace.gradients().clone();
  }

  @Test
  @Tag("slow")
  void allTilesAtOnceGiveTheSameBitsAsTheScalarKernels() {
    Graph graph = training();
    Program program = program(new VectorBackend(Layout.NCHW16C), 2, graph);
    assertThat(program.plan())
        .contains("nchw16c.winograd-products", "nchw16c.winograd-transpose-products", "nchw16c.winograd-sums");
    assertThat(gradients(program)).isEqualTo(gradients(program(new ScalarBackend(), 2, graph)));
  }
}
