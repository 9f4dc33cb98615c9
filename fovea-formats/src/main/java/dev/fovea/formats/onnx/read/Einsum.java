package dev.fovea.formats.onnx.read;

import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Dim;
import dev.fovea.graph.Value;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Einstein's sums of one or two operands, as products of matrices. */
final class Einsum {
  private Einsum() {}

  static Value apply(Call c) {
    String equation = c.node().text("equation", "").replace(" ", "");
    String[] sides = equation.split("->", -1);
    String[] inputs = sides[0].split(",", -1);
    boolean letters = equation.chars().allMatch(ch -> Character.isLetter(ch) || ch == ',' || ch == '-' || ch == '>');
    if (sides.length != 2 || !letters || inputs.length != c.count() || inputs.length > 2) {
      throw new Refusal("equation '" + equation + "' is not supported, only letters of one or two operands and a result");
    }
    Compose g = c.g();
    List<Integer> out = sides[1].chars().boxed().toList();
    List<Integer> left = labels(c, 0, inputs[0]);
    if (inputs.length == 1) {
      return ordered(g, summed(g, c.value(0), left, Set.copyOf(out)), kept(left, Set.copyOf(out)), out);
    }
    List<Integer> right = labels(c, 1, inputs[1]);
    Set<Integer> useful = new LinkedHashSet<>(out);
    useful.addAll(right);
    Value a = summed(g, c.value(0), left, useful);
    List<Integer> inA = kept(left, useful);
    useful = new LinkedHashSet<>(out);
    useful.addAll(left);
    Value b = summed(g, c.value(1), right, useful);
    List<Integer> inB = kept(right, useful);
    List<Integer> batch = inA.stream().filter(l -> inB.contains(l) && out.contains(l)).toList();
    List<Integer> inner = inA.stream().filter(l -> inB.contains(l) && !out.contains(l)).toList();
    List<Integer> rows = inA.stream().filter(l -> !inB.contains(l)).toList();
    List<Integer> columns = inB.stream().filter(l -> !inA.contains(l)).toList();
    if (inner.size() > 1 || rows.size() > 1 || columns.size() > 1) {
      throw new Refusal("equation '" + equation + "' is not supported: it is no product of matrices");
    }
    // [batch..., row, inner] x [batch..., inner, column]; absent axes have size 1
    Value product = g.op(new Op.MatMul(), matrix(g, a, inA, batch, rows, inner), matrix(g, b, inB, batch, inner, columns));
    List<Integer> labels = new ArrayList<>(batch);
    List<Dim> dims = new ArrayList<>(IntStream.range(0, batch.size()).<Dim>mapToObj(Dim.Axis::new).toList());
    if (!rows.isEmpty()) {
      labels.addAll(rows);
      dims.add(new Dim.Axis(batch.size()));
    }
    if (!columns.isEmpty()) {
      labels.addAll(columns);
      dims.add(new Dim.Axis(batch.size() + 1));
    }
    return ordered(g, g.reshape(product, dims), labels, out);
  }

  private static List<Integer> labels(Call c, int index, String text) {
    List<Integer> labels = text.chars().boxed().toList();
    if (labels.size() != c.shape(index).rank() || labels.stream().distinct().count() != labels.size()) {
      throw new Refusal("expects a letter for each axis of " + c.shape(index) + ", each once, got '" + text + "'");
    }
    return labels;
  }

  private static List<Integer> kept(List<Integer> labels, Set<Integer> useful) {
    return labels.stream().filter(useful::contains).toList();
  }

  /** Sums over the axes that nothing else uses. */
  private static Value summed(Compose g, Value x, List<Integer> labels, Set<Integer> useful) {
    List<Integer> gone = IntStream.range(0, labels.size()).filter(axis -> !useful.contains(labels.get(axis))).boxed().toList();
    return g.squeeze(g.sum(x, gone), gone);
  }

  private static Value ordered(Compose g, Value x, List<Integer> labels, List<Integer> out) {
    if (labels.size() != out.size() || !labels.containsAll(out)) {
      throw new Refusal("expects each letter of the result in an operand");
    }
    return g.transpose(x, out.stream().map(labels::indexOf).toList());
  }

  private static Value matrix(Compose g, Value x, List<Integer> labels, List<Integer> batch, List<Integer> rows,
      List<Integer> columns) {
    List<Integer> order = new ArrayList<>(batch);
    order.addAll(rows);
    order.addAll(columns);
    Value turned = g.transpose(x, order.stream().map(labels::indexOf).toList());
    List<Dim> dims = new ArrayList<>(IntStream.range(0, batch.size()).<Dim>mapToObj(Dim.Axis::new).toList());
    dims.add(rows.isEmpty() ? new Dim.Size(1) : new Dim.Axis(batch.size()));
    dims.add(columns.isEmpty() ? new Dim.Size(1) : new Dim.Axis(batch.size() + rows.size()));
    return g.reshape(turned, dims);
  }
}
