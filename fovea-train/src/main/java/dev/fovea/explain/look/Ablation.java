package dev.fovea.explain.look;

import dev.fovea.data.Dataset;
import dev.fovea.explain.ClassScores;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Layers;
import dev.fovea.explain.survey.ImageBatches;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * A classifier's accuracy without one map of a layer, for each of its maps: how much it relies on that one (Morcos et al. 2018, On the
 * importance of single directions for generalization, section 2). What is left out is the map after its normalisation and activation,
 * which becomes 0.
 *
 * @param accuracy with all maps
 * @param without by map
 */
public record Ablation(double accuracy, List<Double> without) {
  private static final String MASK = "mask";

  public Ablation {
    without = List.copyOf(without);
  }

  /**
   * Runs the network once for each map and image.
   *
   * @param layer in {@link Explainer#graph}
   * @param progress receives the number of forward passes done, {@code (maps + 1) * images} in the end
   */
  public static Ablation of(Explainer network, Value layer, Dataset data, IntConsumer progress) {
    Model masked = masked(network, Layers.activated(network.graph(1), layer).getLast());
    Shape maps = network.graph(1).at(layer).shape();
    long[] correct = new long[maps.dim(1) + 1];
    int[] done = new int[1];
    new ImageBatches(network, data).forEach((first, inputs) -> {
      int count = inputs.shape().dim(0);
      for (int map = 0; map < correct.length; map++) {
        float[] mask = new float[count * maps.dim(1)];
        Arrays.fill(mask, 1);
        for (int n = 0; n < count && map < maps.dim(1); n++) {
          mask[n * maps.dim(1) + map] = 0;
        }
        Tensor outputs = Objects.requireNonNull(masked.run(
            Map.of(Model.INPUT, inputs, MASK, new Tensor(maskShape(maps).with(0, count), mask))).get(Model.OUTPUT));
        correct[map] += ClassScores.correct(ClassScores.classes(outputs), data, first);
        done[0] += count;
        progress.accept(done[0]);
      }
    }, _ -> {});
    List<Double> without = new ArrayList<>();
    for (int map = 0; map < maps.dim(1); map++) {
      without.add((double) correct[map] / data.size());
    }
    return new Ablation((double) correct[maps.dim(1)] / data.size(), without);
  }

  /** The network with the layer's maps times an input. */
  private static Model masked(Explainer network, Value layer) {
    GraphBuilder g = new GraphBuilder();
    int[] number = new int[1];
    Graph graph = network.graph(1);
    List<Value> values = Rewrite.replayInto(g, graph, (builder, node, in) -> {
      boolean here = number[0]++ == layer.id();
      return here ? Optional.of(times(builder, node, in)) : Optional.empty();
    });
    g.output(Model.OUTPUT, values.get(graph.output(Model.OUTPUT).id()));
    return new Model(g.build(), network.model().parameters(), Card.of(network.model().card().network()))
        .withThreads(network.threads());
  }

  private static Value times(GraphBuilder g, Node node, List<Value> in) {
    Value maps = g.op(node.op(), in);
    return g.op(new Op.Mul(), maps, g.input(MASK, maskShape(node.shape())));
  }

  private static Shape maskShape(Shape maps) {
    Shape mask = maps;
    for (int axis = 2; axis < maps.rank(); axis++) {
      mask = mask.with(axis, 1);
    }
    return mask;
  }
}
