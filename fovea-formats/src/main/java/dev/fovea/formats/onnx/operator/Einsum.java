package dev.fovea.formats.onnx.operator;

import dev.fovea.format.Quote;
import dev.fovea.formats.onnx.call.Call;
import dev.fovea.formats.onnx.call.Compose;
import dev.fovea.formats.onnx.call.Refusal;
import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Dim;
import dev.fovea.graph.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Einstein's sums, as products of matrices, two operands at a time. An axis has a letter, those of an ellipsis have numbers. */
final class Einsum {
  private static final int ELLIPSIS = 1 << 20;

  private final Compose g;

  private Einsum(Compose g) {
    this.g = g;
  }

  /** A value and the letters of its axes. */
  private record Term(Value value, List<Integer> labels) {}

  static Value apply(Call c) {
    String equation = c.node().text("equation", "").replace(" ", "");
    String[] sides = equation.split("->", -1);
    String[] inputs = sides[0].split(",", -1);
    if (sides.length > 2 || inputs.length != c.count()) {
      throw new Refusal("equation " + Quote.quote(equation) + " does not fit " + c.count() + " operands");
    }
    List<Term> terms = new ArrayList<>();
    for (int i = 0; i < inputs.length; i++) {
      List<Integer> labels = labels(inputs[i], c.shape(i).rank());
      if (labels.size() != c.shape(i).rank() || new HashSet<>(labels).size() != labels.size()) {
        throw new Refusal("expects a letter for each axis of " + c.shape(i) + ", each once, got " + Quote.quote(inputs[i]));
      }
      terms.add(new Term(c.value(i), labels));
    }
    return new Einsum(c.g()).sum(terms, sides.length == 2 ? result(sides[1], terms) : implicit(terms));
  }

  private static List<Integer> labels(String text, int rank) {
    int dots = text.indexOf("...");
    if (!text.replace("...", "").chars().allMatch(Character::isLetter)) {
      throw new Refusal("expects letters, got " + Quote.quote(text));
    }
    List<Integer> labels = new ArrayList<>(text.replace("...", "").chars().boxed().toList());
    int more = rank - labels.size();
    for (int i = 0; dots >= 0 && i < more; i++) {
      labels.add(dots + i, ELLIPSIS - more + i);
    }
    return labels;
  }

  private static List<Integer> ellipsis(List<Term> terms) {
    return terms.stream().flatMap(term -> term.labels.stream()).filter(label -> label > Character.MAX_VALUE).distinct().sorted()
        .toList();
  }

  private static List<Integer> result(String text, List<Term> terms) {
    int more = text.contains("...") ? ellipsis(terms).size() : 0;
    return labels(text, text.replace("...", "").length() + more);
  }

  /** Without a result given: the ellipsis, then all letters that occur once, in the alphabet's order. */
  private static List<Integer> implicit(List<Term> terms) {
    List<Integer> all = terms.stream().flatMap(term -> term.labels.stream()).toList();
    List<Integer> out = new ArrayList<>(ellipsis(terms));
    all.stream().filter(label -> label < ELLIPSIS / 2 && all.indexOf(label) == all.lastIndexOf(label)).sorted().forEach(out::add);
    return out;
  }

  private Value sum(List<Term> terms, List<Integer> out) {
    Term all = terms.getFirst();
    for (int i = 1; i < terms.size(); i++) {
      Set<Integer> later = new HashSet<>(out);
      terms.subList(i + 1, terms.size()).forEach(term -> later.addAll(term.labels));
      all = product(all, terms.get(i), later);
    }
    Term kept = summed(all, new HashSet<>(out));
    if (kept.labels.size() != out.size() || !kept.labels.containsAll(out)) {
      throw new Refusal("expects each letter of the result in an operand, once");
    }
    return g.transpose(kept.value, out.stream().map(kept.labels::indexOf).toList());
  }

  /** Sums over the axes that nothing else uses. */
  private Term summed(Term term, Set<Integer> useful) {
    List<Integer> gone =
        IntStream.range(0, term.labels.size()).filter(axis -> !useful.contains(term.labels.get(axis))).boxed().toList();
    return new Term(g.squeeze(g.sum(term.value, gone), gone), term.labels.stream().filter(useful::contains).toList());
  }

  /**
   * The product of two operands, summed over the letters that only they have. Of the letters of one operand alone the last is the
   * row or the column of a matrix; the others broadcast, as do the letters of both that are kept.
   */
  private Term product(Term left, Term right, Set<Integer> later) {
    Term a = summed(left, union(later, right.labels));
    Term b = summed(right, union(later, left.labels));
    List<Integer> inner = a.labels.stream().filter(label -> b.labels.contains(label) && !later.contains(label)).toList();
    List<Integer> batch =
        new ArrayList<>(a.labels.stream().filter(label -> b.labels.contains(label) && later.contains(label)).toList());
    List<Integer> rows = a.labels.stream().filter(label -> !b.labels.contains(label)).toList();
    List<Integer> columns = b.labels.stream().filter(label -> !a.labels.contains(label)).toList();
    List<Integer> row = rows.subList(Math.max(0, rows.size() - 1), rows.size());
    List<Integer> column = columns.subList(Math.max(0, columns.size() - 1), columns.size());
    batch.addAll(rows.subList(0, rows.size() - row.size()));
    batch.addAll(columns.subList(0, columns.size() - column.size()));
    Value product = g.op(new Op.MatMul(), matrices(a, batch, row, inner), matrices(b, batch, inner, column));
    List<Integer> labels = new ArrayList<>(batch);
    List<Dim> dims = new ArrayList<>(IntStream.range(0, batch.size()).<Dim>mapToObj(Dim.Axis::new).toList());
    row.forEach(label -> dims.add(new Dim.Axis(batch.size())));
    column.forEach(label -> dims.add(new Dim.Axis(batch.size() + 1)));
    labels.addAll(row);
    labels.addAll(column);
    return new Term(g.reshape(product, dims), labels);
  }

  private static Set<Integer> union(Set<Integer> a, List<Integer> b) {
    Set<Integer> all = new HashSet<>(a);
    all.addAll(b);
    return all;
  }

  /** {@code [batch..., rows, columns]}: axes that the operand lacks have size 1, several of the rows or columns become one. */
  private Value matrices(Term term, List<Integer> batch, List<Integer> rows, List<Integer> columns) {
    List<Integer> order = new ArrayList<>(batch.stream().filter(term.labels::contains).toList());
    int leading = order.size();
    order.addAll(rows);
    order.addAll(columns);
    Value turned = g.transpose(term.value, order.stream().map(term.labels::indexOf).toList());
    List<Dim> dims = new ArrayList<>();
    int next = 0;
    for (int label : batch) {
      dims.add(term.labels.contains(label) ? new Dim.Axis(next++) : new Dim.Size(1));
    }
    dims.add(side(rows.size(), leading));
    dims.add(side(columns.size(), leading + rows.size()));
    return g.reshape(turned, dims);
  }

  private static Dim side(int axes, int first) {
    return axes == 0 ? new Dim.Size(1) : axes == 1 ? new Dim.Axis(first) : new Dim.Rest();
  }
}
