package dev.fovea.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.graph.ReceptiveField.Range;
import dev.fovea.layer.AvgPool2d;
import dev.fovea.layer.Concat;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.ConvTranspose2d;
import dev.fovea.layer.Crop2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Residual;
import dev.fovea.layer.Sequential;
import dev.fovea.layer.ZeroPad2d;
import dev.fovea.model.Model;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against the pixels that have a derivative, in networks whose weights are all positive. */
class ReceptiveFieldTest {
  private static final int HEIGHT = 41;
  private static final int WIDTH = 45;
  private static final Shape INPUT = Shape.of(1, 1, HEIGHT, WIDTH);

  @Test
  void aChain() {
    check(Sequential.of(Conv2d.of(2, 5).stride(2).padding(2), new AvgPool2d(Window.of(3).stride(2).padding(1), true),
        Conv2d.of(2, 3).padding(1)));
  }

  @Test
  void branchesOfOtherSizes() {
    check(Sequential.of(Conv2d.of(2, 3).padding(1),
        Concat.of(Conv2d.of(1, 1).named("a"), Conv2d.of(1, 5).padding(2).named("b")), Residual.of(Conv2d.of(2, 3).padding(1))));
  }

  @Test
  void padsAndCrops() {
    check(Sequential.of(new ZeroPad2d(2, 1, 0, 3), Conv2d.of(2, 3).stride(2), new Crop2d(3, 2, 12, 11), Conv2d.of(1, 3)));
  }

  @Test
  void dilation() {
    check(Sequential.of(new Conv2d(2, Window.of(3).dilation(2).padding(2), 1, true, Conv2d.of(1, 1).init()),
        Conv2d.of(2, 3).stride(2).padding(1)));
  }

  @Test
  void transposition() {
    check(Sequential.of(Conv2d.of(2, 3).stride(2).padding(1), ConvTranspose2d.of(2, 2).stride(2)));
    check(Sequential.of(Conv2d.of(2, 3).stride(2).padding(1), ConvTranspose2d.of(2, 4).stride(3).padding(1)));
  }

  @ParameterizedTest
  @EnumSource(Op.Interpolation.class)
  void resizing(Op.Interpolation how) {
    check(g -> g.op(new Op.Resize(how, 3), conv(g, g.input(Model.INPUT, INPUT), 2, 2)));
    check(g -> {
      Value x = g.input(Model.INPUT, INPUT);
      Value large = conv(g, x, 1, 3);
      return g.op(new Op.Resize(how, 1), large, conv(g, g.input("size", INPUT), 4, 3));
    });
  }

  @Test
  void branchesThatSeeTheWholeMap() {
    check(g -> {
      Value x = conv(g, g.input(Model.INPUT, INPUT), 2, 3);
      Value whole = g.op(new Op.AdaptiveAveragePool(1, 1), x);
      return conv(g, g.op(new Op.Mul(), g.op(new Op.Add(), x, whole), g.op(new Op.Sigmoid(), whole)), 1, 3);
    });
  }

  @Test
  void sumsAndNormalisationAlongAnAxis() {
    check(g -> g.op(new Op.Sum(3), conv(g, g.input(Model.INPUT, INPUT), 2, 3)));
    check(g -> g.op(new Op.Softmax(2), conv(g, g.input(Model.INPUT, INPUT), 2, 3)));
    check(g -> g.op(new Op.RowNormalization(3, 1, 1e-3f), conv(g, g.input(Model.INPUT, INPUT), 2, 3)));
  }

  /** As in ConvNeXt: channels last, and a product with them. */
  @Test
  void axesThatMove() {
    check(g -> {
      Value x = g.op(new Op.Transpose(List.of(0, 2, 3, 1)), conv(g, g.input(Model.INPUT, INPUT), 2, 3));
      Value y = g.op(new Op.MatMul(), x, g.param("w", Shape.of(2, 3), Init.he(2)));
      return conv(g, g.op(new Op.Transpose(List.of(0, 3, 1, 2)), y), 1, 3);
    });
  }

  /** As in ShuffleNet: channels in groups, each of which exchanges some. */
  @Test
  void axesAfterOthersThatAreSplit() {
    check(g -> {
      Value x = conv(g, g.input(Model.INPUT, INPUT), 2, 3);
      Shape y = g.shape(x);
      Value split = g.op(Op.Reshape.of(Shape.of(1, 1, 2, y.dim(2), y.dim(3))), x);
      Value moved = g.op(new Op.Transpose(List.of(0, 2, 1, 3, 4)), split);
      return conv(g, g.op(Op.Reshape.of(y), moved), 1, 3);
    });
  }

  /** Squares of pixels become channels, and channels squares of pixels. */
  @Test
  void fromSpaceToDepthAndBack() {
    Function<GraphBuilder, Value> network = g -> {
      Value x = conv(g, g.input(Model.INPUT, INPUT), 1, 4); // 40 x 44
      Value split = g.op(Op.Reshape.of(Shape.of(1, 2, 20, 2, 22, 2)), x);
      Value deep = g.op(Op.Reshape.of(Shape.of(1, 8, 20, 22)), g.op(new Op.Transpose(List.of(0, 1, 3, 5, 2, 4)), split));
      return conv(g, deep, 1, 3);
    };
    check(network);
    Graph deep = graph(network);
    assertThat(ReceptiveFields.of(deep).middle(deep.output(Model.OUTPUT)).jump()).isEqualTo(2);
    Function<GraphBuilder, Value> back = g -> {
      Value x = g.op(Op.Reshape.of(Shape.of(1, 1, 2, 1, 20, 22)), network.apply(g));
      Value wide = g.op(Op.Reshape.of(Shape.of(1, 1, 40, 22)), g.op(new Op.Transpose(List.of(0, 1, 4, 2, 5, 3)), x));
      return conv(g, wide, 1, 3);
    };
    check(back);
    Graph wide = graph(back);
    assertThat(ReceptiveFields.of(wide).middle(wide.output(Model.OUTPUT)).jump()).isEqualTo(1);
    assertThat(ReceptiveFields.of(wide).maps()).contains(wide.output(Model.OUTPUT));
  }

  /** Tokens are in rows of the image until they are mixed. */
  @Test
  void tokensThatBecomeImagesAgain() {
    check(g -> {
      Value x = conv(g, g.input(Model.INPUT, INPUT), 5, 5);
      Shape y = g.shape(x);
      Value tokens = g.op(Op.Reshape.of(Shape.of(1, 2, y.sizeFrom(2))), x);
      Value mixed = g.op(new Op.MatMul(), tokens, g.param("mix", Shape.of(y.sizeFrom(2), y.sizeFrom(2)), Init.he(2)));
      return conv(g, g.op(Op.Reshape.of(y), mixed), 1, 3);
    });
  }

  /** Each row times a matrix, whose columns are no longer the image's. */
  @Test
  void productsOverAnAxis() {
    Graph graph = graph(g -> g.op(new Op.MatMul(), conv(g, g.input(Model.INPUT, INPUT), 2, 2),
        g.param("mix", Shape.of(23, 50), Init.he(2))));
    check(graph);
    assertThat(ReceptiveFields.of(graph).maps()).doesNotContain(graph.output(Model.OUTPUT));
  }

  @Test
  void mapsOfOneNumberAndSteps() {
    Graph one = graph(g -> g.op(new Op.Relu(), conv(g, g.input(Model.INPUT, Shape.of(1, 1, 14, 14)), 2, 16)));
    assertThat(ReceptiveFields.of(one).middle(one.output(Model.OUTPUT)).jump()).isEqualTo(2);
    Graph steps =
        Model.graphOf(Sequential.of(Conv2d.of(1, 3).padding(1), ConvTranspose2d.of(1, 1).stride(2)), INPUT.withoutBatch());
    ReceptiveFields fields = ReceptiveFields.of(steps);
    assertThat(fields.of(steps.output(Model.OUTPUT), 4, 3)).isEqualTo(new ReceptiveField(new Range(1, 3), new Range(0, -1)));
  }

  @Test
  void poolsSeeTheirWindow() {
    Graph graph = Model.graphOf(Sequential.of(Conv2d.of(1, 3).padding(1), MaxPool2d.of(2)), INPUT.withoutBatch());
    Value pool = graph.output(Model.OUTPUT);
    assertThat(ReceptiveFields.of(graph).of(pool, 5, 0)).isEqualTo(new ReceptiveField(new Range(9, 12), new Range(-1, 2)));
    assertThat(ReceptiveFields.of(graph).middle(pool).jump()).isEqualTo(2);
  }

  @Test
  void unitsSeeAllThatTheyRead() {
    Graph graph = Model.graphOf(Sequential.of(Conv2d.of(1, 5).stride(2), new Flatten(), Linear.of(3)), INPUT.withoutBatch());
    Value units = graph.output(Model.OUTPUT);
    assertThat(ReceptiveFields.of(graph).of(units, 0, 0))
        .isEqualTo(new ReceptiveField(new Range(0, HEIGHT - 1), new Range(0, WIDTH - 1)));
    assertThat(ReceptiveFields.of(graph).middle(units).jump()).isZero();
  }

  @Test
  void enlargedMapsMoveByPartsOfAPixel() {
    Graph graph = graph(g -> g.op(new Op.Resize(Op.Interpolation.BILINEAR, 8), conv(g, g.input(Model.INPUT, INPUT), 2, 2)));
    assertThat(ReceptiveFields.of(graph).middle(graph.output(Model.OUTPUT)).jump()).isEqualTo(0.25);
  }

  private static Value conv(GraphBuilder g, Value x, int stride, int kernel) {
    int channels = g.shape(x).dim(1);
    Value weight = g.param("w" + x.id(), Shape.of(2, channels, kernel, kernel), Init.he(1));
    return g.op(new Op.Conv(Window.of(kernel).stride(stride).padding(1), 1), x, weight);
  }

  private static void check(Layer layer) {
    check(Model.graphOf(layer, INPUT.withoutBatch()));
  }

  private static void check(Function<GraphBuilder, Value> network) {
    check(graph(network));
  }

  private static Graph graph(Function<GraphBuilder, Value> network) {
    GraphBuilder g = new GraphBuilder();
    g.output(Model.OUTPUT, network.apply(g));
    return g.build();
  }

  private static void check(Graph graph) {
    Shape y = graph.outputShape(Model.OUTPUT);
    for (int[] place : List.of(new int[] {y.dim(2) / 2, y.dim(3) / 2}, new int[] {y.dim(2) / 2 + 1, y.dim(3) / 3},
        new int[] {0, y.dim(3) - 1}, new int[] {y.dim(2) - 1, Math.min(1, y.dim(3) - 1)})) {
      ReceptiveField field = ReceptiveFields.of(graph).of(graph.output(Model.OUTPUT), place[0], place[1]);
      double[] gradient = gradient(graph, place[0], place[1]);
      boolean[] rows = new boolean[HEIGHT];
      boolean[] columns = new boolean[WIDTH];
      for (int i = 0; i < gradient.length; i++) {
        rows[i / WIDTH] |= gradient[i] != 0;
        columns[i % WIDTH] |= gradient[i] != 0;
      }
      same(field.rows(), rows, Arrays.toString(place));
      same(field.columns(), columns, Arrays.toString(place));
    }
  }

  /**
   * From the first to the last pixel that has a derivative. Interpolation at a pixel's place itself reads its neighbour with a factor
   * of 0, and beyond the border the last pixel again.
   */
  private static void same(Range field, boolean[] seen, String name) {
    int first = 0;
    int last = seen.length - 1;
    while (!seen[first]) {
      first++;
    }
    while (!seen[last]) {
      last--;
    }
    assertThat(field.first()).as(name).isLessThanOrEqualTo(first);
    assertThat(field.last()).as(name).isGreaterThanOrEqualTo(last);
    assertThat(Math.max(0, field.first())).as(name).isEqualTo(first);
    assertThat(Math.min(seen.length - 1, field.last())).as(name).isEqualTo(last);
  }

  private static double[] gradient(Graph graph, int row, int column) {
    GraphBuilder g = new GraphBuilder();
    Rewrite.replayInto(g, graph, (_, _, _) -> Optional.empty());
    Value output = graph.output(Model.OUTPUT);
    Shape y = graph.at(output).shape();
    Value seed = g.input("seed", y);
    Value x = new Value(0);
    g.output("gradient", Objects.requireNonNull(Gradients.of(g, output, seed, List.of(x), Gradients.Rule.DERIVATIVE).get(x)));
    Graph whole = Rewrite.prune(g.build());
    double[] seeds = new double[y.size()];
    seeds[row * y.dim(3) + column] = 1;
    double[][] values = Reference.run(whole, name -> name.equals("seed") ? seeds
        : ones(whole, name), Rng.of(1));
    return values[whole.output("gradient").id()];
  }

  private static double[] ones(Graph graph, String name) {
    Map<String, Integer> sizes = new HashMap<>();
    graph.nodes().forEach(node -> {
      if (node.op() instanceof Op.Param param) {
        sizes.put(param.name(), param.shape().size());
      } else if (node.op() instanceof Op.Input input) {
        sizes.put(input.name(), input.shape().size());
      }
    });
    double[] ones = new double[sizes.get(name)];
    Arrays.fill(ones, 1);
    return ones;
  }
}
