package dev.fovea.feature;

import dev.fovea.graph.BatchDependence;
import dev.fovea.graph.BatchDependence.Dependence;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A network in two: the body, whose values are the same in every step, and the head, which reads them. Where images are not varied,
 * the body's results, the features, are computed once for each image.
 *
 * @param body from an image to the features
 * @param head from the features to the outputs
 */
public record FrozenBody(Graph body, Graph head) {
  /** Features may be larger than the image by this factor; else there is little to be saved. */
  private static final int MAX_GROWTH = 4;

  private static final String FEATURE = "feature";

  /**
   * The two parts, if there is something to be saved.
   *
   * @param trained the parameters that change
   */
  public static Optional<FrozenBody> of(Graph graph, Set<String> trained) {
    int count = graph.nodes().size();
    boolean[] varies = new boolean[count];
    boolean[] reads = new boolean[count];
    for (int i = 0; i < count; i++) {
      Node node = graph.nodes().get(i);
      varies[i] = switch (node.op()) {
        case Op.Param param -> trained.contains(param.name());
        case Op.Dropout _, Op.ExponentialRace _ -> true;
        default -> node.inputs().stream().anyMatch(input -> varies[input.id()]);
      };
      reads[i] = node.op() instanceof Op.Input || node.inputs().stream().anyMatch(input -> reads[input.id()]);
    }
    Map<Integer, String> features = new TreeMap<>();
    for (int reader = 0; reader < count; reader++) {
      List<Value> inputs = varies[reader] ? graph.nodes().get(reader).inputs() : List.of();
      inputs.stream().map(Value::id).filter(i -> reads[i] && !varies[i])
          .forEach(i -> features.putIfAbsent(i, FEATURE + features.size()));
    }
    if (features.isEmpty() || graph.outputs().values().stream().anyMatch(output -> !varies[output.id()])) {
      return Optional.empty();
    }
    List<Dependence> dependences = BatchDependence.of(graph);
    long elements = features.keySet().stream().mapToLong(i -> graph.nodes().get(i).shape().size()).sum();
    boolean saves = features.keySet().stream().noneMatch(i -> graph.nodes().get(i).op() instanceof Op.Input)
        && features.keySet().stream().allMatch(i -> dependences.get(i) == Dependence.BY_IMAGE)
        && elements <= (long) MAX_GROWTH * graph.inputs().getFirst().shape().size();
    return saves ? Optional.of(new FrozenBody(body(graph, features), head(graph, features))) : Optional.empty();
  }

  private static Graph body(Graph graph, Map<Integer, String> features) {
    GraphBuilder g = new GraphBuilder();
    List<Value> values = Rewrite.replayInto(g, graph, (_, _, _) -> Optional.empty());
    features.forEach((i, name) -> g.output(name, values.get(i)));
    return Rewrite.prune(g.build());
  }

  private static Graph head(Graph graph, Map<Integer, String> features) {
    int[] next = {0};
    return Rewrite.replay(graph, (g, node, _) -> {
      String name = features.get(next[0]++);
      return name == null ? Optional.empty() : Optional.of(g.input(name, node.shape()));
    });
  }
}
