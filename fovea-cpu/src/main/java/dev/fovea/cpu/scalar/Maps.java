package dev.fovea.cpu.scalar;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/** Concatenation, slicing, padding, cropping, maxout and one-hot encoding. */
final class Maps {
  private Maps() {}

  /** A unit is one operand's part at one index of the outer axes. */
  static Kernel concat(List<Shape> in, Shape y, int axis) {
    int[] starts = new int[in.size()];
    for (int k = 1; k < starts.length; k++) {
      starts[k] = starts[k - 1] + in.get(k - 1).sizeFrom(axis);
    }
    return (operands, out) -> Task.of(
        y.size() / y.sizeFrom(axis) * starts.length,
        (m, from, to) -> {
          for (int unit = from; unit < to; unit++) {
            int k = unit % starts.length;
            int n = unit / starts.length;
            int size = in.get(k).sizeFrom(axis);
            copy(m, operands.get(k), n * size, out, n * y.sizeFrom(axis) + starts[k], size);
          }
        });
  }

  private static void copy(Memory m, Address from, int at, Address to, int target, int size) {
    System.arraycopy(m.array(from.array()), from.offset() + at, m.array(to.array()), to.offset() + target, size);
  }

  /**
   * Shifts a tensor along an axis: slicing and padding. Elements shifted out are dropped, new ones are zero. A unit is one index of
   * the outer axes.
   */
  static Kernel shifted(Shape x, Shape y, int axis, int by) {
    int inner = y.sizeFrom(axis + 1);
    int from = Math.max(0, by);
    int to = Math.min(y.dim(axis), x.dim(axis) + by);
    return (in, out) -> Task.of(
        y.size() / y.sizeFrom(axis),
        (m, first, last) -> {
          float[] target = m.array(out.array());
          for (int unit = first; unit < last; unit++) {
            int row = out.offset() + unit * y.sizeFrom(axis);
            Arrays.fill(target, row, row + from * inner, 0);
            copy(m, in.getFirst(), unit * x.sizeFrom(axis) + (from - by) * inner, out,
                unit * y.sizeFrom(axis) + from * inner, (to - from) * inner);
            Arrays.fill(target, row + to * inner, row + y.dim(axis) * inner, 0);
          }
        });
  }

  /** Pads with zeros at the bottom and the right. A unit is one plane. */
  static Kernel padded(Shape x, Shape y) {
    return (in, out) -> Task.of(
        y.dim(0) * y.dim(1),
        (m, from, to) -> {
          Arrays.fill(m.array(out.array()), out.offset() + from * y.sizeFrom(2), out.offset() + to * y.sizeFrom(2), 0);
          for (int row = from * x.dim(2); row < to * x.dim(2); row++) {
            int target = (row / x.dim(2) * y.dim(2) + row % x.dim(2)) * y.dim(3);
            copy(m, in.getFirst(), row * x.dim(3), out, target, x.dim(3));
          }
        });
  }

  /** A unit is one plane. */
  static Kernel crop(Shape x, Shape y, int top, int left) {
    return (in, out) -> Task.of(
        y.dim(0) * y.dim(1),
        (m, from, to) -> {
          for (int row = from * y.dim(2); row < to * y.dim(2); row++) {
            int source = (row / y.dim(2) * x.dim(2) + top + row % y.dim(2)) * x.dim(3) + left;
            copy(m, in.getFirst(), source, out, row * y.dim(3), y.dim(3));
          }
        });
  }

  /** A unit is one plane of the result. */
  static Kernel maxout(Shape x, Shape y, int pieces) {
    int inner = x.sizeFrom(2);
    return (in, out) -> Task.of(
        y.dim(0) * y.dim(1),
        (m, from, to) -> {
          float[] a = m.array(in.getFirst().array());
          float[] b = m.array(out.array());
          for (int i = from * inner; i < to * inner; i++) {
            b[out.offset() + i] = a[argmax(a, in.getFirst().offset() + first(i, inner, pieces), inner, pieces)];
          }
        });
  }

  private static int first(int i, int inner, int pieces) {
    return i / inner * pieces * inner + i % inner;
  }

  /** The index of the first maximum. */
  private static int argmax(float[] a, int at, int inner, int pieces) {
    int max = at;
    for (int p = 1; p < pieces; p++) {
      max = a[at + p * inner] > a[max] ? at + p * inner : max;
    }
    return max;
  }

  /** Inputs x and dy; a unit is one plane of dy. */
  static Kernel maxoutGrad(Shape x, Shape dy, int pieces) {
    int inner = x.sizeFrom(2);
    return (in, out) -> Task.of(
        dy.dim(0) * dy.dim(1),
        (m, from, to) -> {
          float[] a = m.array(in.get(0).array());
          float[] b = m.array(in.get(1).array());
          float[] dx = m.array(out.array());
          int shift = out.offset() - in.get(0).offset();
          Arrays.fill(dx, out.offset() + from * pieces * inner, out.offset() + to * pieces * inner, 0);
          for (int i = from * inner; i < to * inner; i++) {
            int at = in.get(0).offset() + first(i, inner, pieces);
            dx[argmax(a, at, inner, pieces) + shift] = b[in.get(1).offset() + i];
          }
        });
  }

  /** A unit is one image. */
  static Kernel oneHot(Shape y) {
    int inner = y.sizeFrom(2);
    return (in, out) -> Task.of(
        y.dim(0),
        (m, from, to) -> {
          float[] labels = m.array(in.getFirst().array());
          float[] b = m.array(out.array());
          Arrays.fill(b, out.offset() + from * y.sizeFrom(1), out.offset() + to * y.sizeFrom(1), 0);
          for (int i = from * inner; i < to * inner; i++) {
            int label = (int) labels[in.getFirst().offset() + i];
            if (label >= 0 && label < y.dim(1)) {
              b[out.offset() + (i / inner * y.dim(1) + label) * inner + i % inner] = 1;
            }
          }
        });
  }
}
