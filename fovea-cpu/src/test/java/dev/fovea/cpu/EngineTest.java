package dev.fovea.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.cpu.kernel.Axis;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.graph.Backend;
import dev.fovea.graph.Backends;
import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Program;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.graph.Workspace;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Dropout;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Linear;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Sequential;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.BackendEngine;
import dev.fovea.testkit.Engine;
import dev.fovea.testkit.UnrolledCases;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class EngineTest {
  private static final int IMAGES = 37;

  private final Backend vector = new VectorBackend();

  /** A small network with typical layers, its loss and its gradients. */
  private static Graph training(int images) {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("input", Shape.of(images, 2, 11, 9));
    Value y =
        Sequential.of(
            Conv2d.of(7, 3).padding(1),
            Activation.LEAKY_RELU,
            MaxPool2d.of(3).stride(2).padding(1),
            Conv2d.of(10, 3).stride(2),
            Activation.TANH,
            new Flatten(),
            new Dropout(0.3),
            Linear.of(13),
            Activation.RELU,
            Linear.of(5))
            .apply(g, x);
    g.output("output", y);
    g.output("loss", g.op(new Op.SoftmaxCrossEntropyLoss(), y, g.input("labels", Shape.of(images))));
    return Gradients.withGradients(g.build(), "loss");
  }

  private static void fill(Workspace workspace, int images) {
    Workspace.Slot input = workspace.input("input");
    Rng random = Rng.of(5);
    for (int i = 0; i < input.shape().size(); i++) {
      input.array()[input.offset() + i] = random.uniform(i, -1, 1);
    }
    Workspace.Slot labels = workspace.input("labels");
    for (int i = 0; i < images; i++) {
      labels.array()[labels.offset() + i] = random.at("labels").below(i, 5);
    }
  }

  private static float[] gradients(Backend backend, int threads, Graph graph, Parameters parameters) {
    Program program = backend.compile(graph, parameters, threads);
    Workspace workspace = program.workspace();
    fill(workspace, IMAGES);
    workspace.random(Rng.of(8).at(3));
    program.run(workspace);
    return workspace.gradients().clone();
  }

  @Test
  void sameBitsOnAnyNumberOfThreads() {
    Graph graph = training(IMAGES);
    Parameters parameters = Parameters.initial(graph, 1);
    float[] one = gradients(vector, 1, graph, parameters);
    for (int threads : new int[] {2, 3, 8}) {
      assertThat(gradients(vector, threads, graph, parameters)).as("%d threads", threads).isEqualTo(one);
    }
    assertThat(gradients(new ScalarBackend(), 3, graph, parameters)).as("scalar").isEqualTo(one);
  }

  @Test
  void runsAreRepeatableAndUseChangedParameters() {
    Graph graph = training(IMAGES);
    Parameters parameters = Parameters.initial(graph, 1);
    Program program = vector.compile(graph, parameters, 2);
    Workspace workspace = program.workspace();
    fill(workspace, IMAGES);
    program.run(workspace);
    float[] first = workspace.gradients().clone();
    fill(workspace, IMAGES);
    program.run(workspace);
    assertThat(workspace.gradients()).isEqualTo(first);

    for (int i = 0; i < first.length; i++) {
      parameters.values()[i] -= 0.1f * first[i];
    }
    parameters.changed();
    fill(workspace, IMAGES);
    program.run(workspace);
    float[] changed = workspace.gradients().clone();
    assertThat(changed).isNotEqualTo(first).isEqualTo(freshGradients(graph, parameters));
  }

  private float[] freshGradients(Graph graph, Parameters parameters) {
    Program program = vector.compile(graph, parameters, 1);
    Workspace workspace = program.workspace();
    fill(workspace, IMAGES);
    program.run(workspace);
    return workspace.gradients();
  }

  /** Prediction keeps packed weights in its workspace, which the other programs overwrite. */
  @Test
  void workspacesThatShareMemoryGiveTheSameBits() {
    Graph training = training(IMAGES);
    Graph predicting = Rewrite.inference(outputOnly(training));
    Parameters parameters = Parameters.initial(training, 4);
    float[] gradients = gradients(vector, 2, training, parameters);
    List<Program> programs = List.of(
        vector.compile(Rewrite.withBatch(predicting, 1), parameters, 2),
        vector.compile(training, parameters, 2),
        vector.compile(predicting, parameters, 2));
    Workspace one = programs.get(0).workspace();
    Workspace steps = programs.get(1).workspace(one);
    Workspace many = programs.get(2).workspace(steps);
    float[] alone = predicted(programs.get(0), programs.get(0).workspace(), 1);
    for (int round = 0; round < 2; round++) {
      assertThat(predicted(programs.get(0), one, 1)).isEqualTo(alone);
      assertThat(predicted(programs.get(2), many, IMAGES)).isEqualTo(alone);
      fill(steps, IMAGES);
      steps.random(Rng.of(8).at(3));
      programs.get(1).run(steps);
      assertThat(steps.gradients()).isEqualTo(gradients);
    }
    assertThat(one.gradients()).as("shared memory").isSameAs(steps.gradients());
    Program others = vector.compile(predicting, Parameters.initial(training, 5), 2);
    assertThatThrownBy(() -> others.workspace(one)).hasMessage("this workspace belongs to other parameters");
  }

  /** The logits of the first image. */
  private static float[] predicted(Program program, Workspace workspace, int images) {
    put(workspace, images);
    program.run(workspace);
    Workspace.Slot output = workspace.output("output");
    return Arrays.copyOfRange(output.array(), output.offset(), output.offset() + 5);
  }

  /** Neither a kernel's arithmetic nor the result of an image depends on the batch size. */
  @Test
  void anImageGivesTheSameBitsAloneAndInABatch() {
    Graph all = Rewrite.inference(outputOnly(training(IMAGES)));
    Parameters parameters = Parameters.initial(all, 4);
    Workspace many = run(all, parameters, IMAGES);
    Workspace one = run(Rewrite.withBatch(all, 1), parameters, 1);
    Workspace.Slot output = many.output("output");
    Workspace.Slot alone = one.output("output");
    assertThat(Arrays.copyOfRange(output.array(), output.offset(), output.offset() + 5))
        .isEqualTo(Arrays.copyOfRange(alone.array(), alone.offset(), alone.offset() + 5));
  }

  private static Graph outputOnly(Graph graph) {
    return Rewrite.prune(new Graph(graph.nodes(), Map.of("output", graph.output("output"))));
  }

  private Workspace run(Graph graph, Parameters parameters, int images) {
    Program program = vector.compile(graph, parameters, 2);
    Workspace workspace = program.workspace();
    put(workspace, images);
    program.run(workspace);
    return workspace;
  }

  private static void put(Workspace workspace, int images) {
    Workspace.Slot input = workspace.input("input");
    Rng random = Rng.of(5);
    for (int i = 0; i < Shape.of(images, 2, 11, 9).size(); i++) {
      input.array()[input.offset() + i] = random.uniform(i, -1, 1);
    }
  }

  @Test
  void concurrentCallersGetTheSameBits() throws Exception {
    Graph graph = training(IMAGES);
    Parameters parameters = Parameters.initial(graph, 1);
    Program program = vector.compile(graph, parameters, 2);
    float[] expected = gradients(vector, 1, graph, parameters);
    try (ExecutorService callers = Executors.newFixedThreadPool(6)) {
      Callable<float[]> call =
          () -> {
            Workspace workspace = program.workspace();
            float[] last = {};
            for (int i = 0; i < 20; i++) {
              fill(workspace, IMAGES);
              workspace.random(Rng.of(8).at(3));
              program.run(workspace);
              last = workspace.gradients().clone();
            }
            return last;
          };
      for (Future<float[]> result : callers.invokeAll(List.of(call, call, call, call, call, call))) {
        assertThat(result.get()).isEqualTo(expected);
      }
    }
  }

  @Test
  void inferenceReusesMemory() {
    Graph graph = Rewrite.inference(outputOnly(training(IMAGES)));
    Program program = vector.compile(graph, Parameters.initial(graph, 1), 1);
    long naive = 0;
    for (var node : graph.nodes()) {
      naive += node.op() instanceof Op.Param ? 0 : Layout.NCHW16N.size(node.shape()) * Float.BYTES;
    }
    assertThat(program.workspaceBytes()).isLessThan(naive * 3 / 4);
  }

  @Test
  void planNamesTheKernelOfEveryStep() {
    Graph graph = training(IMAGES);
    String text = vector.compile(graph, Parameters.initial(graph, 1), 1).plan();
    assertThat(text).contains("nchw16n.conv", "nchw16n.max-unpool", "nchw16c.gemm-weight-grad", "scalar.softmax-loss",
        "gradients 0+");
  }

  @Test
  void theVectorBackendIsTheDefault() {
    assertThat(Backends.find().name()).isEqualTo("vector");
    assertThat(Backends.all()).extracting(Backend::name).containsExactly("vector", "scalar");
  }

  @Test
  void workspaceOfAnotherProgramIsRefused() {
    Graph graph = training(1);
    Parameters parameters = Parameters.initial(graph, 1);
    Program a = vector.compile(graph, parameters, 1);
    Program b = vector.compile(graph, parameters, 1);
    assertThatThrownBy(() -> a.run(b.workspace())).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void windowsWithNaNHaveTheSameMaximumOnEveryBackend() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Shape.of(1, 16, 2, 4));
    Value gradients = g.input("dy", Shape.of(1, 16, 1, 2));
    g.output("y", g.op(new Op.MaxUnpool(Window.of(2).stride(2)), g.op(new Op.Relu(), x), g.op(new Op.Relu(), gradients)));
    Graph graph = g.build();
    double[] values = IntStream.range(0, 128).mapToDouble(i -> i % 3 == 0 ? Double.NaN : i % 7).toArray();
    Map<String, double[]> inputs = Map.of("x", values, "dy", IntStream.range(1, 33).asDoubleStream().toArray());
    float[] expected = new BackendEngine(new ScalarBackend(), 1).floats(graph, inputs).get("y");
    for (Layout layout : List.of(Layout.NCHW16N, Layout.NCHW16C)) {
      assertThat(new BackendEngine(new VectorBackend(layout), 1).floats(graph, inputs).get("y")).containsExactly(expected);
    }
  }

  @Test
  void axesListTheTapsOfEachPosition() {
    Axis forward = Axis.forward(5, 3, 3, 2, 1, 1);
    assertThat(forward.base(0)).isEqualTo(-1);
    assertThat(forward.taps(forward.classOf(0))).containsExactly(new Axis.Tap(1, 1), new Axis.Tap(2, 2));
    assertThat(forward.taps(forward.classOf(1))).hasSize(3);
    Axis backward = Axis.backward(3, 5, 3, 2, 1, 1);
    assertThat(backward.size()).isEqualTo(5);
    assertThat(backward.taps(backward.classOf(1))).containsExactly(new Axis.Tap(0, 0), new Axis.Tap(2, -1));
    assertThat(Window.of(3).stride(2).padding(1).outH(5)).isEqualTo(3);
  }

  @Test
  @Tag("slow")
  void convolutionsEqualTheirUnrolledMatrices() {
    Engine engine = new BackendEngine(vector, 2);
    UnrolledCases.all().forEach(c -> UnrolledCases.check(c, engine, 1e-6));
  }
}
