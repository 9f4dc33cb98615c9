package dev.fovea.formats.onnx.call;

import dev.fovea.formats.onnx.constant.Shaping;
import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Dim;
import dev.fovea.graph.Value;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Reshapes that work for other batches and image sizes. A file has the sizes of a result as numbers, perhaps computed from shapes. From
 * two interpretations for different input shapes follows which of them are built in, and which are the size of an axis of the
 * operand or what is left over.
 */
public final class Reshapes {
  private final Compose g;
  private final int[] x;
  private final int[] otherX;
  private final int[] y;
  private final int[] otherY;

  private Reshapes(Compose g, int[] x, int[] otherX, int[] y, int[] otherY) {
    this.g = g;
    this.x = x;
    this.otherX = otherX;
    this.y = y;
    this.otherY = otherY;
  }

  /** The sizes of the result of ONNX's Reshape to that target. */
  public static int[] result(Call c, long[] target, boolean allowZero) {
    int[] x = sizes(c.shape(0));
    int[] otherY = c.otherResult(0).map(Reshapes::sizes).orElse(null);
    long[] wanted = target.clone();
    if (c.context().literalBatch() && otherY != null) {
      scaleBatch(c, wanted, x, sizes(c.otherShape(0)), otherY);
    }
    return Shaping.reshaped(x, wanted, allowZero);
  }

  /** The first operand under the sizes of the result. */
  public static Value apply(Call c, int[] y) {
    return of(c.g(), c.value(0), sizes(c.otherShape(0)), y, c.otherResult(0).map(Reshapes::sizes).orElse(y));
  }

  /** The operand under the sizes {@code y}; {@code otherX} and {@code otherY} are those of the other interpretation. */
  public static Value of(Compose g, Value x, int[] otherX, int[] y, int[] otherY) {
    int[] dims = sizes(g.shape(x));
    if (dims.length != otherX.length || y.length != otherY.length) {
      throw new FoveaException("has another number of axes for other input shapes");
    }
    return new Reshapes(g, dims, otherX, y, otherY).append(x);
  }

  /**
   * Where the operand has k times the images of the other interpretation, a number that held them there is k times that: of the
   * axes that the batch becomes part of the one that was the batch, or else the first.
   */
  private static void scaleBatch(Call c, long[] target, int[] x, int[] otherX, int[] otherY) {
    int times = c.context().batchRatio();
    List<Group> groups = new Reshapes(c.g(), otherX, otherX, otherY, otherY).groups();
    for (int axis = 0; axis < x.length; axis++) {
      int batchAxis = axis;
      if (times > 1 && x[axis] == times * otherX[axis]) {
        Group group = groups.stream().filter(g -> g.from <= batchAxis && batchAxis < g.to).findFirst().orElseThrow();
        int batch = c.context().otherBatch();
        IntStream.range(group.first, group.end).filter(i -> target[i] == otherY[i]).boxed()
            .min(Comparator.comparing(i -> otherY[i] != batch))
            .ifPresent(i -> target[i] *= times);
        return;
      }
    }
  }

  public static int[] sizes(Shape shape) {
    return shape.dims().stream().mapToInt(Integer::intValue).toArray();
  }

  /** Axes of x that become axes of y: the smallest runs whose elements are the same in number in both interpretations. */
  private record Group(int from, int to, int first, int end) {}

  private List<Group> groups() {
    List<Group> groups = new ArrayList<>();
    int to = 0;
    int end = 0;
    while (to < x.length || end < y.length) {
      int from = to;
      int first = end;
      long inX = to < x.length ? x[to] : 1;
      long inOtherX = to < x.length ? otherX[to++] : 1;
      long inY = end < y.length ? y[end] : 1;
      long inOtherY = end < y.length ? otherY[end++] : 1;
      while ((inX != inY || inOtherX != inOtherY) && (to < x.length || end < y.length)) {
        boolean widenX = end == y.length || (to < x.length && (inX < inY || (inX == inY && inOtherX < inOtherY)));
        if (widenX) {
          inX *= x[to];
          inOtherX *= otherX[to++];
        } else {
          inY *= y[end];
          inOtherY *= otherY[end++];
        }
      }
      groups.add(new Group(from, to, first, end));
    }
    return groups;
  }

  private Value append(Value value) {
    if (y.length == 2 && x.length > 2 && x[0] == y[0] && otherX[0] == otherY[0]) {
      return g.op(new Op.Flatten(), value);
    }
    List<Group> groups = groups();
    List<List<Dim>> dims = new ArrayList<>();
    for (Group group : groups) {
      dims.add(dims(group));
    }
    List<Integer> open = IntStream.range(0, groups.size()).filter(i -> dims.get(i).contains(new Dim.Rest())).boxed().toList();
    if (open.size() <= 1) {
      return g.reshape(value, dims.stream().flatMap(List::stream).toList());
    }
    // one group after the other, since only one axis can be what is left over
    Value result = value;
    int done = 0;
    for (int step = 0; step < groups.size(); step++) {
      Group group = groups.get(step);
      int shift = done - group.from;
      List<Dim> all = new ArrayList<>();
      IntStream.range(0, done).forEach(axis -> all.add(new Dim.Axis(axis)));
      dims.get(step).forEach(dim -> all.add(dim instanceof Dim.Axis(int axis) ? new Dim.Axis(axis + shift) : dim));
      IntStream.range(group.to + shift, g.rank(result)).forEach(axis -> all.add(new Dim.Axis(axis)));
      result = g.reshape(result, all);
      done = all.size() - (g.rank(value) - group.to);
    }
    return result;
  }

  /** The sizes of a group's axes in y. */
  private List<Dim> dims(Group group) {
    List<Dim> dims = new ArrayList<>();
    boolean alone = group.to - group.from == 1 && group.end - group.first == 1;
    for (int i = group.first; i < group.end; i++) {
      if (alone) {
        dims.add(new Dim.Axis(group.from));
      } else if (y[i] == otherY[i]) {
        dims.add(new Dim.Size(y[i]));
      } else {
        dims.add(open(group, i));
      }
    }
    if (dims.stream().filter(Dim.Rest.class::isInstance).count() > 1) {
      throw new FoveaException("its shape depends on the input's in several axes: " + Arrays.toString(y));
    }
    return dims;
  }

  private Dim open(Group group, int i) {
    for (int axis = group.from; axis < group.to; axis++) {
      if (x[axis] == y[i] && otherX[axis] == otherY[i]) {
        return new Dim.Axis(axis);
      }
    }
    return new Dim.Rest();
  }
}
