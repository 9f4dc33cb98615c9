package dev.fovea.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.graph.Backends;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Program;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.graph.Workspace;
import dev.fovea.graph.Workspace.Slot;
import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.LayerNorm;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.Compare;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Classifiers converted to convolutions, on the CPU engine. */
class FullyConvolutionalTest {
  /** Relative to the largest logit. */
  private static final double TOLERANCE = 1e-5;

  private static final Shape DIGIT = Shape.of(1, 28, 28);

  @ParameterizedTest
  @CsvSource({"lenet5, 1x36x32, 3x2", "lenet-caffe, 1x36x32, 3x2"})
  void everyCellIsTheHeadOnItsWindowOfTheMap(String name, String image, String cells) {
    check(name, Shape.parse(image), Shape.parse("1x10x" + cells));
  }

  @Test
  void networksWithoutFlattenedMapsOrWithComputedWeightsAreRefused() {
    GraphBuilder g = new GraphBuilder();
    Value reshaped = g.op(Op.Reshape.image(Shape.of(64)), g.input("input", Shape.of(1, 1, 8, 8)));
    g.output("output", g.op(new Op.Gemm(false, true), reshaped, g.param("w", Shape.of(2, 64), new Init.Constant(1))));
    assertRefused(g.build(), "expected maps that are flattened for fully connected layers; the network has none");
    GraphBuilder h = new GraphBuilder();
    Value flat = h.op(new Op.Flatten(), h.input("input", Shape.of(1, 1, 8, 8)));
    Value computed = h.op(new Op.Relu(), h.param("w", Shape.of(2, 64), new Init.Constant(1)));
    h.output("output", h.op(new Op.Gemm(false, true), flat, computed));
    assertRefused(h.build(),
        "Gemm: cannot be made fully convolutional: expected a fully connected layer whose weight is a parameter");
    GraphBuilder k = new GraphBuilder();
    Value x = k.input("input", Shape.of(1, 1, 8, 8));
    Value sum = k.add(k.op(Op.Reshape.image(Shape.of(64)), x), k.op(new Op.Flatten(), x));
    k.output("output", k.op(new Op.Gemm(false, true), sum, k.param("w", Shape.of(2, 64), new Init.Constant(1))));
    assertRefused(k.build(), "expected flattened maps as the first operand of Add");
  }

  private static void assertRefused(Graph graph, String message) {
    Card card = new Card("n", List.of("a", "b"), Preprocessing.of(Shape.of(1, 8, 8), Fit.STRETCH), Map.of());
    Model model = new Model(graph, Parameters.zeros(graph), card);
    assertThatThrownBy(model::fullyConvolutional).isInstanceOf(FoveaException.class).hasMessageContaining(message);
  }

  @Tag("slow")
  @ParameterizedTest
  @CsvSource({"alexnet, 3x259x291, 2x3", "googlenet, 3x288x256, 3x2", "vgg16, 3x256x288, 2x3"})
  void everyCellIsTheHeadInLargeNetworks(String name, String image, String cells) {
    check(name, Shape.parse(image), Shape.parse("1x10x" + cells));
  }

  /** At the network's own size, where the window is the whole map, and on a larger image with a map of logits. */
  private static void check(String name, Shape image, Shape logits) {
    Model model = model(name);
    Shape own = model.input();
    Model network = model.fullyConvolutional();
    Numbers whole = Run.of(network).on(noise(own));
    assertThat(whole.shape()).isEqualTo(Shape.of(1, 10, 1, 1));
    compare(name, Run.of(model).on(noise(own)), whole, 0);

    Graph graph = Rewrite.inference(model.graph());
    Value map = graph.nodes().stream()
        .filter(n -> n.op() instanceof Op.AdaptiveAveragePool || n.op() instanceof Op.Flatten)
        .findFirst().orElseThrow().inputs().getFirst();
    Numbers large = Run.of(Rewrite.withInputs(upTo(graph, map), Map.of(Model.INPUT, image.batch(1))), model.parameters())
        .on(noise(image));
    Numbers all = Run.of(network.withInput(image)).on(noise(image));
    assertThat(all.shape()).isEqualTo(logits);
    Run head = Run.of(from(graph, map), model.parameters());
    for (int cell = 0; cell < logits.sizeFrom(2); cell++) {
      double[] window = large.window(graph.at(map).shape(), cell / logits.dim(3), cell % logits.dim(3));
      compare(name, head.on(window), all, cell);
    }
  }

  /** It has no padding, so a cell depends on its crop only. */
  @Test
  void everyCellOfLenetCaffeIsTheClassifierOnItsCrop() {
    Model model = model("lenet-caffe");
    Shape large = Shape.of(1, 44, 36);
    Numbers image = new Numbers(large.batch(1), noise(large));
    Numbers all = Run.of(model.fullyConvolutional().withInput(large)).on(image.values());
    assertThat(all.shape()).isEqualTo(Shape.of(1, 10, 5, 3));
    Run classifier = Run.of(model);
    for (int cell = 0; cell < 15; cell++) {
      compare("crop", classifier.on(image.window(DIGIT.batch(1), cell / 3 * 4, cell % 3 * 4)), all, cell);
    }
  }

  @Test
  @Tag("slow")
  void parametersHaveTheSameBytes() {
    for (String name : List.of("lenet5", "lenet-caffe")) {
      Model model = model(name);
      assertThat(model.fullyConvolutional().parameters().values()).containsExactly(model.parameters().values());
    }
  }

  /** With 10 classes; biases are random too, since many networks initialise them with 0. */
  private static Model model(String name) {
    Network network = Zoo.find(name);
    Network.Settings settings = new Network.Settings(10, List.of(), Pooling.MAX, Activation.RELU);
    Model model = Model.create(network.layer(settings), network.input(), 1);
    Rng random = Rng.of(2).at("biases");
    float[] values = model.parameters().values();
    model.parameters().entries().stream().filter(e -> e.shape().rank() == 1).forEach(
        e -> IntStream.range(e.offset(), e.offset() + e.shape().size()).forEach(i -> values[i] = random.uniform(i, -0.1f, 0.1f)));
    return model;
  }

  private static double[] noise(Shape shape) {
    Rng random = Rng.of(3).at("image");
    double[] image = new double[shape.size()];
    Arrays.setAll(image, i -> random.uniform(i, -1, 1));
    return image;
  }

  private static void compare(String what, Numbers expected, Numbers all, int cell) {
    int cells = all.shape().sizeFrom(2);
    double[] got = IntStream.range(0, all.shape().dim(1)).mapToDouble(k -> all.values()[k * cells + cell]).toArray();
    Compare.values(what + ", cell " + cell, expected.values(), got, TOLERANCE * Compare.largest(expected.values()));
  }

  /** The part of a graph that computes a value. */
  private static Graph upTo(Graph graph, Value end) {
    GraphBuilder g = new GraphBuilder();
    g.output(Model.OUTPUT, Rewrite.replayInto(g, graph, (_, _, _) -> Optional.empty()).get(end.id()));
    return Rewrite.prune(g.build());
  }

  /** The part of a graph after a value, which becomes its input. */
  @SuppressWarnings("ReferenceEquality") // the very node is meant
  private static Graph from(Graph graph, Value start) {
    GraphBuilder g = new GraphBuilder();
    List<Value> values = Rewrite.replayInto(
        g, graph, (to, node, _) -> node == graph.at(start) ? Optional.of(to.input("map", node.shape())) : Optional.empty());
    g.output(Model.OUTPUT, values.get(graph.output(Model.OUTPUT).id()));
    return Rewrite.prune(g.build());
  }

  /** An image, a map or logits. */
  @SuppressWarnings("ArrayRecordComponent") // Read within a test.
  private record Numbers(Shape shape, double[] values) {
    /** The window of this size at this corner, in all channels. */
    double[] window(Shape size, int top, int left) {
      int h = size.dim(2);
      int w = size.dim(3);
      double[] window = new double[size.size()];
      for (int row = 0; row < size.dim(1) * h; row++) {
        int from = (row / h * shape.dim(2) + top + row % h) * shape.dim(3) + left;
        System.arraycopy(values, from, window, row * w, w);
      }
      return window;
    }
  }

  private record Run(Program program, Workspace workspace) {
    static Run of(Model model) {
      return of(Rewrite.inference(model.graph()), model.parameters());
    }

    static Run of(Graph graph, Parameters parameters) {
      Program program = Backends.find().compile(graph, parameters, 2);
      return new Run(program, program.workspace());
    }

    Numbers on(double[] x) {
      Slot in = workspace.input(program.graph().inputs().getFirst().name());
      IntStream.range(0, x.length).forEach(i -> in.array()[in.offset() + i] = (float) x[i]);
      program.run(workspace);
      Slot out = workspace.output(Model.OUTPUT);
      return new Numbers(
          out.shape(), IntStream.range(0, out.shape().size()).mapToDouble(i -> out.array()[out.offset() + i]).toArray());
    }
  }

  @Test
  void mapLabelsAnImageOfAnySize() {
    Model network = Model.create(LeNet5.modern(10), DIGIT, 1).fullyConvolutional().withInput(Shape.of(1, 60, 60));
    Image image = Image.of(new BufferedImage(90, 70, BufferedImage.TYPE_BYTE_GRAY));
    assertThat(network.segment(image).labels().width()).isEqualTo(90);
  }

  @Test
  void unsupportedInputsAreReported() {
    Model model = Model.create(
        Sequential.of(Conv2d.of(2, 3), new Flatten(), LayerNorm.from(1).named("norm"), Linear.of(3)), Shape.of(1, 6, 6), 1);
    assertThatThrownBy(model::fullyConvolutional)
        .isInstanceOf(FoveaException.class)
        .hasMessageStartingWith("norm: cannot be made fully convolutional: expected no RowNormalization on flattened maps");
  }
}
