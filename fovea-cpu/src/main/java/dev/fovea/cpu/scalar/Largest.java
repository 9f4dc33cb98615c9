package dev.fovea.cpu.scalar;

import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.tensor.Shape;
import java.util.Arrays;

/** The maximum along an axis, and the indices of the largest elements. */
final class Largest {
  private Largest() {}

  /** A unit is one index of the outer axes. */
  static Kernel max(Shape x, int axis) {
    int inner = x.sizeFrom(axis + 1);
    int count = x.dim(axis);
    return (in, out) -> Task.of(
        x.size() / x.sizeFrom(axis),
        (m, from, to) -> {
          float[] a = m.array(in.getFirst().array());
          float[] b = m.array(out.array());
          for (int unit = from; unit < to; unit++) {
            int source = in.getFirst().offset() + unit * count * inner;
            int target = out.offset() + unit * inner;
            System.arraycopy(a, source, b, target, inner);
            for (int k = 1; k < count; k++) {
              for (int i = 0; i < inner; i++) {
                b[target + i] = Math.max(b[target + i], a[source + k * inner + i]);
              }
            }
          }
        });
  }

  /** A unit is one row along the axis. */
  static Kernel indices(Shape x, int axis, int k) {
    int inner = x.sizeFrom(axis + 1);
    int count = x.dim(axis);
    return (in, out) -> Task.of(
        x.size() / count,
        (m, from, to) -> {
          float[] a = m.array(in.getFirst().array());
          float[] b = m.array(out.array());
          long[] keys = new long[count];
          for (int unit = from; unit < to; unit++) {
            int source = in.getFirst().offset() + unit / inner * count * inner + unit % inner;
            int target = out.offset() + unit / inner * k * inner + unit % inner;
            for (int i = 0; i < count; i++) {
              keys[i] = key(a[source + i * inner], i);
            }
            if (k == 1) {
              b[target] = (int) Arrays.stream(keys).min().orElseThrow();
            } else {
              Arrays.sort(keys);
              for (int i = 0; i < k; i++) {
                b[target + i * inner] = (int) keys[i];
              }
            }
          }
        });
  }

  /** Sorts descending by value, not a number first, then ascending by index, which is in the low half. */
  private static long key(float value, int index) {
    int bits = Float.floatToIntBits(value + 0f);
    int ascending = bits ^ bits >> 31 & Integer.MAX_VALUE;
    return (long) ~ascending << 32 | index;
  }
}
