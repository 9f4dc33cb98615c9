package dev.fovea.zoo.notation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.format.Json;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.GraphJson;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.layer.Activation;
import dev.fovea.layer.AvgPool2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.GaussianPool2d;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Sequential;
import dev.fovea.layer.WeightInit;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.OpCases;
import dev.fovea.zoo.LeNet5;
import dev.fovea.zoo.Network;
import dev.fovea.zoo.Pooling;
import dev.fovea.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Graphs printed as text, and parsed again. */
class NotationPrinterTest {
  private static final Shape DIGIT = Shape.of(1, 28, 28);
  private static final int RANDOM = 300;

  private static Optional<String> printed(Layer layer, Shape input) {
    return Notation.of(Model.graphOf(layer, input));
  }

  private static Optional<String> printed(Layer... layers) {
    return printed(Sequential.of(layers), DIGIT);
  }

  /** The printed text gives the same graph, also for one from a file or with another batch size. */
  private static void checkRoundTrip(Graph graph) {
    String text = Notation.of(graph).orElseThrow(() -> new AssertionError("no notation for\n" + graph));
    Notation notation = Notation.parse(text);
    assertThat(notation).hasToString(text);
    assertThat(Model.graphOf(notation.layer(10), notation.input().orElseThrow())).as(text).isEqualTo(graph);
    Graph stored = GraphJson.read(Json.parseObject(GraphJson.write(graph).text(), "test"), "test");
    assertThat(Notation.of(stored)).contains(text);
    assertThat(Notation.of(Rewrite.withBatch(graph, 3))).contains(text);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "logistic | input 1x28x28 -> fc 1",
      "mlp | input 1x28x28 -> fc 128 -> relu -> fc 64 -> relu -> fc 10",
      "lenet5 | input 1x28x28 -> conv 6 5x5 -> relu -> pool -> conv 16 5x5 pad 0 -> relu -> pool -> fc 120 -> relu -> fc 84"
          + " -> relu -> fc 10",
      "lenet-caffe | input 1x28x28 -> conv 20 5x5 pad 0 -> pool -> conv 50 5x5 pad 0 -> pool -> fc 500 -> relu -> fc 10"})
  void theZooInTheNotation(String name, String text) {
    Network.Settings settings = new Network.Settings(10, List.of(128, 64), Pooling.MAX, Activation.RELU);
    assertThat(printed(Zoo.find(name).layer(settings), DIGIT)).contains(text);
    Notation notation = Notation.parse(text);
    checkRoundTrip(Model.graphOf(notation.layer(10), DIGIT));
  }

  @ParameterizedTest
  @CsvSource({"MAX, pool", "MEAN, pool mean", "GAUSSIAN, pool gaussian", "TRAINABLE, pool trainable -> tanh"})
  void everyPoolingOfALeNet(Pooling pooling, String pool) {
    assertThat(printed(new LeNet5(10, pooling, Activation.TANH), DIGIT).orElseThrow())
        .startsWith("input 1x28x28 -> conv 6 5x5 -> tanh -> " + pool + " -> conv 16");
  }

  @Test
  void repetitionsAreFoldedToTheShortest() {
    assertThat(NotationFold.fold(List.of("a"))).isEqualTo("a");
    assertThat(fold("conv r conv r p conv r conv r p f r f")).isEqualTo("[[conv -> r]*2 -> p]*2 -> f -> r -> f");
    assertThat(fold("a b a a b a c")).isEqualTo("[a -> b -> a]*2 -> c");
    assertThat(fold("long short long short long")).isEqualTo("[long -> short]*2 -> long");
    assertThat(fold("a a")).isEqualTo("[a]*2");
    assertThat(fold("a a ".repeat(3) + "b")).isEqualTo("[a]*6 -> b");
    assertThat(fold("x y z ".repeat(1000) + "end")).isEqualTo("[x -> y -> z]*1000 -> end");
    assertThat(fold(("a b b ".repeat(3) + "c ").repeat(100))).isEqualTo("[[a -> [b]*2]*3 -> c]*100");
  }

  private static String fold(String steps) {
    return NotationFold.fold(List.of(steps.split(" ", -1)).stream().filter(s -> !s.isEmpty()).toList());
  }

  /** By exhaustive search. */
  @TestFactory
  Stream<DynamicTest> noFoldingIsShorter() {
    Rng random = Rng.of(OpCases.seed()).at("fold");
    return Stream.iterate(0, i -> i + 1).limit(20)
        .map(i -> DynamicTest.dynamicTest("seed " + OpCases.seed() + " list " + i, () -> {
          List<String> steps = new ArrayList<>();
          for (int k = 0; k < 7 + i % 4; k++) {
            steps.add(List.of("x", "yy").get(random.at(i).below(k, 2)));
          }
          String folded = NotationFold.fold(steps);
          assertThat(folded).hasSize(shortest(steps));
          assertThat(unfolded(folded)).isEqualTo(steps);
        }));
  }

  private static int shortest(List<String> steps) {
    int n = steps.size();
    int best = n == 1 ? steps.getFirst().length() : Integer.MAX_VALUE;
    for (int cut = 1; cut < n; cut++) {
      best = Math.min(best, shortest(steps.subList(0, cut)) + 4 + shortest(steps.subList(cut, n)));
      List<String> body = steps.subList(0, cut);
      List<String> repeated = new ArrayList<>();
      for (int k = 0; k < n / cut; k++) {
        repeated.addAll(body);
      }
      best = repeated.equals(steps) ? Math.min(best, shortest(body) + ("[]*" + n / cut).length()) : best;
    }
    return best;
  }

  private static List<String> unfolded(String text) {
    Matcher inner = Pattern.compile("\\[([^\\[\\]]*)]\\*(\\d+)").matcher(text);
    if (!inner.find()) {
      return List.of(text.split(" -> ", -1));
    }
    List<String> bodies = Collections.nCopies(Integer.parseInt(inner.group(2)), inner.group(1));
    return unfolded(inner.replaceFirst(String.join(" -> ", bodies)));
  }

  @Test
  void windowsOfEveryFormAreWritten() {
    Window odd = new Window(3, 2, 2, 1, 0, 1, 1, 0, 1, 2, false);
    assertThat(printed(new Conv2d(4, odd, 1, false, WeightInit.TORCH)))
        .contains("input 1x28x28 -> conv 4 3x2 stride 2x1 pad 0,1,1,0 dilation 1x2 no bias");
    assertThat(printed(new MaxPool2d(odd.ceil(true))))
        .contains("input 1x28x28 -> pool 3x2 stride 2x1 pad 0,1,1,0 dilation 1x2 ceil");
    assertThat(printed(AvgPool2d.of(2).countPadding(false))).contains("input 1x28x28 -> pool mean");
    assertThat(printed(MaxPool2d.of(3))).contains("input 1x28x28 -> pool 3x3 stride 3");
  }

  @Test
  void initialisationIsNotPartOfTheNotation() {
    assertThat(printed((g, x) -> {
      Value w = g.frozen("kernels", Shape.of(4, 1, 3, 3), new Init.Constant(0));
      return g.op(new Op.Conv(Window.of(3), 1), x, w);
    })).contains("input 1x28x28 -> conv 4 pad 0 no bias");
  }

  @Test
  void inexpressibleGraphsHaveNoNotation() {
    Layer conv = Conv2d.of(4, 3).padding(1);
    assertThat(printed((g, x) -> g.op(new Op.Add(), conv.apply(g, x), x))).as("a shortcut").isEmpty();
    assertThat(printed((g, x) -> {
      Value y = conv.apply(g, x);
      return g.op(new Op.Add(), Activation.RELU.apply(g, y), y);
    })).as("two readers").isEmpty();
    assertThat(printed(conv, (g, x) -> g.op(new Op.Softmax(), x))).as("softmax").isEmpty();
    assertThat(printed(AvgPool2d.of(3).padding(1).countPadding(false))).as("a mean without the padding").isEmpty();
    assertThat(printed(new GaussianPool2d(Window.of(3), 2))).as("another sigma").isEmpty();
    assertThat(printed((_, x) -> x)).as("nothing").isEmpty();
    assertThat(printed((g, x) -> {
      Value w = g.param("w", Shape.of(1, 1, 3, 3), new Init.Uniform(1));
      Value y = g.op(new Op.Conv(Window.of(3), 1), x, w);
      return g.op(new Op.Conv(Window.of(3), 1), y, w);
    })).as("one kernel for two").isEmpty();
    assertThat(printed(new Flatten(), new Flatten(), Linear.of(3))).as("flattened twice").isEmpty();
    assertThat(printed(Conv2d.of(1_000_001, 1))).as("beyond the limits").isEmpty();
    GraphBuilder g = new GraphBuilder();
    Value x = g.input(Model.INPUT, DIGIT.batch(1));
    g.output(Model.OUTPUT, conv.apply(g, x));
    g.output("other", x);
    assertThat(Notation.of(g.build())).as("two outputs").isEmpty();
  }

  /** Every text of the documentation is parsed and printed. */
  @TestFactory
  Stream<DynamicTest> theExamplesOfThePage() throws IOException {
    Path page = Path.of(System.getProperty("fovea.root", "..")).resolve("docs/notation.md");
    Matcher block = Pattern.compile("```notation\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(page));
    List<String> examples = new ArrayList<>();
    while (block.find()) {
      block.group(1).lines().filter(line -> !line.isBlank()).forEach(examples::add);
    }
    assertThat(examples).hasSizeGreaterThan(3);
    return examples.stream().map(text -> DynamicTest.dynamicTest(text, () -> {
      Notation notation = Notation.parse(text);
      checkRoundTrip(Model.graphOf(notation.layer(10), notation.input().orElse(DIGIT)));
    }));
  }

  /** Random texts of the grammar; those whose windows do not fit the map are not counted. */
  @TestFactory
  @Tag("slow")
  Stream<DynamicTest> randomNetworksRoundTrip() {
    long seed = OpCases.seed();
    return Stream.iterate(0, i -> i + 1).limit(RANDOM).map(i -> DynamicTest.dynamicTest("seed " + seed + " network " + i, () -> {
      RandomNotation random = new RandomNotation(Rng.of(seed).at("notation").at(i));
      for (Optional<Graph> graph = Optional.empty(); graph.isEmpty();) {
        String text = random.text();
        Notation notation = Notation.parse(text);
        assertThat(Notation.parse(notation.toString())).as(text).hasToString(notation.toString());
        graph = fitting(notation);
        graph.ifPresent(NotationPrinterTest::checkRoundTrip);
      }
    }));
  }

  private static Optional<Graph> fitting(Notation notation) {
    try {
      return Optional.of(Model.graphOf(notation.layer(10), notation.input().orElse(Shape.of(4, 19, 24))));
    } catch (FoveaException e) {
      return Optional.empty();
    }
  }
}
