package dev.fovea.formats.onnx.operator;

import dev.fovea.formats.onnx.call.Call;
import dev.fovea.formats.onnx.call.Compose;
import dev.fovea.formats.onnx.call.Refusal;
import dev.fovea.formats.onnx.call.Reshapes;
import dev.fovea.formats.onnx.call.Rule;
import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.formats.onnx.constant.Operation;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Interpolation;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Resizing. What {@link Op.Resize} does exactly becomes one; of the other modes, nearest pixels are a Gather and interpolations are
 * products with constant matrices, axis by axis.
 */
final class Resizes {
  /** Of a side of an image. */
  private static final int MAX_SIZE = 1 << 15;

  private Resizes() {}

  static void addTo(Map<String, Rule> rules) {
    rules.put("Resize", Rule.of(c -> c.opset() < 11 ? upsample(c) : resize(c)));
    rules.put("Upsample", Rule.of(Resizes::upsample));
  }

  /** The target of one interpretation: for each axis its size before and after, and the scale. */
  private record Target(int[] from, int[] to, double[] scale) {}

  /** Before opset 11 pixel i reads at {@code i / scale}, or, where images become smaller, at the next pixel, as ONNX Runtime does. */
  private static Value upsample(Call c) {
    String mode = c.node().text("mode", "nearest");
    Shape shape = c.shape(0);
    double[] scales;
    if (c.has(1)) {
      scales = reals(c.constant(1, "scales"));
    } else if (c.node().numbers("scales").isPresent()) {
      scales = c.node().numbers("scales").orElseThrow().stream().mapToDouble(Float::doubleValue).toArray();
    } else {
      scales = new double[] {1, 1, c.node().number("height_scale", 1), c.node().number("width_scale", 1)};
    }
    boolean nearest = mode.equals("nearest");
    // scales come out of shapes in some files, so they may differ in the other interpretation
    double[] others = c.has(1) ? reals(c.otherConstant(1)) : scales;
    Coordinates how = new Coordinates(nearest ? "nearest" : mode.equals("bilinear") ? "linear" : mode, "asymmetric", "simple",
        -0.75, false, false);
    return resized(c, how, scaled(shape, scales), scaled(c.otherShape(0), others), null, 0);
  }

  private static double[] reals(Array array) {
    return IntStream.range(0, array.size()).mapToDouble(array::real).toArray();
  }

  private static Target scaled(Shape shape, double[] scales) {
    if (scales.length != shape.rank()) {
      throw new Refusal("expects a scale for each axis of " + shape + ", got " + scales.length);
    }
    int[] from = Reshapes.sizes(shape);
    int[] to = new int[from.length];
    for (int axis = 0; axis < from.length; axis++) {
      // in floats, as ONNX Runtime and PyTorch do
      double size = Math.floor(from[axis] * (float) scales[axis]);
      requireSize(size);
      to[axis] = (int) size;
    }
    return new Target(from, to, scales);
  }

  private static void requireSize(Number size) {
    if (!(size.doubleValue() >= 1 && size.doubleValue() <= MAX_SIZE)) {
      throw new Refusal("expects sizes from 1 to 2^15, got " + size);
    }
  }

  private static Value resize(Call c) {
    int rank = c.shape(0).rank();
    Coordinates how =
        new Coordinates(c.node().text("mode", "nearest"), c.node().text("coordinate_transformation_mode", "half_pixel"),
            c.node().text("nearest_mode", "round_prefer_floor"), c.node().number("cubic_coeff_a", -0.75f),
            c.flag("exclude_outside", false), c.flag("antialias", false));
    List<Integer> axes = Optional.ofNullable(c.integers("axes"))
        .map(given -> Arrays.stream(given).mapToObj(axis -> Operation.axis(axis, rank)).toList())
        .orElseGet(() -> IntStream.range(0, rank).boxed().toList());
    double @Nullable [] roi = null;
    if (how.usesRegion()) {
      double[] given = reals(c.constant(1, "a region"));
      roi = new double[2 * rank];
      Arrays.fill(roi, rank, 2 * rank, 1);
      if (given.length != 2 * axes.size()) {
        throw new Refusal("expects a region of " + 2 * axes.size() + " numbers, got " + given.length);
      }
      for (int i = 0; i < axes.size(); i++) {
        roi[axes.get(i)] = given[i];
        roi[rank + axes.get(i)] = given[axes.size() + i];
      }
    }
    return resized(c, how, target(c, c.shape(0), axes, false), target(c, c.otherShape(0), axes, true), roi,
        c.node().number("extrapolation_value", 0));
  }

  private static Target target(Call c, Shape shape, List<Integer> axes, boolean other) {
    boolean byScale = c.has(2) && c.constant(2, "scales").size() > 0;
    if (!byScale && !c.has(3)) {
      throw new Refusal("expects scales or sizes");
    }
    int index = byScale ? 2 : 3;
    Array given = other ? c.otherConstant(index) : c.constant(index, byScale ? "scales" : "sizes");
    if (given.size() != axes.size()) {
      throw new Refusal("expects " + axes.size() + " sizes or scales, got " + given.size());
    }
    double[] scales = new double[shape.rank()];
    Arrays.fill(scales, 1);
    if (byScale) {
      for (int i = 0; i < axes.size(); i++) {
        scales[axes.get(i)] = given.real(i);
      }
      return scaled(shape, scales);
    }
    int[] to = Reshapes.sizes(shape);
    for (int i = 0; i < axes.size(); i++) {
      int axis = axes.get(i);
      // a batch as a number is any batch
      if (axis > 0 || given.integer(i) != (other ? c.shape(0) : c.otherShape(0)).dim(0)) {
        to[axis] = (int) Math.min(Integer.MAX_VALUE, given.integer(i));
        scales[axis] = (float) given.integer(i) / shape.dim(axis);
      }
    }
    String policy = c.node().text("keep_aspect_ratio_policy", "stretch");
    if (!policy.equals("stretch")) {
      var all = axes.stream().mapToDouble(axis -> scales[axis]);
      double scale = (policy.equals("not_larger") ? all.min() : all.max()).orElse(1);
      for (int axis : axes) {
        scales[axis] = scale;
        to[axis] = (int) Math.floor(scale * shape.dim(axis) + 0.5);
      }
    }
    for (int size : to) {
      requireSize(size);
    }
    return new Target(Reshapes.sizes(shape), to, scales);
  }

  private static Value resized(Call c, Coordinates how, Target target, Target other, double @Nullable [] roi, double outside) {
    Value x = c.value(0);
    if (roi == null) {
      Optional<Value> built = builtIn(c, x, how, target, other);
      if (built.isPresent()) {
        return built.get();
      }
    }
    Compose g = c.g();
    int rank = target.from.length;
    Value mask = null;
    for (int axis = 0; axis < rank; axis++) {
      double start = roi == null ? 0 : roi[axis];
      double end = roi == null ? 1 : roi[rank + axis];
      if (target.from[axis] == target.to[axis] && target.scale[axis] == 1 && start == 0 && end == 1) {
        continue;
      }
      int size = target.from[axis];
      double scale = target.scale[axis];
      double[] at = how.positions(size, target.to[axis], scale, start, end);
      if (roi != null) {
        int[] dims = new int[rank];
        Arrays.fill(dims, 1);
        dims[axis] = at.length;
        double[] inside = Arrays.stream(at).map(position -> position >= 0 && position <= size - 1 ? 1 : 0).toArray();
        Value own = c.computed(Array.reals(OnnxType.FLOAT, dims, inside));
        mask = mask == null ? own : g.mul(mask, own);
      }
      x = how.isNearest()
          ? g.gather(x, axis, Arrays.stream(at).mapToInt(position -> how.nearest(position, size, scale)).boxed().toList())
          : interpolated(c, x, axis, how.matrix(at, size, scale), at.length);
    }
    return mask == null ? x : g.where(mask, x, g.number(outside));
  }

  /** The product with a matrix {@code [size, length]} along an axis. */
  private static Value interpolated(Call c, Value x, int axis, double[] matrix, int length) {
    Compose g = c.g();
    int size = g.shape(x).dim(axis);
    if (axis == g.rank(x) - 2) {
      double[] turned = new double[matrix.length];
      Arrays.setAll(turned, i -> matrix[i % size * length + i / size]);
      return g.op(new Op.MatMul(), c.computed(Array.reals(OnnxType.FLOAT, new int[] {length, size}, turned)), x);
    }
    Value weights = c.computed(Array.reals(OnnxType.FLOAT, new int[] {size, length}, matrix));
    return g.times(x, axis, weights);
  }

  /** One operator that resizes images, if there is one with exactly that meaning. */
  private static Optional<Value> builtIn(Call c, Value x, Coordinates how, Target target, Target other) {
    boolean images = target.from.length == 4 && target.from[0] == target.to[0] && target.from[1] == target.to[1];
    Interpolation kind = images ? how.builtIn(target.from, target.to, target.scale) : null;
    if (kind == null || other.from.length != 4 || how.builtIn(other.from, other.to, other.scale) != kind) {
      return Optional.empty();
    }
    int scale = target.to[2] / target.from[2];
    Optional<Value> reference = reference(c, target, other);
    if (c.has(3) && reference.isPresent()) {
      return reference.map(size -> c.g().op(new Op.Resize(kind, 1), x, size));
    }
    if (times(target, scale) && times(other, scale)) {
      return Optional.of(scale == 1 ? x : c.g().op(new Op.Resize(kind, scale), x));
    }
    boolean varies = target.to[2] != other.to[2] || target.to[3] != other.to[3];
    return (varies ? reference : Optional.of(c.g().op(new Op.Fill(Shape.of(1, 1, target.to[2], target.to[3]), 0))))
        .map(size -> c.g().op(new Op.Resize(kind, 1), x, size));
  }

  /** Images whose size the result has here and in the other interpretation, where it differs: a file computes it from theirs. */
  private static Optional<Value> reference(Call c, Target target, Target other) {
    boolean varies = target.to[2] != other.to[2] && target.to[3] != other.to[3];
    return varies ? c.context().imagesOf(target.to[2], target.to[3], other.to[2], other.to[3]) : Optional.empty();
  }

  private static boolean times(Target target, int scale) {
    return scale >= 1 && target.to[2] == scale * target.from[2] && target.to[3] == scale * target.from[3];
  }
}
