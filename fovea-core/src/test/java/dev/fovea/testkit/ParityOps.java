package dev.fovea.testkit;

import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Writes the cases of {@code ops.json} in Fovea's operators, as far as those go. */
public final class ParityOps {
  /** Options of cross-entropy that the operator does not have. */
  private static final Set<String> OTHER_LOSSES = Set.of("label_smoothing", "ignore_index");

  private ParityOps() {}

  /** The output of {@link #graph} that holds an input's gradient. */
  public static String gradientOf(String input) {
    return "d" + input;
  }

  /** The cases that can be written. */
  public static List<ParityOp> cases() {
    return ParityOp.all().stream().filter(c -> graph(c).isPresent()).toList();
  }

  /**
   * The case's operator and its gradients; empty where Fovea has no such operator. Inputs are called as in the file, and
   * {@link OpCase#UPSTREAM}; outputs are {@link OpCase#RESULT} and {@link #gradientOf}.
   */
  public static Optional<Graph> graph(ParityOp c) {
    GraphBuilder g = new GraphBuilder();
    Map<String, Value> in = new LinkedHashMap<>();
    c.inputs().forEach(i -> in.put(i.name(), g.input(i.name(), shape(c, i))));
    return new Writer(g, c, in).write().map(y -> withGradients(g, c, in, y));
  }

  /** What the file's float64 and an operator's float32 attribute differ by, in the largest value of the case. */
  public static double rounding(ParityOp c) {
    double slope = c.number("slope", 0);
    return c.op().equals("leaky_relu") ? Math.abs(slope - (float) slope) * 8 : 0;
  }

  private static Shape shape(ParityOp c, ParityOp.In in) {
    boolean perChannel = c.op().equals("trainable_pool2d") && in.shape().rank() == 1;
    return perChannel ? Shape.of(in.shape().dim(0), 1, 1) : in.shape();
  }

  private static Graph withGradients(GraphBuilder g, ParityOp c, Map<String, Value> in, Value y) {
    g.output(OpCase.RESULT, y);
    boolean loss = c.output().shape().rank() == 0;
    Value weighted = loss ? y : g.op(new Op.Mul(), y, g.input(OpCase.UPSTREAM, g.shape(y)));
    List<Value> wanted = c.gradients().keySet().stream().map(name -> value(in, name)).toList();
    Map<Value, Value> gradients = Gradients.of(g, weighted, wanted);
    in.forEach(
        (name, value) -> {
          Value gradient = gradients.get(value);
          if (gradient != null && c.gradients().containsKey(name)) {
            g.output(gradientOf(name), gradient);
          }
        });
    return g.build();
  }

  private static Value value(Map<String, Value> in, String name) {
    Value value = in.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no input " + name + " among " + in.keySet());
    }
    return value;
  }

  /** Writes one case; each method says which attributes it understands. */
  private record Writer(GraphBuilder g, ParityOp c, Map<String, Value> in) {
    Optional<Value> write() {
      return switch (c.op()) {
        case "conv2d" -> Optional.of(all(new Op.Conv(convolution(c.list("pads", 0, 0, 0, 0)), groups())));
        case "conv_transpose2d" -> Optional.of(transposed());
        case "max_pool2d" ->
            Optional.of(all(new Op.MaxPool(pool(even("padding")).dilation(first("dilation"), second("dilation")))));
        case "avg_pool2d" -> Optional.of(all(new Op.AveragePool(pool(even("padding")), c.flag("count_include_pad", true))));
        case "zero_padded_avg_pool2d" -> Optional.of(all(new Op.AveragePool(pool(c.list("pads")), true)));
        case "adaptive_avg_pool2d" -> adaptive();
        case "trainable_pool2d" -> Optional.of(trainablePool());
        case "linear" -> Optional.of(all(new Op.Gemm(false, true)));
        case "softmax" -> c.number("axis", 1) == 1 ? Optional.of(all(new Op.Softmax())) : Optional.empty();
        case "log_softmax" -> c.number("axis", 1) == 1 ? Optional.of(all(new Op.LogSoftmax())) : Optional.empty();
        case "cross_entropy" -> crossEntropy();
        case "bce_with_logits" -> Optional.of(all(new Op.SigmoidCrossEntropyLoss()));
        case "sigmoid" -> Optional.of(all(new Op.Sigmoid()));
        case "tanh" -> Optional.of(all(new Op.Tanh()));
        case "relu" -> Optional.of(all(new Op.Relu()));
        case "leaky_relu" -> Optional.of(all(new Op.LeakyRelu((float) c.number("slope", 0.01))));
        case "dropout" -> Optional.of(all(new Op.Dropout("dropout", (float) c.number("p", 0.5))));
        case "add" -> Optional.of(all(new Op.Add()));
        case "mul" -> Optional.of(all(new Op.Mul()));
        case "rbf" -> Optional.of(rbf());
        default -> Optional.empty();
      };
    }

    /** The operator on all inputs in the file's order. */
    private Value all(Op op) {
      return g.op(op, List.copyOf(in.values()));
    }

    private Value in(String name) {
      return value(in, name);
    }

    private int groups() {
      return (int) c.number("groups", 1);
    }

    private int first(String attribute) {
      return c.list(attribute, 1, 1)[0];
    }

    private int second(String attribute) {
      return c.list(attribute, 1, 1)[1];
    }

    /** A pair of paddings as top, left, bottom, right. */
    private int[] even(String attribute) {
      int[] pair = c.list(attribute, 0, 0);
      return new int[] {pair[0], pair[1], pair[0], pair[1]};
    }

    private Window convolution(int[] pads) {
      Shape weight = g.shape(in("weight"));
      return Window.of(weight.dim(2), weight.dim(3))
          .stride(first("stride"), second("stride"))
          .padding(pads[0], pads[1], pads[2], pads[3])
          .dilation(first("dilation"), second("dilation"));
    }

    private Window pool(int[] pads) {
      return Window.of(first("kernel"), second("kernel"))
          .stride(first("stride"), second("stride"))
          .padding(pads[0], pads[1], pads[2], pads[3])
          .ceil(c.flag("ceil_mode", false));
    }

    private Value transposed() {
      int[] extra = c.list("output_padding", 0, 0);
      return all(new Op.ConvTranspose(convolution(even("padding")), groups(), extra[0], extra[1]));
    }

    /** An ordinary pool where the output divides the input. */
    private Optional<Value> adaptive() {
      Shape x = g.shape(in("x"));
      int h = first("output");
      int w = second("output");
      if (x.dim(2) % h != 0 || x.dim(3) % w != 0) {
        return Optional.empty();
      }
      Window window = Window.of(x.dim(2) / h, x.dim(3) / w).stride(x.dim(2) / h, x.dim(3) / w);
      return Optional.of(all(new Op.AveragePool(window, false)));
    }

    private Value trainablePool() {
      Window window = Window.of(first("kernel"), second("kernel")).stride(first("kernel"), second("kernel"));
      Value mean = g.op(new Op.AveragePool(window, false), in("x"));
      return g.op(new Op.Add(), g.op(new Op.Mul(), mean, in("gain")), in("bias"));
    }

    private Optional<Value> crossEntropy() {
      if (in.size() > 2 || OTHER_LOSSES.stream().anyMatch(option -> c.attributes().has(option))) {
        return Optional.empty();
      }
      Value mean = all(new Op.SoftmaxCrossEntropyLoss());
      boolean summed = c.attributes().path("reduction").asString("mean").equals("sum");
      return Optional.of(summed ? g.op(new Op.Mul(), mean, filled(g.shape(in("labels")).size())) : mean);
    }

    /** The squared distances |x|^2 - 2 x w + |w|^2. */
    private Value rbf() {
      Value x = in("x");
      Value w = in("weight");
      Value ones = g.op(new Op.Fill(Shape.of(1, g.shape(x).dim(1)), 1));
      Value xx = g.op(new Op.Gemm(false, true), g.op(new Op.Mul(), x, x), ones);
      Value ww = g.op(new Op.Gemm(false, true), ones, g.op(new Op.Mul(), w, w));
      Value xw = g.op(new Op.Mul(), g.op(new Op.Gemm(false, true), x, w), filled(-2));
      return g.op(new Op.Add(), g.op(new Op.Add(), xw, xx), ww);
    }

    private Value filled(float value) {
      return g.op(new Op.Fill(Shape.of(), value));
    }
  }
}
