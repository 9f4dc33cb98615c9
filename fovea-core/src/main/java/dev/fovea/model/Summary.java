package dev.fovea.model;

import dev.fovea.graph.Graph;
import dev.fovea.graph.Init;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.ReceptiveFields;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A summary of a network: the output shape of each operator for one image, its cost and its receptive field.
 *
 * @param inputs the inputs by name, without the batch axis: of most networks one image
 * @param rows the operators in the graph's order; an operator on parameters only is counted with the operator that reads it
 * @param heads parameters of the auxiliary classifiers, which inference removes
 */
public record Summary(Map<String, Shape> inputs, List<Row> rows, long heads) {
  /**
   * One operator.
   *
   * @param layer the layer's path; empty outside of any
   * @param operator its name, and its window if it has one
   * @param output the output shape, without the batch axis
   * @param trainable the number of trainable parameters, counted at their first use; of a weight that is masked by a frozen table
   *     of zeros and ones only the connected ones count, and the table does not count
   * @param frozen the number of parameters that training does not change
   * @param multiplyAdds of the convolutions and matrix products, for one image, without biases
   * @param receptiveField pixels of the input, along its height, that an output in the middle reads, the padding's included
   * @param jump pixels of the input from one output to the next; 0 if all read the same
   */
  public record Row(
      String layer,
      String operator,
      Shape output,
      long trainable,
      long frozen,
      long multiplyAdds,
      long receptiveField,
      double jump) {}

  public Summary {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    rows = List.copyOf(rows);
  }

  /** The first input, without the batch axis. */
  public Shape input() {
    return inputs.values().iterator().next();
  }

  /** The summary of a model's forward graph, {@link Model#graphOf} or {@link Model#graph}. */
  public static Summary of(Graph graph) {
    List<Row> rows = new ArrayList<>();
    ReceptiveFields fields = ReceptiveFields.of(graph);
    Set<Value> counted = new HashSet<>();
    boolean[] fixed = new boolean[graph.nodes().size()];
    for (int i = 0; i < fixed.length; i++) {
      Node node = graph.nodes().get(i);
      fixed[i] = !(node.op() instanceof Op.Input) && node.inputs().stream().allMatch(v -> fixed[v.id()]);
      if (!fixed[i] && !(node.op() instanceof Op.Input)) {
        rows.add(row(graph, node, fields.middle(new Value(i)), counts(graph, node, fixed, counted)));
      }
    }
    Map<String, Shape> inputs = new LinkedHashMap<>();
    graph.inputs().forEach(input -> inputs.put(input.name(), input.shape().withoutBatch()));
    Summary all = new Summary(inputs, rows, 0);
    return graph.heads().isEmpty()
        ? all
        : new Summary(inputs, rows, all.parameters() - of(Rewrite.inference(graph)).parameters());
  }

  private static Row row(Graph graph, Node node, ReceptiveFields.Middle field, Counts counts) {
    return new Row(
        node.path(), operator(node.op()), node.shape().withoutBatch(), counts.trainable, counts.frozen, multiplyAdds(graph, node),
        field.rows().size(), field.jump());
  }

  private record Counts(long trainable, long frozen) {
    Counts plus(Counts other) {
      return new Counts(trainable + other.trainable, frozen + other.frozen);
    }
  }

  /** Counts the parameters that a node's inputs are computed from, except those already counted. */
  private static Counts counts(Graph graph, Node node, boolean[] fixed, Set<Value> counted) {
    Counts sum = new Counts(0, 0);
    Deque<Node> open = new ArrayDeque<>(List.of(node));
    while (!open.isEmpty()) {
      for (Value input : open.pop().inputs()) {
        if (fixed[input.id()] && counted.add(input)) {
          Node source = graph.at(input);
          Optional<Counts> own = own(graph, source, counted);
          sum = own.map(sum::plus).orElse(sum);
          if (own.isEmpty()) {
            open.push(source);
          }
        }
      }
    }
    return sum;
  }

  /** The count of a parameter; of a parameter masked by ones, only the elements that the mask keeps. */
  private static Optional<Counts> own(Graph graph, Node node, Set<Value> counted) {
    if (node.op() instanceof Op.Param param) {
      long size = param.shape().size();
      return Optional.of(param.trainable() ? new Counts(size, 0) : new Counts(0, size));
    }
    if (node.op() instanceof Op.Mul
        && graph.at(node.inputs().getFirst()).op() instanceof Op.Param weight && weight.trainable()
        && graph.at(node.inputs().getLast()).op() instanceof Op.Param(_, Shape table, Init.Ones ones, boolean trained)
        && !trained) {
      boolean first = counted.add(node.inputs().getFirst());
      return Optional.of(new Counts(first ? (long) weight.shape().size() / table.size() * ones.indices().size() : 0, 0));
    }
    return Optional.empty();
  }

  private static String operator(Op op) {
    Optional<Window> window = switch (op) {
      case Op.Conv(Window w, _) -> Optional.of(w);
      case Op.ConvTranspose t -> Optional.of(t.window());
      case Op.MaxPool(Window w) -> Optional.of(w);
      case Op.AveragePool(Window w, _) -> Optional.of(w);
      default -> Optional.empty();
    };
    String groups = op instanceof Op.Conv(_, int n) && n > 1 ? " groups " + n : "";
    return op.type() + window.map(w -> " " + w).orElse("") + groups;
  }

  /** Each output of a convolution, and each input of a transposed one, needs one multiply-add per weight of a filter. */
  private static long multiplyAdds(Graph graph, Node node) {
    long batch = node.shape().rank() == 0 ? 1 : node.shape().dim(0);
    return switch (node.op()) {
      case Op.Conv _ -> node.shape().size() / batch * operand(graph, node, 1).sizeFrom(1);
      case Op.ConvTranspose _ -> operand(graph, node, 0).size() / batch * operand(graph, node, 1).sizeFrom(1);
      case Op.MatMul _ -> node.shape().size() / batch * operand(graph, node, 0).dim(operand(graph, node, 0).rank() - 1);
      case Op.Gemm(boolean ta, _) -> node.shape().size() / batch * operand(graph, node, 0).dim(ta ? 0 : 1);
      default -> 0;
    };
  }

  private static Shape operand(Graph graph, Node node, int index) {
    return graph.at(node.inputs().get(index)).shape();
  }

  /** The number of all parameters, trainable or not. */
  public long parameters() {
    return trainable() + frozen();
  }

  /** The number of trainable parameters. */
  public long trainable() {
    return rows.stream().mapToLong(Row::trainable).sum();
  }

  /** The number of parameters that training does not change. */
  public long frozen() {
    return rows.stream().mapToLong(Row::frozen).sum();
  }

  /** Multiply-adds for one image. */
  public long multiplyAdds() {
    return rows.stream().mapToLong(Row::multiplyAdds).sum();
  }

  /** The table as text. */
  @Override
  public String toString() {
    int layer = rows.stream().mapToInt(r -> r.layer.length()).max().orElse(0);
    int operator = rows.stream().mapToInt(r -> r.operator.length()).max().orElse(0);
    String format = "%-" + Math.max(5, layer) + "s  %-" + Math.max(8, operator) + "s  %12s  %12s  %14s  %9s  %6s%n";
    StringBuilder text = new StringBuilder();
    text.append(line(format, "layer", "operator", "output", "parameters", "multiply-adds", "field", "jump"));
    inputs.forEach((name, shape) -> text.append(
        line(format, "input", inputs.size() == 1 ? "" : name, shape, "", "", "1", "1")));
    for (Row r : rows) {
      text.append(line(format, r.layer, r.operator, r.output, counted(r.trainable + r.frozen), counted(r.multiplyAdds),
          r.receptiveField, pixels(r.jump)));
    }
    text.append(String.format(Locale.ROOT, "%n%,d parameters", parameters()));
    text.append(
        frozen() == 0 ? ", all trainable" : String.format(Locale.ROOT, ", %,d trainable and %,d frozen", trainable(), frozen()));
    if (heads > 0) {
      text.append(
          String.format(Locale.ROOT, "%n%,d without the auxiliary heads, which inference removes", parameters() - heads));
    }
    return text.append(String.format(Locale.ROOT, "%n%,d multiply-adds per image%n", multiplyAdds())).toString();
  }

  private static String line(String format, Object... cells) {
    return String.format(Locale.ROOT, format, cells).stripTrailing() + System.lineSeparator();
  }

  /** Nothing for no distance, and no decimals for whole pixels. */
  private static String pixels(double distance) {
    return distance == 0 ? ""
        : distance == Math.rint(distance) ? String.valueOf((long) distance)
            : String.format(Locale.ROOT, "%.3f", distance);
  }

  private static String counted(long number) {
    return number == 0 ? "" : String.format(Locale.ROOT, "%,d", number);
  }
}
