package dev.fovea.model;

import dev.fovea.graph.BatchDependence;
import dev.fovea.graph.BatchDependence.Dependence;
import dev.fovea.graph.FoldNormalization;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Program;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.graph.Workspace;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A model in the form that inference needs, for use elsewhere: without heads and dropout, with each batch normalisation folded into
 * the convolution before it, and with every tensor that depends on parameters alone computed in advance. This engine does the same
 * whenever it plans inference, so here nothing becomes faster. Outputs are the same bits.
 *
 * @param changes what was changed, in words; empty if nothing was
 */
public record Optimized(Model model, List<String> changes) {
  public Optimized {
    changes = List.copyOf(changes);
  }

  /** Optimises a copy; the given model is not changed. */
  public static Optimized of(Model model) {
    Graph inference = Rewrite.inference(model.graph());
    Graph folded = FoldNormalization.apply(inference);
    Constants constants = new Constants(folded, model.parameters());
    Graph graph = constants.replaced();
    Parameters parameters = Parameters.zeros(graph);
    for (Parameters.Entry entry : parameters.entries()) {
      constants.copy(entry, parameters.values());
    }
    List<String> changes = new ArrayList<>();
    count(changes, removed(model.graph(), inference), "node", "without effect on inference removed");
    count(changes, normalisations(inference) - normalisations(folded), "batch normalisation",
        "folded into the convolution before it");
    count(changes, constants.names.size(), "tensor", "computed in advance from parameters alone");
    return new Optimized(new Model(graph, parameters, model.card()), changes);
  }

  private static void count(List<String> changes, long count, String what, String how) {
    if (count > 0) {
      changes.add(count + " " + what + (count == 1 ? " " : "s ") + how);
    }
  }

  private static long removed(Graph before, Graph after) {
    return before.nodes().size() - (long) after.nodes().size();
  }

  private static long normalisations(Graph graph) {
    return graph.nodes().stream().filter(node -> node.op() instanceof Op.BatchNormalization).count();
  }

  /** The values that depend on parameters alone and that other nodes need, and their names as parameters. */
  private static final class Constants {
    private static final String PLACEHOLDER = "computed/";

    private final Graph graph;
    private final Parameters from;
    private final Map<Value, String> names = new LinkedHashMap<>();
    private final Workspace computed;

    Constants(Graph graph, Parameters from) {
      this.graph = graph;
      this.from = from;
      collect();
      GraphBuilder g = new GraphBuilder();
      List<Value> values = Rewrite.replayInto(g, graph, (_, _, _) -> Optional.empty());
      names.forEach((value, name) -> g.output(name, values.get(value.id())));
      Program program = Runner.compile(Rewrite.prune(g.build()), from, 1);
      computed = program.workspace();
      program.run(computed);
    }

    private void collect() {
      List<Dependence> dependences = BatchDependence.of(graph);
      List<Node> readers = graph.nodes().stream()
          .filter(node -> node.inputs().stream().anyMatch(input -> dependences.get(input.id()) != Dependence.CONSTANT)).toList();
      Set<String> taken = new HashSet<>();
      readers.forEach(reader -> reader.inputs().forEach(input -> {
        if (graph.at(input).op() instanceof Op.Param param) {
          taken.add(param.name());
        }
      }));
      for (Node reader : readers) {
        for (Value input : reader.inputs()) {
          boolean computable = dependences.get(input.id()) == Dependence.CONSTANT && !(graph.at(input).op() instanceof Op.Source);
          if (computable && !names.containsKey(input)) {
            names.put(input, unique(taken, reader, reader.inputs().indexOf(input)));
          }
        }
      }
    }

    /** As a layer names its parameters: by the reader's path and the operand's role. */
    private static String unique(Set<String> taken, Node reader, int operand) {
      String role = operand == 1 ? "weight" : operand == 2 ? "bias" : "constant";
      String base = (reader.path().isEmpty() ? "" : reader.path() + ".") + role;
      String name = base;
      for (int i = 2; !taken.add(name); i++) {
        name = base + i;
      }
      return name;
    }

    /** For each node whether it depends on a parameter that training changes. */
    private boolean[] trainable() {
      boolean[] trainable = new boolean[graph.nodes().size()];
      for (int i = 0; i < trainable.length; i++) {
        Node node = graph.nodes().get(i);
        trainable[i] =
            node.op() instanceof Op.Param param && param.trainable() || node.inputs().stream().anyMatch(in -> trainable[in.id()]);
      }
      return trainable;
    }

    /** First as inputs, since a folded weight may have the name of the parameter that it replaces. */
    Graph replaced() {
      boolean[] trainable = trainable();
      int[] next = {0};
      Map<Op, Op> parameterOf = new HashMap<>();
      Graph open = Rewrite.replay(graph, (g, _, _) -> {
        Value value = new Value(next[0]++);
        return Optional.ofNullable(names.get(value)).map(name -> {
          Shape shape = graph.at(value).shape();
          Op placeholder = new Op.Input(PLACEHOLDER + name, shape);
          parameterOf.put(placeholder, new Op.Param(name, shape, new Init.Constant(0), trainable[value.id()]));
          return g.op(placeholder);
        });
      });
      return Rewrite.replay(open, (g, node, _) -> Optional.ofNullable(parameterOf.get(node.op())).map(g::op));
    }

    void copy(Parameters.Entry entry, float[] to) {
      if (!names.containsValue(entry.name())) {
        System.arraycopy(from.values(), from.entry(entry.name()).offset(), to, entry.offset(), entry.shape().size());
      } else {
        Workspace.Slot slot = computed.output(entry.name());
        System.arraycopy(slot.array(), slot.offset(), to, entry.offset(), entry.shape().size());
      }
    }
  }
}
