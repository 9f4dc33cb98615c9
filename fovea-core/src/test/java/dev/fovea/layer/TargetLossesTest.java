package dev.fovea.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.format.Json;
import dev.fovea.format.Json.Obj;
import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.Compare;
import dev.fovea.testkit.Engine;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The losses of several labels and of numbers against PyTorch in float64, and their gradients against finite differences. */
class TargetLossesTest {
  private static final Shape SHAPE = Shape.of(4, 3);
  private static final Obj FILE = read();
  private static final double[] OUTPUTS = numbers(FILE, "outputs");

  /** Both compute in double precision, but a graph rounds constants to float, such as 1/12: a few times half an ulp. */
  private static final double ROUNDING = 0x1p-22;

  private interface Loss {
    Value of(GraphBuilder g, Value outputs, Value targets);
  }

  /** @param targets their key in the file */
  private record Case(Loss loss, String targets) {}

  private static Case named(String name) {
    return switch (name) {
      case "bce" -> new Case((g, z, t) -> Losses.binaryCrossEntropy(g, z, t, Optional.empty()), "labels");
      case "bce_weighted" -> new Case((g, z, t) -> Losses.binaryCrossEntropy(g, z, t,
          Optional.of(Losses.vector(g, numbers(FILE, "weights")))), "labels");
      case "mse" -> new Case(Losses::mse, "numbers");
      case "l1" -> new Case(Losses::l1, "numbers");
      case "smooth_l1", "huber" -> new Case((g, z, t) -> Losses.smoothL1(g, z, t, 1), "numbers");
      case "smooth_l1_beta_2" -> new Case((g, z, t) -> Losses.smoothL1(g, z, t, 2), "numbers");
      default -> throw new AssertionError("unknown case " + name);
    };
  }

  private static Obj read() {
    try (InputStream in = Objects.requireNonNull(TargetLossesTest.class.getResourceAsStream("/parity/losses.json"))) {
      return Json.parseObject(new String(in.readAllBytes(), StandardCharsets.UTF_8), "losses.json");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double[] numbers(Obj json, String key) {
    return json.list(key).stream().mapToDouble(item -> ((Json.Num) item).asDouble()).toArray();
  }

  private static List<Obj> rows() {
    return FILE.list("losses").stream().map(Obj.class::cast).toList();
  }

  private static Graph graph(Loss loss) {
    GraphBuilder g = new GraphBuilder();
    Value z = g.input("outputs", SHAPE);
    Value y = loss.of(g, z, g.input("targets", SHAPE));
    g.output("loss", y);
    g.output("gradient", Objects.requireNonNull(Gradients.of(g, y, List.of(z)).get(z)));
    return g.build();
  }

  private static double[] run(Graph graph, double[] outputs, double[] targets, String name) {
    return Compare.output(Engine.REFERENCE.run(graph, Map.of("outputs", outputs, "targets", targets)), name);
  }

  @TestFactory
  Stream<DynamicTest> valuesAndGradientsArePyTorchs() {
    assertThat(rows()).hasSize(7);
    return rows().stream().map(row -> DynamicTest.dynamicTest(row.string("name"), () -> {
      Case of = named(row.string("name"));
      Graph graph = graph(of.loss);
      double[] targets = numbers(FILE, of.targets);
      assertThat(run(graph, OUTPUTS, targets, "loss")[0]).isCloseTo(row.number("loss"), within(ROUNDING * row.number("loss")));
      double[] expected = numbers(row, "gradient");
      double[] gradient = run(graph, OUTPUTS, targets, "gradient");
      for (int i = 0; i < expected.length; i++) {
        assertThat(gradient[i]).isCloseTo(expected[i], within(ROUNDING * Math.abs(expected[i]) + 1e-12));
      }
    }));
  }

  @Test
  void gradientsEqualFiniteDifferences() {
    for (Obj row : rows()) {
      Case of = named(row.string("name"));
      Graph graph = graph(of.loss);
      double[] targets = numbers(FILE, of.targets);
      double[] gradient = run(graph, OUTPUTS, targets, "gradient");
      for (int i = 0; i < OUTPUTS.length; i++) {
        double step = 1e-5;
        double[] up = OUTPUTS.clone();
        double[] down = OUTPUTS.clone();
        up[i] += step;
        down[i] -= step;
        double slope = (run(graph, up, targets, "loss")[0] - run(graph, down, targets, "loss")[0]) / (2 * step);
        assertThat(gradient[i]).as("%s at %d", row.string("name"), i).isCloseTo(slope,
            within(1e-7 * Math.max(1, Math.abs(slope))));
      }
    }
  }

  /** Where PyTorch's l1 has the gradient 0. */
  @Test
  void noErrorHasNoGradient() {
    for (String name : List.of("mse", "l1", "smooth_l1")) {
      Graph graph = graph(named(name).loss);
      assertThat(run(graph, OUTPUTS, OUTPUTS, "loss")[0]).isZero();
      assertThat(IntStream.range(0, 12).mapToDouble(i -> run(graph, OUTPUTS, OUTPUTS, "gradient")[i])).allMatch(v -> v == 0);
    }
  }

  @Test
  void noneStoresTheBatchSize() {
    for (Obj row : rows()) {
      GraphBuilder g = new GraphBuilder();
      g.output("loss", named(row.string("name")).loss.of(g, g.input("outputs", SHAPE), g.input("targets", SHAPE)));
      assertThat(Rewrite.withBatch(g.build(), 9).outputShape("loss")).isEqualTo(Shape.of());
    }
  }

  @Test
  void aBetaOfZeroIsRefused() {
    assertThatThrownBy(() -> graph((g, z, t) -> Losses.smoothL1(g, z, t, 0))).isInstanceOf(FoveaException.class)
        .hasMessage("the smooth l1 loss expects a beta above 0, got 0.0");
  }
}
