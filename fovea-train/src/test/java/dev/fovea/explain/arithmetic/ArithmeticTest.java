package dev.fovea.explain.arithmetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.explain.Answer;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Layers;
import dev.fovea.explain.Pass;
import dev.fovea.explain.Target;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Precision;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Activation;
import dev.fovea.layer.AdaptiveAvgPool2d;
import dev.fovea.layer.AvgPool2d;
import dev.fovea.layer.BatchNorm2d;
import dev.fovea.layer.Concat;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.ConvTranspose2d;
import dev.fovea.layer.DepthwiseConv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.LocalResponseNorm;
import dev.fovea.layer.LocallyConnected2d;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Residual;
import dev.fovea.layer.Sequential;
import dev.fovea.layer.Softmax;
import dev.fovea.layer.Upsample;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every number of a network against the engine's, to the bit. */
class ArithmeticTest {
  private static final Shape IMAGE = Shape.of(3, 19, 22);

  private final long seed = System.nanoTime();
  private final Model model = Model.create(layers(), new Card("random", List.of("cat", "dog", "owl"),
      Preprocessing.of(IMAGE, Fit.STRETCH), Map.of()), seed);
  private final Explainer explainer = Explainer.of(model).threads(2);
  private final Graph graph = explainer.graph(1);
  private final Tensor input = input();

  /** Every kind of sum, and channels in more than one block. */
  private static Layer layers() {
    Layer branch = Sequential.of(Conv2d.of(20, 3).padding(1).groups(2).bias(false), new BatchNorm2d(1e-5, 0.1), Activation.RELU);
    return Sequential.of(Conv2d.of(20, 3).padding(1), new BatchNorm2d(1e-5, 0.1), Activation.RELU, MaxPool2d.of(2),
        new Residual(branch, Sequential.of()), Activation.TANH, new LocalResponseNorm(3, 1e-2, 0.75, 1),
        DepthwiseConv2d.of(3).padding(1),
        new AvgPool2d(Window.of(3).stride(2).padding(1), true), ConvTranspose2d.of(6, 3).stride(2), Activation.SIGMOID,
        Concat.of(Conv2d.of(18, 1).named("a"), Conv2d.of(5, 3).padding(1).named("b")), Activation.RELU,
        new Upsample(Op.Interpolation.NEAREST, 2), MaxPool2d.of(3), new LocallyConnected2d(4, Window.of(2)),
        new AdaptiveAvgPool2d(2, 2), new Flatten(), Linear.of(7),
        Activation.RELU, Linear.of(3), new Softmax());
  }

  private Tensor input() {
    Rng random = Rng.of(seed).at("input");
    float[] values = new float[IMAGE.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.gaussian(i);
    }
    return new Tensor(IMAGE.batch(1), values);
  }

  @BeforeEach
  void exactly() {
    System.setProperty(Precision.PROPERTY, Precision.EXACT.spelling());
  }

  @AfterEach
  void asBefore() {
    System.clearProperty(Precision.PROPERTY);
  }

  private Set<String> paths() {
    return graph.nodes().stream().filter(node -> !(node.op() instanceof Op.Source)).map(Node::path)
        .filter(path -> !path.isEmpty())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<Integer> place(Rng random, int draw, Shape shape) {
    return IntStream.range(1, shape.rank()).mapToObj(axis -> (int) (random.uniform(draw * 4 + axis) * shape.dim(axis))).toList();
  }

  /** Every layer, at random places. */
  @Test
  void everyNumberIsTheEngines() {
    Rng random = Rng.of(seed).at("places");
    Set<String> sums = new TreeSet<>();
    int draw = 0;
    for (String path : paths()) {
      Value layer = Layers.named(graph, path);
      for (int k = 0; k < 4; k++) {
        List<Integer> at = place(random, draw++, graph.at(layer).shape());
        Arithmetic arithmetic = Arithmetic.of(explainer, path, at);
        List<Calculation> steps = arithmetic.forward(input);
        String name = path + at + ", seed " + seed;
        steps.forEach(step -> assertThat(step.at()).as(name).isEqualTo(at));
        steps.forEach(step -> check(step, name));
        steps.stream().filter(Calculation::isSum).forEach(step -> sums.add(step.operator()));
        Answer answer = explainer.answer(input, Target.HIGHEST);
        Arithmetic.Backward backward = arithmetic.backward(input, answer);
        backward.arrived().forEach(step -> check(step, "backward " + name));
        // not to the bit: the engine folds a normalisation into a convolution only where nothing else reads that one
        assertThat(backward.gradient()).as(name).isCloseTo(gradient(layer, answer, at), within(1e-5f));
      }
    }
    assertThat(sums).contains("Conv", "ConvTranspose", "Gemm", "LocalConv");
  }

  private float gradient(Value layer, Answer answer, List<Integer> at) {
    Tensor gradient = Objects.requireNonNull(explainer.run(List.of("test", layer), input, answer, explainer::graph,
        pass -> Map.of("gradient", pass.gradient(layer))).get("gradient"));
    int element = IntStream.range(0, at.size()).map(i -> at.get(i) * gradient.shape().sizeFrom(i + 2)).sum();
    return gradient.values()[element];
  }

  private static void check(Calculation step, String name) {
    List<Float> read = step.terms().stream().map(term -> term.input().value()).toList();
    String what = step.operator() + " of " + name;
    switch (step.operator()) {
      case "Conv", "ConvTranspose", "Gemm", "LocalConv" -> assertThat(step.sum()).as(what).isEqualTo(step.value());
      case "MaxPool" -> assertThat(read.stream().max(Float::compare)).as(what).hasValue(step.value());
      case "Relu" -> assertThat(step.value()).as(what).isEqualTo(Math.max(0, read.getFirst()));
      case "ReluGrad" -> assertThat(step.value()).as(what).isEqualTo(read.get(0) > 0 ? read.get(1) : 0);
      case "Tanh" -> assertThat(step.value()).as(what).isCloseTo((float) Math.tanh(read.getFirst()), within(1e-6f));
      case "Sigmoid" ->
          assertThat(step.value()).as(what).isCloseTo((float) (1 / (1 + Math.exp(-read.getFirst()))), within(1e-6f));
      case "Add" -> assertThat(step.value()).as(what).isEqualTo(read.get(0) + read.get(1));
      case "Mul" -> assertThat(step.value()).as(what).isEqualTo(read.get(0) * read.get(1));
      case "Flatten", "Reshape", "Concat", "Slice", "Resize" -> assertThat(read).as(what).containsExactly(step.value());
      case "AveragePool", "AdaptiveAveragePool" -> {
        float factor = step.operator().equals("AveragePool") ? 1f / 9 : 1f / read.size();
        assertThat(step.terms()).as(what)
            .allSatisfy(term -> assertThat(term.weight().orElseThrow().value()).isCloseTo(factor, within(1e-7f)));
        assertThat(step.value()).as(what).isCloseTo(sum(read) * factor, within(1e-5f));
      }
      case "Lrn" ->
          assertThat(step.terms()).as(what).hasSize(Math.min(3, step.at().getFirst() + 2) - (step.at().getFirst() == 19 ? 1 : 0));
      case "BatchNormalization" -> assertThat(step.value()).as(what).isCloseTo(
          (float) ((read.get(0) - read.get(3)) / Math.sqrt(read.get(4) + 1e-5) * read.get(1) + read.get(2)), within(1e-5f));
      case "BatchNormalizationGrad" -> assertThat(step.value()).as(what).isCloseTo(
          (float) (read.get(0) * read.get(1) / Math.sqrt(read.get(2) + 1e-5)), within(1e-5f));
      case "TanhGrad" ->
          assertThat(step.value()).as(what).isCloseTo((1 - read.get(0) * read.get(0)) * read.get(1), within(1e-6f));
      case "SigmoidGrad" ->
          assertThat(step.value()).as(what).isCloseTo(read.get(0) * (1 - read.get(0)) * read.get(1), within(1e-6f));
      case "AveragePoolGrad" -> assertThat(step.value()).as(what).isCloseTo(sum(read) / 9, within(1e-6f));
      case "AdaptiveAveragePoolGrad", "MaxUnpool", "ResizeGrad", "LocalConvInputGrad", "Input", "LrnGrad" -> {
        // read in full below, and against the engine's gradient above
      }
      default -> throw new AssertionError(what);
    }
  }

  private static float sum(List<Float> values) {
    return (float) values.stream().mapToDouble(Float::doubleValue).sum();
  }

  /** What all places of a layer pass to one number of its input is that number's derivative. */
  @Test
  void whatIsPassedIsTheDerivative() {
    Answer answer = explainer.answer(input, new Target.Name("dog"));
    for (String path : List.of("3", "8", "18")) {
      Value layer = Layers.named(graph, path);
      Value below = graph.at(layer).inputs().getFirst();
      Shape shape = graph.at(layer).shape();
      double[] passed = new double[graph.at(below).shape().size()];
      String name = graph.at(below).where();
      for (int i = 0; i < shape.size(); i++) {
        int element = i;
        List<Integer> at =
            IntStream.range(1, shape.rank()).map(a -> element / shape.sizeFrom(a + 1) % shape.dim(a)).boxed().toList();
        Arithmetic.of(explainer, path, at).backward(input, answer).passed().stream().filter(p -> p.to().of().equals(name))
            .forEach(p -> passed[index(p.to().at(), graph.at(below).shape())] += p.gradient());
      }
      float[] expected = Objects.requireNonNull(explainer.run(List.of("all", layer), input, answer, explainer::graph,
          pass -> Map.of("gradient", Objects.requireNonNull(pass.gradients(below).get(below)))).get("gradient")).values();
      double largest = Arrays.stream(passed).map(Math::abs).max().orElseThrow();
      for (int i = 0; i < passed.length; i++) {
        assertThat(passed[i]).as("%s at %d, seed %d", path, i, seed).isCloseTo(expected[i], within(1e-5 * largest));
      }
    }
  }

  private static int index(List<Integer> at, Shape shape) {
    return IntStream.range(0, at.size()).map(i -> at.get(i) * shape.sizeFrom(i + 2)).sum();
  }

  @Test
  void placesOutsideAreRefused() {
    assertThatThrownBy(() -> Arithmetic.of(explainer, "0", List.of(20, 0, 0)))
        .hasMessage("place 20,0,0: layer 0 gives 20x19x22: expected 0 to 19, 0 to 18, 0 to 21");
    assertThatThrownBy(() -> Arithmetic.of(explainer, "18", List.of(1, 0, 0))).hasMessageEndingWith("gives 7: expected 0 to 6");
    assertThatThrownBy(() -> Arithmetic.of(explainer, "1o", List.of(1))).hasMessageContaining("fovea summary");
    assertThat(Pass.of(graph).output()).isEqualTo(graph.output(Model.OUTPUT));
  }
}
