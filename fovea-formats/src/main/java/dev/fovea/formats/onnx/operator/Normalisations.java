package dev.fovea.formats.onnx.operator;

import dev.fovea.formats.onnx.call.Call;
import dev.fovea.formats.onnx.call.Compose;
import dev.fovea.formats.onnx.call.Known;
import dev.fovea.formats.onnx.call.Refusal;
import dev.fovea.formats.onnx.call.Rule;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Dim;
import dev.fovea.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Normalisations, in the forms of {@code BatchNorm2d}, {@code GroupNorm} and {@code LayerNorm}. */
final class Normalisations {
  private Normalisations() {}

  static void addTo(Map<String, Rule> rules) {
    rules.put("BatchNormalization", Normalisations::batch);
    rules.put("InstanceNormalization", Rule.of(c -> {
      requireChannels(c);
      float epsilon = c.node().number("epsilon", 1e-5f);
      Value y = rows(c.g(), c.value(0), 1, c.shape(0).dim(1), epsilon);
      // what a layer without gain and bias is written with is no parameter
      Value result = isNumber(c, 1, 1) && isNumber(c, 2, 0) ? y : affine(c, y, perChannel(c, 1), perChannel(c, 2));
      SpeltOut.groups(c, result, Math.max(Float.MIN_NORMAL, epsilon));
      return result;
    }));
    rules.put("GroupNormalization", Rule.of(Normalisations::group));
    rules.put("LayerNormalization", Normalisations::layer);
    rules.put("RMSNormalization", Rule.of(c -> rootMeanSquare(c, c.axis("axis", -1, c.shape(0).rank()))));
    rules.put("LRN", Rule.of(Normalisations::local));
    rules.put("MeanVarianceNormalization", Rule.of(Normalisations::meanVariance));
    rules.put("LpNormalization", Rule.of(Normalisations::lp));
  }

  private static void requireChannels(Call c) {
    if (c.shape(0).rank() < 2) {
      throw new Refusal("expects images and channels, got " + c.shape(0));
    }
  }

  /** Whether all elements of an operand that is no tensor of the file with a name of its own are that number. */
  private static boolean isNumber(Call c, int index, double number) {
    return c.isAll(index, number) && c.constant(index).filter(array -> array.name().isEmpty()).isPresent();
  }

  /** {@code (x - mean) / sqrt(variance + epsilon)} of rows, which are the axes from {@code axis} on. */
  private static Value rows(Compose g, Value x, int axis, int groups, float epsilon) {
    if (axis >= 1) {
      return g.op(new Op.RowNormalization(axis, groups, Math.max(Float.MIN_NORMAL, epsilon)), x);
    }
    // all of x is one row
    List<Dim> back = IntStream.range(0, g.rank(x)).<Dim>mapToObj(i -> new Dim.Size(g.shape(x).dim(i))).toList();
    Value row = g.reshape(x, new Dim.Size(1), new Dim.Rest());
    return g.reshape(rows(g, row, 1, groups, epsilon), back);
  }

  private static Value affine(Call c, Value x, Value scale, Value bias) {
    return c.g().add(c.g().mul(x, scale), bias);
  }

  /** A vector for the channels of the first operand, with axes of size 1 after it. */
  private static Value perChannel(Call c, int index) {
    return perChannel(c, index, c.shape(0).rank());
  }

  private static Value perChannel(Call c, int index, int rank) {
    int[] dims = new int[rank - 1];
    Arrays.fill(dims, 1);
    return c.constant(index).map(array -> {
      dims[0] = array.size();
      return c.weight(array.reshaped(dims), index);
    }).orElseGet(() -> c.g().unsqueeze(c.value(index), IntStream.range(1, rank - 1).boxed().toList()));
  }

  private static List<Known> batch(Call c) {
    Value x = c.value(0);
    float epsilon = c.node().number("epsilon", 1e-5f);
    // 0.9 as a float is not the double 0.9
    double momentum = Double.parseDouble(Float.toString(c.node().number("momentum", 0.9f)));
    if (c.opset() < 9 && !c.flag("spatial", true)) {
      throw new Refusal("statistics of each position (spatial 0) are not supported");
    }
    if (c.flag("training_mode", false) || c.opset() < 7 && c.node().has("is_test") && !c.flag("is_test", false)) {
      return batchStatistics(c, x, epsilon, momentum);
    }
    Op op = new Op.BatchNormalization(Math.max(Float.MIN_NORMAL, epsilon), (float) (1 - momentum));
    return c.result(c.g().op(op, x, c.weight(1), c.weight(2), c.frozen(3), c.frozen(4)));
  }

  /** Normalisation by the batch's own mean and variance, and the running ones moved towards them. */
  private static List<Known> batchStatistics(Call c, Value x, float epsilon, double momentum) {
    requireChannels(c);
    Compose g = c.g();
    List<Integer> others = IntStream.range(0, g.rank(x)).filter(axis -> axis != 1).boxed().toList();
    double count = (double) g.shape(x).size() / g.shape(x).dim(1);
    Value mean = g.mul(g.sum(x, others), 1 / count);
    Value centred = g.sub(x, mean);
    Value variance = g.mul(g.sum(g.square(centred), others), 1 / count);
    Value scaled = g.mul(centred, g.op(new Op.Pow(-0.5f), g.add(variance, epsilon)));
    List<Known> results = new ArrayList<>(c.result(affine(c, scaled, perChannel(c, 1), perChannel(c, 2))));
    for (int i = 3; i <= 4; i++) {
      Value now = g.squeeze(i == 3 ? mean : variance, others);
      results.add(c.known(g.add(g.mul(c.frozen(i), momentum), g.mul(now, 1 - momentum)), c.type(i)));
    }
    return results;
  }

  /** Up to opset 20 gain and bias are for groups, later for channels. */
  private static Value group(Call c) {
    Value x = c.value(0);
    int groups = c.integer("num_groups", 1);
    Value y = rows(c.g(), x, 1, groups, c.node().number("epsilon", 1e-5f));
    int channels = c.g().shape(x).dim(1);
    return affine(c, y, ofGroups(c, 1, channels), ofGroups(c, 2, channels));
  }

  private static Value ofGroups(Call c, int index, int channels) {
    int given = c.shape(index).size();
    if (given == channels) {
      return perChannel(c, index);
    }
    if (channels % given != 0) {
      throw new Refusal("expects a gain for each of " + channels + " channels or for groups of them, got " + given);
    }
    List<Integer> groupOf = c.g().indices(channels, channel -> channel / (channels / given));
    return c.g().unsqueeze(c.g().gather(c.value(index), 0, groupOf), IntStream.range(1, c.shape(0).rank() - 1).boxed().toList());
  }

  private static List<Known> layer(Call c) {
    Value x = c.value(0);
    Compose g = c.g();
    int rank = g.rank(x);
    int axis = c.axis("axis", -1, rank);
    float epsilon = c.node().number("epsilon", 1e-5f);
    Value y = rows(g, x, axis, 1, epsilon);
    Value scaled = g.mul(y, c.weight(1));
    List<Known> results = new ArrayList<>(c.result(c.has(2) ? g.add(scaled, c.weight(2)) : scaled));
    if (c.wants(1) || c.wants(2)) {
      List<Integer> axes = IntStream.range(axis, rank).boxed().toList();
      Value mean = g.mean(x, axes);
      Value variance = g.mean(g.square(g.sub(x, mean)), axes);
      results.add(c.known(mean, OnnxType.FLOAT));
      results.add(c.known(g.op(new Op.Pow(-0.5f), g.add(variance, epsilon)), OnnxType.FLOAT));
    }
    return results;
  }

  /** {@code x / sqrt(mean of x^2 + epsilon) * scale} (Zhang and Sennrich 2019). */
  static Value rootMeanSquare(Call c, int axis) {
    Value x = c.value(0);
    Compose g = c.g();
    Value mean = g.mean(g.square(x), IntStream.range(axis, g.rank(x)).boxed().toList());
    Value y = g.mul(x, g.op(new Op.Pow(-0.5f), g.add(mean, c.node().number("epsilon", 1e-5f))));
    return g.mul(y, c.weight(1));
  }

  /** ONNX's window of an even size has its larger half after the channel, ours before it. */
  private static Value local(Call c) {
    Value x = c.value(0);
    int size = c.integer("size", 1);
    Op lrn = new Op.Lrn(size, c.node().number("alpha", 1e-4f), c.node().number("beta", 0.75f), c.node().number("bias", 1));
    if (size % 2 == 1 || c.g().rank(x) != 4) { // which the operator itself refuses
      return c.g().op(lrn, x);
    }
    int channels = c.g().shape(x).dim(1);
    List<Integer> reversed = c.g().indices(channels, channel -> channels - 1 - channel);
    return c.g().gather(c.g().op(lrn, c.g().gather(x, 1, reversed)), 1, reversed);
  }

  /** Before opset 9 the axes were the batch, perhaps the channels, and the image, as ONNX Runtime has it. */
  private static Value meanVariance(Call c) {
    Value x = c.value(0);
    Compose g = c.g();
    long[] given = c.opset() < 9 ? null : c.integers("axes");
    if (given == null && g.rank(x) != 4) {
      throw new Refusal("expects images unless it has axes, got " + g.shape(x));
    }
    boolean channels = c.opset() < 9 && c.flag("across_channels", false);
    List<Integer> axes = given != null ? c.axes(1, g.rank(x)) : channels ? List.of(0, 1, 2, 3) : List.of(0, 2, 3);
    Value centred = g.sub(x, g.mean(x, axes));
    if (c.opset() < 9 && !c.flag("normalize_variance", true)) {
      return centred;
    }
    Value std = g.sqrt(g.mean(g.square(centred), axes));
    return g.div(centred, g.add(std, 1e-9));
  }

  /** Where the norm is zero the elements are, and stay. */
  private static Value lp(Call c) {
    Value x = c.value(0);
    Compose g = c.g();
    int p = c.integer("p", 2);
    if (p != 1 && p != 2) {
      throw new Refusal("expects a p of 1 or 2, got " + p);
    }
    List<Integer> axes = List.of(c.axis("axis", -1, g.rank(x)));
    Value norm = p == 1 ? g.sum(g.abs(x), axes) : g.sqrt(g.sum(g.square(x), axes));
    return g.div(x, g.where(g.less(g.number(0), norm), norm, g.number(1)));
  }
}
