package dev.fovea.model;

import dev.fovea.graph.Graph;
import dev.fovea.graph.Init;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * A network at a glance: what each operator makes of one image, what it costs and how much of the image it sees.
 *
 * @param input the image, without the batch axis
 * @param rows the operators in the graph's order; what is computed from parameters alone is part of the operator that reads it
 * @param heads parameters of the auxiliary classifiers, which prediction leaves out
 */
public record Summary(Shape input, List<Row> rows, long heads) {
  /**
   * One operator.
   *
   * @param layer the layer's path; empty outside of any
   * @param operator its name, and its window where it has one
   * @param output the shape of what comes out, without the batch axis
   * @param trainable numbers that training changes, counted where they are first used; of a weight that a frozen table of zeros and
   *     ones masks only those that are connected, and the table is none
   * @param frozen numbers that it does not
   * @param multiplyAdds of the convolutions and matrix products, for one image, biases left out
   * @param receptiveField pixels of the input, along its height, that one output reads, the padding's included
   * @param jump pixels of the input from one output to the next
   */
  public record Row(
      String layer,
      String operator,
      Shape output,
      long trainable,
      long frozen,
      long multiplyAdds,
      long receptiveField,
      long jump) {}

  public Summary {
    rows = List.copyOf(rows);
  }

  /** Of a model's forward graph, {@link Model#graphOf} or {@link Model#graph}. */
  public static Summary of(Graph graph) {
    List<Row> rows = new ArrayList<>();
    List<Field> fields = new ArrayList<>();
    Set<Value> counted = new HashSet<>();
    boolean[] fixed = new boolean[graph.nodes().size()];
    for (int i = 0; i < fixed.length; i++) {
      Node node = graph.nodes().get(i);
      fixed[i] = !(node.op() instanceof Op.Input) && node.inputs().stream().allMatch(v -> fixed[v.id()]);
      Field field = fixed[i] ? Field.NOTHING : field(graph, node, fields);
      fields.add(field);
      if (!fixed[i] && !(node.op() instanceof Op.Input)) {
        rows.add(row(graph, node, field, numbers(graph, node, fixed, counted)));
      }
    }
    Summary all = new Summary(graph.inputs().getFirst().shape().withoutBatch(), rows, 0);
    return graph.heads().isEmpty()
        ? all
        : new Summary(all.input, rows, all.parameters() - of(Rewrite.inference(graph)).parameters());
  }

  private static Row row(Graph graph, Node node, Field field, Numbers numbers) {
    Shape output = node.shape().rank() == 0 ? node.shape() : node.shape().withoutBatch();
    return new Row(
        node.path(), operator(node.op()), output, numbers.trainable, numbers.frozen, work(graph, node), field.size, field.jump);
  }

  private record Numbers(long trainable, long frozen) {
    Numbers plus(Numbers other) {
      return new Numbers(trainable + other.trainable, frozen + other.frozen);
    }
  }

  /** Of the parameters from which a node's inputs are made and that nobody counted before. */
  private static Numbers numbers(Graph graph, Node node, boolean[] fixed, Set<Value> counted) {
    Numbers sum = new Numbers(0, 0);
    Deque<Node> open = new ArrayDeque<>(List.of(node));
    while (!open.isEmpty()) {
      for (Value input : open.pop().inputs()) {
        if (fixed[input.id()] && counted.add(input)) {
          Node source = graph.at(input);
          Optional<Numbers> own = own(graph, source, counted);
          sum = own.map(sum::plus).orElse(sum);
          if (own.isEmpty()) {
            open.push(source);
          }
        }
      }
    }
    return sum;
  }

  /** What a parameter has; of one that is masked by ones, those that the mask leaves. */
  private static Optional<Numbers> own(Graph graph, Node node, Set<Value> counted) {
    if (node.op() instanceof Op.Param param) {
      long size = param.shape().size();
      return Optional.of(param.trainable() ? new Numbers(size, 0) : new Numbers(0, size));
    }
    if (node.op() instanceof Op.Mul
        && graph.at(node.inputs().getFirst()).op() instanceof Op.Param weight && weight.trainable()
        && graph.at(node.inputs().getLast()).op() instanceof Op.Param(_, Shape table, Init.Ones ones, boolean trained)
        && !trained) {
      boolean first = counted.add(node.inputs().getFirst());
      return Optional.of(new Numbers(first ? (long) weight.shape().size() / table.size() * ones.indices().size() : 0, 0));
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

  /** Each output of a convolution, and each input of a transposed one, takes a filter's worth of multiply-adds. */
  private static long work(Graph graph, Node node) {
    long batch = node.shape().rank() == 0 ? 1 : node.shape().dim(0);
    return switch (node.op()) {
      case Op.Conv _ -> node.shape().size() / batch * operand(graph, node, 1).sizeFrom(1);
      case Op.ConvTranspose _ -> operand(graph, node, 0).size() / batch * operand(graph, node, 1).sizeFrom(1);
      case Op.Gemm(boolean ta, _) -> node.shape().size() / batch * operand(graph, node, 0).dim(ta ? 0 : 1);
      default -> 0;
    };
  }

  private static Shape operand(Graph graph, Node node, int index) {
    return graph.at(node.inputs().get(index)).shape();
  }

  /**
   * What one number sees of the image, along its height.
   *
   * @param rows how many of such numbers a flattened map has one above the other; 1 where nothing was flattened
   */
  private record Field(long size, long jump, long rows) {
    /** Larger than any image; products of it with a window's sizes still fit. */
    static final long MOST = 1L << 31;

    static final Field PIXEL = new Field(1, 1, 1);
    static final Field NOTHING = new Field(0, 1, 1);

    /** {@code r' = r + (extent - 1) * jump, jump' = jump * stride}. */
    Field through(Window w) {
      return new Field(Math.min(MOST, size + (w.extentH() - 1) * jump), Math.min(MOST, jump * w.strideH()), rows);
    }

    /** Of the inputs that a transposed window's outputs lie between. */
    Field back(Window w) {
      long inputs = (w.extentH() + w.strideH() - 1L) / w.strideH();
      return new Field(size + (inputs - 1) * jump, Math.max(1, jump / w.strideH()), rows);
    }

    /** All of a flattened map at once, as a convolution of the map's size. */
    Field all() {
      return new Field(size + (rows - 1) * jump, jump, 1);
    }
  }

  private static Field field(Graph graph, Node node, List<Field> before) {
    if (node.op() instanceof Op.Input) {
      return Field.PIXEL;
    }
    Field first = before.get(node.inputs().getFirst().id());
    return switch (node.op()) {
      case Op.Conv(Window w, _) -> first.through(w);
      case Op.MaxPool(Window w) -> first.through(w);
      case Op.AveragePool(Window w, _) -> first.through(w);
      case Op.ConvTranspose t -> first.back(t.window());
      case Op.Flatten _ -> {
        Shape map = operand(graph, node, 0);
        yield map.rank() == 4 ? new Field(first.size, first.jump, map.dim(2)) : first;
      }
      case Op.Gemm _ -> first.all();
      default -> node.inputs().stream().map(v -> before.get(v.id())).reduce(first, (a, b) -> a.size >= b.size ? a : b);
    };
  }

  /** All numbers, trained or not. */
  public long parameters() {
    return trainable() + frozen();
  }

  /** Numbers that training changes. */
  public long trainable() {
    return rows.stream().mapToLong(Row::trainable).sum();
  }

  /** Numbers that it does not. */
  public long frozen() {
    return rows.stream().mapToLong(Row::frozen).sum();
  }

  /** Of one image. */
  public long multiplyAdds() {
    return rows.stream().mapToLong(Row::multiplyAdds).sum();
  }

  /** The table, for people. */
  @Override
  public String toString() {
    int layer = rows.stream().mapToInt(r -> r.layer.length()).max().orElse(0);
    int operator = rows.stream().mapToInt(r -> r.operator.length()).max().orElse(0);
    String format = "%-" + Math.max(5, layer) + "s  %-" + Math.max(8, operator) + "s  %12s  %12s  %14s  %9s  %6s%n";
    StringBuilder text = new StringBuilder();
    text.append(line(format, "layer", "operator", "output", "parameters", "multiply-adds", "field", "jump"));
    text.append(line(format, "input", "", input, "", "", "1", "1"));
    for (Row r : rows) {
      text.append(line(format, r.layer, r.operator, r.output, counted(r.trainable + r.frozen), counted(r.multiplyAdds),
          r.receptiveField, r.jump));
    }
    text.append(String.format(Locale.ROOT, "%n%,d parameters", parameters()));
    text.append(
        frozen() == 0 ? ", all trainable" : String.format(Locale.ROOT, ", %,d trainable and %,d frozen", trainable(), frozen()));
    if (heads > 0) {
      text.append(
          String.format(Locale.ROOT, "%n%,d without the auxiliary heads, which prediction leaves out", parameters() - heads));
    }
    return text.append(String.format(Locale.ROOT, "%n%,d multiply-adds an image%n", multiplyAdds())).toString();
  }

  private static String line(String format, Object... cells) {
    return String.format(Locale.ROOT, format, cells).stripTrailing() + System.lineSeparator();
  }

  private static String counted(long number) {
    return number == 0 ? "" : String.format(Locale.ROOT, "%,d", number);
  }
}
