package dev.fovea.probe;

import dev.fovea.graph.Backends;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Program;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.SharedWorkspace;
import dev.fovea.graph.Value;
import dev.fovea.graph.Workspace;
import dev.fovea.graph.Workspace.Slot;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Where values that are not finite come from.
 *
 * @param what the parameter, or the first node of the graph, in words
 * @param row the image of the batch, if some images have only finite values there
 */
public record NonFinite(String what, OptionalInt row) {
  /** How a forward pass is repeated. */
  public record Pass(Parameters parameters, int threads, SharedWorkspace memory, long bytes, Consumer<Workspace> fill) {}

  /** The first parameter that has such a value. */
  public static Optional<NonFinite> among(Parameters parameters, float[] values) {
    return parameters.entries().stream()
        .filter(entry -> !isFinite(values, entry.offset(), entry.shape().size()))
        .map(entry -> new NonFinite("parameter " + entry.name(), OptionalInt.empty()))
        .findFirst();
  }

  /**
   * Repeats a forward pass with the values of all nodes as outputs, part by part so that it fits into the memory.
   *
   * @param graph a forward graph for a batch
   * @return the first parameter, input or node in the graph's order; empty if all are finite
   */
  public static Optional<NonFinite> in(Graph graph, Pass pass) {
    Optional<NonFinite> parameter = among(pass.parameters, pass.parameters.values());
    if (parameter.isPresent()) {
      return parameter;
    }
    int batch = graph.inputs().getFirst().shape().dim(0);
    for (int from = 0; from < graph.nodes().size();) {
      int to = graph.nodes().size();
      Program program = program(graph, from, to, pass);
      while (to - from > 1 && program.workspaceBytes() > pass.bytes) {
        to = from + (to - from) / 2;
        program = program(graph, from, to, pass);
      }
      Optional<NonFinite> found = in(graph, from, to, batch, run(program, pass));
      if (found.isPresent()) {
        return found;
      }
      from = to;
    }
    return Optional.empty();
  }

  private static Program program(Graph graph, int from, int to, Pass pass) {
    GraphBuilder g = new GraphBuilder();
    List<Value> values = Rewrite.replayInto(g, graph, (_, _, _) -> Optional.empty());
    for (int i = from; i < to; i++) {
      if (isComputed(graph.nodes().get(i))) {
        g.output(String.valueOf(i), values.get(i));
      }
    }
    // inputs that no output needs are filled all the same
    graph.outputs().forEach((name, value) -> g.output("whole " + name, values.get(value.id())));
    return Backends.find().compile(g.build(), pass.parameters, pass.threads);
  }

  private static boolean isComputed(Node node) {
    return !(node.op() instanceof Op.Param || node.op() instanceof Op.Fill);
  }

  private static Workspace run(Program program, Pass pass) {
    Workspace workspace = pass.memory.workspace(program);
    pass.fill.accept(workspace);
    program.run(workspace);
    return workspace;
  }

  private static Optional<NonFinite> in(Graph graph, int from, int to, int batch, Workspace workspace) {
    for (int i = from; i < to; i++) {
      Node node = graph.nodes().get(i);
      if (isComputed(node)) {
        Slot slot = workspace.output(String.valueOf(i));
        if (!isFinite(slot.array(), slot.offset(), slot.shape().size())) {
          return Optional.of(new NonFinite(what(node), row(slot, batch)));
        }
      }
    }
    return Optional.empty();
  }

  private static String what(Node node) {
    return switch (node.op()) {
      case Op.Input(String name, _, _) -> "input " + name;
      default -> "output of " + node.where() + (node.path().isEmpty() ? "" : " (" + node.op().type() + ")");
    };
  }

  private static OptionalInt row(Slot slot, int batch) {
    if (slot.shape().rank() == 0 || slot.shape().dim(0) != batch) {
      return OptionalInt.empty();
    }
    int size = slot.shape().sizeFrom(1);
    OptionalInt first = OptionalInt.empty();
    int wrong = 0;
    for (int row = batch - 1; row >= 0; row--) {
      if (!isFinite(slot.array(), slot.offset() + row * size, size)) {
        first = OptionalInt.of(row);
        wrong++;
      }
    }
    return wrong < batch ? first : OptionalInt.empty();
  }

  private static boolean isFinite(float[] values, int from, int count) {
    for (int i = from; i < from + count; i++) {
      if (!Float.isFinite(values[i])) {
        return false;
      }
    }
    return true;
  }
}
