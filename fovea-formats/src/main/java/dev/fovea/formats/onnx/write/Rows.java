package dev.fovea.formats.onnx.write;

import dev.fovea.graph.Op;
import dev.fovea.tensor.Shape;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Normalisations, losses, and what else works along an axis. */
final class Rows {
  private final NodeList to;
  private final List<String> in;
  private final List<Shape> shapes;

  Rows(NodeList to, List<String> in, List<Shape> shapes) {
    this.to = to;
    this.in = in;
    this.shapes = shapes;
  }

  private String x() {
    return in.getFirst();
  }

  private int rank() {
    return shapes.getFirst().rank();
  }

  /** ONNX's momentum is the share that the running statistics keep; in decimals, so that 0.1 and 0.9 are each other's. */
  String batchNormalization(Op.BatchNormalization norm) {
    float kept = BigDecimal.ONE.subtract(new BigDecimal(Float.toString(norm.momentum()))).floatValue();
    return to.call("BatchNormalization", in).number("epsilon", norm.epsilon()).number("momentum", kept).value();
  }

  /** Groups as PyTorch writes them, as channels of an InstanceNormalization; rows spelt out, since their number is not in an operator. */
  String rowNormalization(Op.RowNormalization norm) {
    if (norm.axis() == 2 && norm.groups() == 1) {
      return instances(x(), shapes.getFirst().dim(1), norm.epsilon());
    }
    if (norm.groups() == 1) {
      return normalized(x(), IntStream.range(norm.axis(), rank()).mapToLong(axis -> axis).toArray(), norm.epsilon());
    }
    long[] split = new long[norm.axis() + 2];
    split[norm.axis()] = norm.groups();
    split[norm.axis() + 1] = -1;
    String groups = to.add("Reshape", x(), to.integers(split));
    String done = norm.axis() == 1
        ? instances(groups, norm.groups(), norm.epsilon())
        : normalized(groups, new long[] {norm.axis() + 1L}, norm.epsilon());
    return to.add("Reshape", done, to.shape(x()));
  }

  private String instances(String x, int channels, float epsilon) {
    String ones = to.filled(Shape.of(channels), 1);
    return to.call("InstanceNormalization", x, ones, to.filled(Shape.of(channels), 0)).number("epsilon", epsilon).value();
  }

  private String normalized(String x, long[] axes, float epsilon) {
    String centred = to.add("Sub", x, mean(x, axes));
    String variance = mean(to.add("Pow", centred, to.number(2)), axes);
    return to.add("Div", centred, to.add("Sqrt", to.add("Add", variance, to.number(epsilon))));
  }

  private String mean(String x, long[] axes) {
    return to.call("ReduceMean", x).integers("axes", axes).integer("keepdims", 1).value();
  }

  /**
   * ONNX's LRN has the channels of an even window one further, and runtimes take images and odd sizes only; others are an average
   * over the channels.
   */
  String lrn(Op.Lrn lrn) {
    if (lrn.size() % 2 == 1 && rank() == 4) {
      return to.call("LRN", x()).integer("size", lrn.size()).number("alpha", lrn.alpha()).number("beta", lrn.beta())
          .number("bias", lrn.k())
          .value();
    }
    int channels = shapes.getFirst().dim(1);
    String squares = to.add("Reshape", to.add("Mul", x(), x()), to.integers(0, 1, channels, -1));
    String padded = to.add("Pad", squares, to.integers(0, 0, lrn.size() / 2, 0, 0, 0, (lrn.size() - 1) / 2, 0));
    String means = to.call("AveragePool", padded).integers("kernel_shape", lrn.size(), 1).integers("strides", 1, 1).value();
    String scaled = to.add("Add", to.add("Mul", means, to.number(lrn.alpha())), to.number(lrn.k()));
    return to.add("Div", x(), to.add("Reshape", to.add("Pow", scaled, to.number(lrn.beta())), to.shape(x())));
  }

  /** The maximum of the first pieces, the second pieces and so on. */
  String maxout(int pieces) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < pieces; i++) {
      all.add(to.add("Slice", x(), to.integers(i), to.integers(Long.MAX_VALUE), to.integers(1), to.integers(pieces)));
    }
    return pieces == 1 ? x() : to.call("Max", all).value();
  }

  /** ONNX's OneHot takes negative indices from the end, which here are no class. */
  String oneHot(String labels, int classes, int rank) {
    List<Integer> dims = new ArrayList<>(Collections.nCopies(rank + 1, 1));
    dims.set(1, classes);
    List<Float> indices = IntStream.range(0, classes).mapToObj(i -> (float) i).toList();
    return to.toFloat(to.add("Equal", to.add("Unsqueeze", labels, to.integers(1)), to.numbers(new Shape(dims), indices)));
  }

  /** Spelt out, since ONNX's loss has no smoothing and is no number where no position counts. */
  String softmaxLoss(Op.SoftmaxCrossEntropyLoss loss) {
    int classes = shapes.getFirst().dim(1);
    String labels = in.get(1);
    String counts =
        to.toFloat(to.add("Unsqueeze", to.add("Not", to.add("Equal", labels, to.number(loss.ignored()))), to.integers(1)));
    String labelled = to.add("Mul", oneHot(labels, classes, rank() - 1), counts);
    String targets = to.add("Add", to.add("Mul", labelled, to.number(1 - (double) loss.smoothing())),
        to.add("Mul", counts, to.number((double) loss.smoothing() / classes)));
    String logs = to.call("LogSoftmax", x()).integer("axis", 1).value();
    if (in.size() == 3) {
      long[] perClass = new long[rank() - 1];
      Arrays.fill(perClass, 1);
      perClass[0] = classes;
      String weights = to.add("Reshape", in.get(2), to.integers(perClass));
      labelled = to.add("Mul", labelled, weights);
      targets = to.add("Mul", targets, weights);
    }
    String weight = sum(labelled);
    String mean = to.add("Div", to.add("Neg", sum(to.add("Mul", logs, targets))), weight);
    return to.add("Where", to.add("Equal", weight, to.number(0)), to.number(0), mean);
  }

  private String sum(String x) {
    return to.call("ReduceSum", x).integer("keepdims", 0).value();
  }

  /** {@code log(1 + exp(z)) - z t} is the same as the form that avoids an overflow, which Softplus does by itself. */
  String sigmoidLoss() {
    String targets = to.add("Reshape", in.get(1), to.shape(x()));
    String losses = to.add("Sub", to.add("Softplus", x()), to.add("Mul", x(), targets));
    return to.call("ReduceMean", losses).integer("keepdims", 0).value();
  }
}
