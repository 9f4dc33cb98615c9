package dev.fovea.cpu.scalar;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Broadcast;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.PartialSums;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.tensor.Shape;
import java.util.Arrays;

/** Sums over axes. A sum over images has sixteen partial sums, see {@link PartialSums}; any other sum has one. */
final class Sum {
  /** Elements of a row of sums that stay in the first-level cache. */
  private static final int STRIP = 1024;

  private Sum() {}

  /** The sum over every axis along which {@code to} broadcasts. */
  static Kernel to(Shape x, Shape to) {
    boolean overImages = x.rank() > to.rank() || (x.rank() > 0 && to.dim(0) == 1);
    Broadcast map = new Broadcast(x, to);
    return (in, out) -> Task.of(1, (m, _, _) -> add(m, in.getFirst(), out, x, to.size(), map::indexOf, overImages));
  }

  /**
   * The sum along an axis that is not the images': of one image too, whose partial sums would add nothing but zeros. A unit is up to
   * 1024 sums at one index of the outer axes.
   */
  static Kernel along(Shape x, int axis) {
    int inner = x.sizeFrom(axis + 1);
    int count = x.dim(axis);
    int strips = Math.ceilDiv(inner, STRIP);
    return (in, out) -> Task.of(
        x.size() / x.sizeFrom(axis) * strips,
        (m, from, to) -> {
          float[] a = m.array(in.getFirst().array());
          float[] y = m.array(out.array());
          for (int unit = from; unit < to; unit++) {
            int first = unit % strips * STRIP;
            int at = in.getFirst().offset() + unit / strips * count * inner + first;
            int target = out.offset() + unit / strips * inner + first;
            if (inner == 1) {
              y[target] = sum(a, at, count);
            } else {
              addRows(a, at, inner, count, y, target, Math.min(STRIP, inner - first));
            }
          }
        });
  }

  private static float sum(float[] a, int at, int count) {
    float sum = 0;
    for (int i = at; i < at + count; i++) {
      sum += a[i];
    }
    return sum;
  }

  private static void addRows(float[] a, int at, int stride, int count, float[] y, int to, int width) {
    Arrays.fill(y, to, to + width, 0);
    for (int k = 0; k < count; k++) {
      int row = at + k * stride;
      for (int i = 0; i < width; i++) {
        y[to + i] += a[row + i];
      }
    }
  }

  /** {@code [N, C, ...]} to {@code [C]}. */
  static Kernel channels(Shape x) {
    int inner = x.sizeFrom(2);
    int channels = x.dim(1);
    return (in, out) -> Task.of(1, (m, _, _) -> add(m, in.getFirst(), out, x, channels, i -> i / inner % channels, true));
  }

  private interface Target {
    int of(int index);
  }

  private static void add(Memory m, Address in, Address out, Shape shape, int size, Target target, boolean overImages) {
    float[] x = m.array(in.array());
    float[] y = m.array(out.array());
    int lanes = overImages ? Layout.BLOCK : 1;
    float[] partial = new float[size * Layout.BLOCK];
    int perImage = shape.rank() == 0 ? 1 : shape.sizeFrom(1);
    for (int i = 0; i < shape.size(); i++) {
      partial[target.of(i) * Layout.BLOCK + i / perImage % lanes] += x[in.offset() + i];
    }
    for (int i = 0; i < size; i++) {
      y[out.offset() + i] = overImages ? PartialSums.tree(partial, i * Layout.BLOCK) : partial[i * Layout.BLOCK];
    }
  }
}
