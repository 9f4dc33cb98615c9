package dev.fovea.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.layer.AvgPool2d;
import dev.fovea.layer.Concat;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.ConvTranspose2d;
import dev.fovea.layer.Crop2d;
import dev.fovea.layer.Layer;
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
import org.junit.jupiter.api.Test;

/** Against the pixels that have a derivative, in networks whose weights are all positive. */
class ReceptiveFieldTest {
  private static final int HEIGHT = 41;
  private static final int WIDTH = 45;

  @Test
  void aChain() {
    check(Sequential.of(Conv2d.of(2, 5).stride(2).padding(2), new AvgPool2d(Window.of(3).stride(2).padding(1), true),
        Conv2d.of(2, 3).padding(1)), 1);
  }

  @Test
  void branchesOfOtherSizes() {
    check(Sequential.of(Conv2d.of(2, 3).padding(1),
        Concat.of(Conv2d.of(1, 1).named("a"), Conv2d.of(1, 5).padding(2).named("b")), Residual.of(Conv2d.of(2, 3).padding(1))),
        1);
  }

  @Test
  void padsAndCrops() {
    check(Sequential.of(new ZeroPad2d(2, 1, 0, 3), Conv2d.of(2, 3).stride(2), new Crop2d(3, 2, 12, 11), Conv2d.of(1, 3)), 1);
  }

  @Test
  void dilationAndTransposition() {
    check(Sequential.of(new Conv2d(2, Window.of(3).dilation(2).padding(2), 1, true, Conv2d.of(1, 1).init()),
        Conv2d.of(2, 3).stride(2).padding(1), ConvTranspose2d.of(2, 2).stride(2)), 2);
  }

  @Test
  void poolsSeeTheirWindow() {
    ReceptiveField field = last(Sequential.of(Conv2d.of(1, 3).padding(1), MaxPool2d.of(2)));
    assertThat(field).isEqualTo(new ReceptiveField(new ReceptiveField.Axis(-1, 4, 2, 1), new ReceptiveField.Axis(-1, 4, 2, 1)));
  }

  private static ReceptiveField last(Layer layer) {
    return ReceptiveField.of(Model.graphOf(layer, Shape.of(1, HEIGHT, WIDTH))).getLast();
  }

  /** @param steps by which elements may see less than the field, as between the positions of a stride */
  private static void check(Layer layer, int steps) {
    Graph graph = Model.graphOf(layer, Shape.of(1, HEIGHT, WIDTH));
    Shape y = graph.outputShape(Model.OUTPUT);
    ReceptiveField field = ReceptiveField.of(graph).get(graph.output(Model.OUTPUT).id());
    for (int[] place : List.of(new int[] {y.dim(2) / 2, y.dim(3) / 2}, new int[] {0, y.dim(3) - 1},
        new int[] {y.dim(2) - 1, 1})) {
      double[] gradient = gradient(graph, place[0], place[1]);
      boolean[] rows = new boolean[HEIGHT];
      boolean[] columns = new boolean[WIDTH];
      for (int i = 0; i < gradient.length; i++) {
        rows[i / WIDTH] |= gradient[i] != 0;
        columns[i % WIDTH] |= gradient[i] != 0;
      }
      inside(field.rows(), place[0], rows, steps, Arrays.toString(place));
      inside(field.columns(), place[1], columns, steps, Arrays.toString(place));
    }
  }

  /** The field holds what has a derivative, and its ends do unless they are beyond the image. */
  private static void inside(ReceptiveField.Axis axis, int element, boolean[] seen, int steps, String name) {
    long first = axis.start() + element * axis.jump();
    long slack = steps * axis.jump() - 1;
    int least = 0;
    int most = seen.length - 1;
    while (!seen[least]) {
      least++;
    }
    while (!seen[most]) {
      most--;
    }
    assertThat((long) least).as(name).isBetween(Math.max(0, first), Math.max(0, first) + slack);
    assertThat((long) most).as(name).isBetween(Math.min(seen.length - 1, first + axis.size() - 1) - slack,
        Math.min(seen.length - 1, first + axis.size() - 1));
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
