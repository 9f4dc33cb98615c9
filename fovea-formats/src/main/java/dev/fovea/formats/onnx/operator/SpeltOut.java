package dev.fovea.formats.onnx.operator;

import dev.fovea.formats.onnx.call.Call;
import dev.fovea.formats.onnx.call.Compose;
import dev.fovea.formats.onnx.call.Known;
import dev.fovea.formats.onnx.call.Origins;
import dev.fovea.formats.onnx.call.Reshapes;
import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Dim;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Operators that ONNX lacks, and that its files spell out in several nodes: adaptive pools, resizing to another image's size,
 * unpooling with overlapping windows, padding to a multiple.
 */
final class SpeltOut {
  private SpeltOut() {}

  /** Whether position j of an axis is in the i-th of {@code count} adaptive windows. */
  private static boolean isIn(int i, int count, int j, int size) {
    return j >= (long) i * size / count && j < Math.ceilDiv((i + 1L) * size, count);
  }

  /**
   * A matrix computed from the height of images on their left, or from their width on their right, that averages the windows of an
   * adaptive pool: {@code [out, in]} or {@code [in, out]}. A pattern makes one pool of two.
   */
  static Optional<Value> averages(Call c) {
    boolean left = c.constant(0).isPresent();
    Array matrix = c.constant(left ? 0 : 1).orElse(null);
    if (matrix == null || matrix.rank() != 2 || !matrix.name().isEmpty() || !matrix.isFloat()
        || c.constant(left ? 1 : 0).isPresent()) {
      return Optional.empty();
    }
    Shape x = c.shape(left ? 1 : 0);
    int out = matrix.dim(left ? 0 : 1);
    int in = matrix.dim(left ? 1 : 0);
    if (x.rank() != 4 || in != x.dim(left ? 2 : 3) || !areMeans(matrix, out, in, left)) {
      return Optional.empty();
    }
    Op pool = left ? new Op.AdaptiveAveragePool(out, x.dim(3)) : new Op.AdaptiveAveragePool(x.dim(2), out);
    return Optional.of(c.g().op(pool, c.value(left ? 1 : 0)));
  }

  private static boolean areMeans(Array matrix, int out, int in, boolean left) {
    for (int i = 0; i < out; i++) {
      int row = i;
      long count = IntStream.range(0, in).filter(j -> isIn(row, out, j, in)).count();
      for (int j = 0; j < in; j++) {
        float share = isIn(i, out, j, in) ? 1f / count : 0;
        if ((float) matrix.real(left ? i * in + j : j * out + i) != share) {
          return false;
        }
      }
    }
    return true;
  }

  /** Remembers {@code Where(mask, x, -inf)}. */
  static Value masked(Call c) {
    Value y = c.g().where(c.value(0), c.value(1), c.value(2));
    boolean least = c.constant(2).filter(array -> array.size() == 1 && array.real(0) == Double.NEGATIVE_INFINITY).isPresent();
    c.constant(0).filter(_ -> least && c.constant(1).isEmpty())
        .ifPresent(mask -> c.context().origins().masked().put(y, new Origins.Masked(c.value(1), mask)));
    return y;
  }

  /**
   * The maximum along an axis of images {@code [N, C, 1, H, W]} where a mask {@code [h, H, 1]} is 1, or of {@code [N, C, H, 1, W]} and
   * {@code [w, W]}, whose rows are the windows of an adaptive pool. A pattern makes one pool of two.
   */
  static Optional<Value> adaptiveMax(Call c, int axis) {
    Origins.Masked from =
        c.operand(0) instanceof Known.Computed(Value value, _) ? c.context().origins().masked().get(value) : null;
    if (from == null || c.g().rank(from.x()) != 5 || axis < 3) {
      return Optional.empty();
    }
    Shape x = c.g().shape(from.x());
    Array mask = from.mask();
    int size = x.dim(axis);
    int count = size == 0 || mask.size() % size != 0 ? 0 : mask.size() / size;
    int[] expected = axis == 4 ? new int[] {count, size} : new int[] {count, size, 1};
    if (x.dim(axis - 1) != 1 || !Arrays.equals(mask.dims(), expected) || !IntStream.range(0, mask.size())
        .allMatch(i -> (mask.real(i) != 0) == isIn(i / size, count, i % size, size))) {
      return Optional.empty();
    }
    Value image = c.g().squeeze(from.x(), List.of(axis - 1));
    Op pool = axis == 3 ? new Op.AdaptiveMaxPool(count, x.dim(4)) : new Op.AdaptiveMaxPool(x.dim(2), count);
    return Optional.of(c.g().op(pool, image));
  }

  /**
   * The nearest rows or columns, at {@code floor(i size / newSize)}, of images that are resized to a size that depends on the input's.
   *
   * @param picked the result as a plain choice of rows or columns
   */
  static Value nearest(Call c, int axis, Value picked) {
    Array here = c.constant(1, "indices");
    Array there = c.otherConstant(1);
    Shape x = c.shape(0);
    Shape other = c.otherShape(0);
    boolean varies = x.rank() == 4 && axis >= 2 && here.rank() == 1 && other.rank() == 4
        && (here.size() != there.size() || x.dim(axis) != other.dim(axis));
    if (!varies || !areNearest(here, x.dim(axis)) || !areNearest(there, other.dim(axis))) {
      return picked;
    }
    if (axis == 2) {
      c.context().origins().rows().put(picked, new Origins.Rows(c.value(0), here.size(), there.size()));
      return picked;
    }
    Origins.Rows rows = c.context().origins().rows().get(c.value(0));
    if (rows == null) {
      return picked;
    }
    return c.context().imagesOf(rows.height(), here.size(), rows.otherHeight(), there.size())
        .map(like -> c.g().op(new Op.Resize(Op.Interpolation.NEAREST, 1), rows.x(), like)).orElse(picked);
  }

  private static boolean areNearest(Array indices, int size) {
    int count = indices.size();
    return IntStream.range(0, count).allMatch(i -> indices.integer(i) == (long) i * size / count);
  }

  /** Remembers what is reshaped; where it, or what is computed of its rows, gets its axes back, no size is needed. */
  static Value reshape(Call c, long[] target, boolean allowZero) {
    Origins origins = c.context().origins();
    Value x = c.value(0);
    int[] dims = Reshapes.result(c, target, allowZero);
    Origins.Reshaped before = origins.reshaped().get(x);
    if (before != null && isShapeOf(c, dims, before.x(), before.other())) {
      return before.x();
    }
    Origins.Groups rows = origins.groups().get(x);
    if (rows != null && isShapeOf(c, dims, rows.x(), rows.other())) {
      return c.g().op(new Op.RowNormalization(1, rows.groups(), rows.epsilon()), rows.x());
    }
    Value y = Reshapes.apply(c, dims);
    if (c.g().rank(y) < c.g().rank(x)) {
      origins.reshaped().put(y, new Origins.Reshaped(x, c.otherShape(0)));
    }
    return y;
  }

  /** Whether a result of these sizes has the shape of x here and in the other interpretation. */
  private static boolean isShapeOf(Call c, int[] dims, Value x, Shape other) {
    return Arrays.equals(dims, Reshapes.sizes(c.g().shape(x))) && c.otherResult(0).orElse(other).equals(other);
  }

  /** Remembers rows {@code [N, groups, elements]} of images whose channels form groups, normalised without gain and bias. */
  static void groups(Call c, Value y, float epsilon) {
    Origins.Reshaped from = reshaped(c, 0);
    boolean plain = c.isAll(1, 1) && c.isAll(2, 0);
    if (from == null || !plain || c.shape(0).rank() != 3) {
      return;
    }
    Shape x = c.g().shape(from.x());
    int groups = c.shape(0).dim(1);
    if (x.rank() > 2 && x.dim(0) == c.shape(0).dim(0) && x.dim(1) % groups == 0) {
      c.context().origins().groups().put(y, new Origins.Groups(from.x(), from.other(), groups, epsilon));
    }
  }

  private static Origins.@Nullable Reshaped reshaped(Call c, int index) {
    return c.operand(index) instanceof Known.Computed(Value value, _) ? c.context().origins().reshaped().get(value) : null;
  }

  private static Origins.@Nullable Reshaped flat(Call c, int index) {
    return c.shape(index).rank() == 1 ? reshaped(c, index) : null;
  }

  private static Value flattened(Call c, Value y, Shape other) {
    Value flat = c.g().reshape(y, new Dim.Rest());
    c.context().origins().reshaped().put(flat, new Origins.Reshaped(y, other));
    return flat;
  }

  /** Of flat images the elements where others have the maxima of windows. */
  static Optional<Value> pick(Call c) {
    Origins.Reshaped images = flat(c, 0);
    Origins.Reshaped indices = flat(c, 1);
    Origins.Winners winners = indices == null ? null : c.context().origins().winners().get(indices.x());
    Compose g = c.g();
    if (images == null || indices == null || winners == null || !g.shape(images.x()).equals(g.shape(winners.x()))) {
      return Optional.empty();
    }
    return Optional.of(flattened(c, g.op(new Op.MaxPick(winners.window()), winners.x(), images.x()), indices.other()));
  }

  /** Flat values written into zeros, or added, where images have the maxima of windows. */
  static Optional<Value> unpool(Call c) {
    Origins.Reshaped indices = flat(c, 1);
    Origins.Reshaped values = flat(c, 2);
    Origins.Winners winners = indices == null ? null : c.context().origins().winners().get(indices.x());
    Compose g = c.g();
    if (values == null || indices == null || winners == null || !g.shape(values.x()).equals(g.shape(indices.x()))) {
      return Optional.empty();
    }
    Window w = winners.window();
    boolean overlap = w.strideH() < w.extentH() || w.strideW() < w.extentW();
    boolean adds = c.node().text("reduction", "none").equals("add");
    boolean zeros =
        c.constant(0).filter(data -> data.rank() == 1 && data.size() == g.shape(winners.x()).size() && data.isUniform()
            && data.real(0) == 0).isPresent();
    return zeros && (adds || !overlap)
        ? Optional.of(flattened(c, g.op(new Op.MaxUnpool(w), winners.x(), values.x()), winners.other()))
        : Optional.empty();
  }

  /** Images padded below and on the right until a number divides their size, if that is what the pads do here and elsewhere. */
  static Optional<Value> padToMultiple(Call c, long[] pads, long[] others) {
    Shape x = c.shape(0);
    Shape other = c.otherShape(0);
    boolean varies = !Arrays.equals(pads, others) && x.rank() == 4 && other.rank() == 4 && pads.length == 8 && others.length == 8;
    if (!varies || IntStream.range(0, 6).anyMatch(i -> pads[i] != 0 || others[i] != 0)) {
      return Optional.empty();
    }
    long common = 0;
    long most = 0;
    for (int axis = 2; axis < 4; axis++) {
      common = gcd(gcd(common, x.dim(axis) + pads[4 + axis]), other.dim(axis) + others[4 + axis]);
      most = Math.max(most, Math.max(pads[4 + axis], others[4 + axis]));
    }
    // a larger one would have padded more at some size; which one it is, a third size shows
    for (int multiple = (int) most + 1; most >= 0 && multiple <= common && multiple <= Short.MAX_VALUE; multiple++) {
      if (common % multiple == 0) {
        return Optional.of(c.g().op(new Op.PadToMultiple(multiple), c.value(0)));
      }
    }
    return Optional.empty();
  }

  private static long gcd(long a, long b) {
    return b == 0 ? Math.abs(a) : gcd(b, a % b);
  }
}
