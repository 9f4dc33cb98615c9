package dev.fovea.explain;

import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.model.Model;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A network's graph, forward and, by any rule, backward, to which a method appends what it computes.
 *
 * @param g the graph, which begins with the network's nodes
 * @param input the images {@code N x C x H x W}
 * @param output the network's outputs
 * @param weights an input of the output's shape: what the reverse pass begins with
 */
public record Pass(GraphBuilder g, Graph network, Value input, Value output, Value weights) {
  /** The name of the input that holds an {@link Answer}'s weights. */
  public static final String WEIGHTS = "weights";

  /** The graph of a pass, with a batch of one size. */
  public static Pass of(Graph network) {
    GraphBuilder g = new GraphBuilder();
    Rewrite.replayInto(g, network, (_, _, _) -> Optional.empty());
    Value output = network.output(Model.OUTPUT);
    Value input = IntStream.range(0, network.nodes().size()).mapToObj(Value::new)
        .filter(value -> network.at(value).op() instanceof Op.Input).findFirst().orElseThrow();
    return new Pass(g, network, input, output, g.input(WEIGHTS, g.shape(output)));
  }

  /**
   * What a reverse pass brings to a value.
   *
   * @param seed what the output receives
   * @throws InapplicableMethodException if there is an operator without a derivative on the way
   */
  public Value reverse(Value seed, Value to, Gradients.Rule rule) {
    Map<Value, Value> reached = Gradients.of(g, output, seed, List.of(to), rule);
    Value brought = reached.get(to);
    if (brought == null) {
      throw new InapplicableMethodException(ended(to, reached));
    }
    return brought;
  }

  /** Why no derivative of the score reaches a value; empty if one does. */
  public Optional<String> obstacle(Value to) {
    Map<Value, Value> reached = Gradients.of(g, output, weights, List.of(to), Gradients.Rule.DERIVATIVE);
    return reached.containsKey(to) ? Optional.empty() : Optional.of(ended(to, reached));
  }

  /** The first node that a reverse pass reaches and passes nothing on from. */
  private String ended(Value to, Map<Value, Value> reached) {
    boolean[] after = new boolean[network.nodes().size()];
    after[to.id()] = true;
    for (int i = 0; i < after.length; i++) {
      boolean ends = false;
      for (Value in : network.nodes().get(i).inputs()) {
        after[i] |= after[in.id()];
        ends |= after[in.id()] && !reached.containsKey(in);
      }
      if (ends && reached.containsKey(new Value(i))) {
        Node node = network.nodes().get(i);
        return node.where() + ": " + node.op().type()
            + " has no derivative; before a network is quantised it has";
      }
    }
    return network.at(to).where() + ": the score does not depend on it";
  }

  /** The derivatives of the score by a value and by all that lies between them, by value. */
  public Map<Value, Value> gradients(Value of) {
    return Gradients.of(g, output, weights, List.of(of), Gradients.Rule.DERIVATIVE);
  }

  /** What back-propagation by another rule brings from the score to a value. */
  public Value gradient(Value of, Gradients.Rule rule) {
    return reverse(weights, of, rule);
  }

  /** The derivative of the score. */
  public Value gradient(Value of) {
    return gradient(of, Gradients.Rule.DERIVATIVE);
  }
}
