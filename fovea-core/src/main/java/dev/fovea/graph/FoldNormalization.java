package dev.fovea.graph;

import dev.fovea.tensor.Shape;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;

/**
 * The pass that folds a batch normalisation with running statistics into the convolution before it: each filter and its bias are
 * scaled as the map would be. The nodes that compute the scaled filters depend on parameters alone, so an engine runs them only when
 * those change. A training graph, whose parameters change at each run, is not rewritten.
 */
public final class FoldNormalization {
  private final Graph graph;
  private final int[] readers;

  /** The convolutions so far, by node, with their rewritten inputs. */
  private final IdentityHashMap<Node, List<Value>> convolutions = new IdentityHashMap<>();

  private FoldNormalization(Graph graph) {
    this.graph = graph;
    this.readers = new int[graph.nodes().size()];
    graph.nodes().forEach(node -> node.inputs().forEach(v -> readers[v.id()]++));
    graph.outputs().values().forEach(v -> readers[v.id()]++);
  }

  public static Graph apply(Graph graph) {
    return Gradients.areIn(graph) ? graph : Rewrite.replay(graph, new FoldNormalization(graph)::node);
  }

  private Optional<Value> node(GraphBuilder g, Node node, List<Value> in) {
    return switch (node.op()) {
      case Op.Conv _ -> {
        convolutions.put(node, in);
        yield Optional.empty();
      }
      case Op.BatchNormalization(float epsilon, _) when canFold(node) -> Optional.of(folded(g, node, in, epsilon));
      default -> Optional.empty();
    };
  }

  private boolean canFold(Node normalization) {
    Value x = normalization.inputs().getFirst();
    return graph.at(x).op() instanceof Op.Conv
        && readers[x.id()] == 1
        && isParameter(graph.at(x).inputs().get(1))
        && normalization.inputs().stream().skip(1).allMatch(this::isParameter);
  }

  private boolean isParameter(Value value) {
    return graph.at(value).op() instanceof Op.Param;
  }

  private Value folded(GraphBuilder g, Node normalization, List<Value> in, float epsilon) {
    Node conv = graph.at(normalization.inputs().getFirst());
    List<Value> convIn = convolutions.getOrDefault(conv, List.of());
    Value inverse = g.op(new Op.Pow(-0.5f), g.add(in.get(4), g.number(epsilon)));
    Value factor = g.mul(in.get(1), inverse);
    Value weight = g.mul(convIn.get(1), g.op(Op.Reshape.image(Shape.of(1, 1, 1)), factor));
    Value mean = g.mul(in.get(3), g.number(-1));
    Value shift = convIn.size() == 3 ? g.add(convIn.get(2), mean) : mean;
    Value bias = g.add(g.mul(shift, factor), in.get(2));
    return g.at(conv.path(), () -> g.op(conv.op(), convIn.getFirst(), weight, bias));
  }
}
