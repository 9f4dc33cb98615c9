package dev.fovea.tutorial;

import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Reference;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A convolution small enough to follow by hand. Its results are computed by the graph, from {@link Op.Conv} and its {@link
 * Gradients}, with the reference implementation. The windows, products and terms show how each result is computed.
 *
 * @param input {@code [1, D, H, W]}
 * @param filters {@code [K, D, F, F]}
 * @param biases {@code [K]}
 * @param window F, the stride S and the padding P
 * @param upstream the gradient of the loss by the output, {@code [1, K, Ho, Wo]}
 */
public record WorkedExample(Values input, Values filters, Values biases, Window window, Values upstream) {
  private static final String INPUT = "x";
  private static final String FILTERS = "w";
  private static final String BIASES = "b";
  private static final String UPSTREAM = "dy";
  private static final String OUTPUT = "y";

  /** An immutable tensor of doubles, row-major. */
  public record Values(Shape shape, List<Double> values) {
    public Values {
      values = List.copyOf(values);
      if (shape.size() != values.size()) {
        throw new FoveaException("expected " + shape.size() + " values for the shape " + shape + ", got " + values.size());
      }
    }

    static Values of(Shape shape, double... values) {
      List<Double> list = new ArrayList<>(values.length);
      for (double value : values) {
        list.add(value);
      }
      return new Values(shape, list);
    }

    /** The element at these indices, one per axis. */
    public double at(int... indices) {
      int offset = 0;
      for (int axis = 0; axis < shape.rank(); axis++) {
        offset = offset * shape.dim(axis) + indices[axis];
      }
      return values.get(offset);
    }

    private double[] array() {
      return values.stream().mapToDouble(Double::doubleValue).toArray();
    }
  }

  /** One product of a sum. */
  public record Term(double left, double right) {
    public double product() {
      return left * right;
    }
  }

  /**
   * The window of one filter in one input channel at one position.
   *
   * @param terms the window's elements (left) and the filter's weights (right), row by row
   */
  public record ChannelWindow(int channel, List<Term> terms) {
    public ChannelWindow {
      terms = List.copyOf(terms);
    }

    public double sum() {
      return terms.stream().mapToDouble(Term::product).sum();
    }
  }

  /**
   * One element of the output.
   *
   * @param top the first input row of the window; negative in the padding
   * @param left the first input column of the window
   * @param value the graph's result
   */
  public record Position(int filter, int row, int column, int top, int left, List<ChannelWindow> channels, double bias,
      double value) {
    public Position {
      channels = List.copyOf(channels);
    }
  }

  /** The output {@code [1, K, Ho, Wo]}, and the computation of each of its elements. */
  public record Forward(Values output, List<Position> positions) {
    public Forward {
      positions = List.copyOf(positions);
    }
  }

  /**
   * One element of a gradient.
   *
   * @param indices its indices, without the batch axis
   * @param terms upstream gradient (left) times the local derivative (right), in the output's order
   * @param value the graph's result
   */
  public record Gradient(List<Integer> indices, List<Term> terms, double value) {
    public Gradient {
      indices = List.copyOf(indices);
      terms = List.copyOf(terms);
    }
  }

  /** The gradients of the filters, the input and the biases, each in row-major order. */
  public record Backward(List<Gradient> filters, List<Gradient> input, List<Gradient> biases) {
    public Backward {
      filters = List.copyOf(filters);
      input = List.copyOf(input);
      biases = List.copyOf(biases);
    }
  }

  /**
   * The example of tutorials: a 5x5x3 input, padding 1, two 3x3x3 filters, stride 2, so {@code Ho = (5 - 3 + 2) / 2 + 1 = 3} and
   * the output is 3x3x2; 54 weights and 2 biases.
   */
  public static WorkedExample tutorial() {
    Values input = Values.of(Shape.of(1, 3, 5, 5),
        1, 0, 2, 1, 0, //
        2, 1, 0, 0, 1, //
        0, 2, 1, 2, 0, //
        1, 1, 0, 2, 2, //
        0, 2, 1, 0, 1, //

        0, 1, 1, 2, 0, //
        2, 0, 1, 0, 2, //
        1, 2, 0, 1, 1, //
        0, 0, 2, 1, 0, //
        2, 1, 0, 2, 1, //

        2, 0, 0, 1, 2, //
        1, 1, 2, 0, 0, //
        0, 2, 0, 1, 1, //
        2, 0, 1, 0, 2, //
        1, 0, 2, 1, 0);
    Values filters = Values.of(Shape.of(2, 3, 3, 3),
        1, 0, -1, /**/ 0, 1, 1, /**/ -1, 0, 1, //
        0, -1, 1, /**/ 1, 0, 0, /**/ -1, 1, 0, //
        1, 1, 0, /**/ 0, -1, 0, /**/ 1, 0, -1, //

        0, 1, 0, /**/ -1, 1, -1, /**/ 0, 0, 1, //
        1, 0, 1, /**/ 0, -1, 1, /**/ 0, 1, -1, //
        -1, 0, 0, /**/ 1, 1, 0, /**/ 0, -1, 1);
    Values upstream = Values.of(Shape.of(1, 2, 3, 3),
        1, 0, -1, /**/ 2, 1, 0, /**/ 0, -1, 1, //
        0, 1, 1, /**/ -1, 0, 2, /**/ 1, 0, -2);
    return new WorkedExample(input, filters, Values.of(Shape.of(2), 1, 0), Window.of(3).stride(2).padding(1), upstream);
  }

  /** The input channels D. */
  public int channels() {
    return input.shape().dim(1);
  }

  /** The filters K. */
  public int count() {
    return filters.shape().dim(0);
  }

  /** The output rows Ho. */
  public int rows() {
    return window.outH(input.shape().dim(2));
  }

  /** The output columns Wo. */
  public int columns() {
    return window.outW(input.shape().dim(3));
  }

  /** The input's element at a row and column, or 0 in the padding. */
  public double padded(int channel, int row, int column) {
    boolean inside = row >= 0 && row < input.shape().dim(2) && column >= 0 && column < input.shape().dim(3);
    return inside ? input.at(0, channel, row, column) : 0;
  }

  /** Computes the output. */
  public Forward forward() {
    GraphBuilder g = new GraphBuilder();
    g.output(OUTPUT, convolution(g));
    Values output = result(run(g.build()), OUTPUT);
    List<Position> positions = new ArrayList<>();
    for (int k = 0; k < count(); k++) {
      for (int i = 0; i < rows(); i++) {
        for (int j = 0; j < columns(); j++) {
          positions.add(position(k, i, j, output.at(0, k, i, j)));
        }
      }
    }
    return new Forward(output, positions);
  }

  private Position position(int k, int i, int j, double value) {
    int top = window.rowOf(i);
    int left = window.columnOf(j);
    List<ChannelWindow> windows = new ArrayList<>();
    for (int c = 0; c < channels(); c++) {
      List<Term> terms = new ArrayList<>();
      for (int u = 0; u < window.kernelH(); u++) {
        for (int v = 0; v < window.kernelW(); v++) {
          terms.add(new Term(padded(c, top + u, left + v), filters.at(k, c, u, v)));
        }
      }
      windows.add(new ChannelWindow(c, terms));
    }
    return new Position(k, i, j, top, left, windows, biases.at(k), value);
  }

  /** Computes the gradients. The loss is the sum of the outputs, each times its upstream gradient. */
  public Backward backward() {
    GraphBuilder g = new GraphBuilder();
    Value y = convolution(g);
    Value weights = g.op(new Op.Flatten(), g.input(UPSTREAM, upstream.shape()));
    Value loss = g.op(new Op.Gemm(false, true), g.op(new Op.Flatten(), y), weights);
    List<Value> wanted = List.of(new Value(0), new Value(1), new Value(2));
    Map<Value, Value> gradients = Gradients.of(g, loss, wanted);
    List<String> names = List.of(INPUT, FILTERS, BIASES);
    for (int i = 0; i < names.size(); i++) {
      g.output(names.get(i), Objects.requireNonNull(gradients.get(wanted.get(i)), "every operand has a gradient"));
    }
    Map<String, Values> results = run(g.build());
    return new Backward(
        filterGradients(result(results, FILTERS)), inputGradients(result(results, INPUT)),
        biasGradients(result(results, BIASES)));
  }

  private List<Gradient> filterGradients(Values values) {
    List<Gradient> all = new ArrayList<>();
    each(values.shape(), at -> {
      List<Term> terms = new ArrayList<>();
      each(Shape.of(rows(), columns()), out -> {
        double x = padded(at.get(1), window.rowOf(out.get(0)) + at.get(2), window.columnOf(out.get(1)) + at.get(3));
        terms.add(new Term(upstream.at(0, at.get(0), out.get(0), out.get(1)), x));
      });
      all.add(new Gradient(at, terms, values.at(array(at))));
    });
    return all;
  }

  private List<Gradient> inputGradients(Values values) {
    List<Gradient> all = new ArrayList<>();
    each(values.shape().withoutBatch(), at -> {
      List<Term> terms = new ArrayList<>();
      each(upstream.shape().withoutBatch(), out -> {
        int u = at.get(1) - window.rowOf(out.get(1));
        int v = at.get(2) - window.columnOf(out.get(2));
        if (u >= 0 && u < window.kernelH() && v >= 0 && v < window.kernelW()) {
          terms.add(new Term(upstream.at(0, out.get(0), out.get(1), out.get(2)), filters.at(out.get(0), at.get(0), u, v)));
        }
      });
      all.add(new Gradient(at, terms, values.at(0, at.get(0), at.get(1), at.get(2))));
    });
    return all;
  }

  private List<Gradient> biasGradients(Values values) {
    List<Gradient> all = new ArrayList<>();
    for (int k = 0; k < count(); k++) {
      int filter = k;
      List<Term> terms = new ArrayList<>();
      each(Shape.of(rows(), columns()), out -> terms.add(new Term(upstream.at(0, filter, out.get(0), out.get(1)), 1)));
      all.add(new Gradient(List.of(k), terms, values.at(k)));
    }
    return all;
  }

  /** Writes the convolution; its input, filters and biases are the values 0, 1 and 2. */
  private Value convolution(GraphBuilder g) {
    Value x = g.input(INPUT, input.shape());
    Value w = g.param(FILTERS, filters.shape(), new Init.Constant(0));
    Value b = g.param(BIASES, biases.shape(), new Init.Constant(0));
    return g.op(new Op.Conv(window, 1), x, w, b);
  }

  private Map<String, Values> run(Graph graph) {
    Map<String, Values> bound = Map.of(INPUT, input, FILTERS, filters, BIASES, biases, UPSTREAM, upstream);
    double[][] values = Reference.run(graph, name -> Objects.requireNonNull(bound.get(name), name).array(), Rng.of(0));
    Map<String, Values> results = new HashMap<>();
    graph.outputs().forEach((name, value) -> results.put(name, Values.of(graph.at(value).shape(), values[value.id()])));
    return results;
  }

  private static Values result(Map<String, Values> results, String name) {
    return Objects.requireNonNull(results.get(name), name);
  }

  @FunctionalInterface
  private interface AtIndices {
    void visit(List<Integer> indices);
  }

  /** Visits all indices of a shape, row-major. */
  private static void each(Shape shape, AtIndices visitor) {
    for (int offset = 0; offset < shape.size(); offset++) {
      Integer[] indices = new Integer[shape.rank()];
      int rest = offset;
      for (int axis = shape.rank() - 1; axis >= 0; axis--) {
        indices[axis] = rest % shape.dim(axis);
        rest /= shape.dim(axis);
      }
      visitor.visit(List.of(indices));
    }
  }

  private static int[] array(List<Integer> indices) {
    return indices.stream().mapToInt(Integer::intValue).toArray();
  }
}
