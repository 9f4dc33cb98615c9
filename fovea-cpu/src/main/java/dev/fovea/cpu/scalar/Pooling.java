package dev.fovea.cpu.scalar;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Axis;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.PoolGeometry;
import dev.fovea.cpu.kernel.Task;
import java.util.Arrays;

/** Pooling and its adjoints. A unit is one plane: one channel of one image. */
final class Pooling {
  private Pooling() {}

  static Kernel max(PoolGeometry g) {
    return (in, out) -> Task.of(
        g.planes(),
        (m, from, to) -> each(m, in.getFirst(), out, g, from, to, (a, base, rows, columns, _) -> {
          float max = Float.NEGATIVE_INFINITY;
          for (Axis.Tap row : rows) {
            for (Axis.Tap column : columns) {
              max = Math.max(max, a[base + row.offset() * g.inW() + column.offset()]);
            }
          }
          return max;
        }));
  }

  /** @param scales what each position's sum is multiplied by */
  static Kernel average(PoolGeometry g, float[] scales) {
    return (in, out) -> Task.of(
        g.planes(),
        (m, from, to) -> each(m, in.getFirst(), out, g, from, to, (a, base, rows, columns, position) -> {
          float sum = 0;
          for (Axis.Tap row : rows) {
            for (Axis.Tap column : columns) {
              sum += a[base + row.offset() * g.inW() + column.offset()];
            }
          }
          return sum * scales[position];
        }));
  }

  /** @param scales what each position's sum was multiplied by */
  static Kernel averageGrad(PoolGeometry g, float[] scales) {
    return (in, out) -> Task.of(
        g.planes(),
        (m, from, to) -> {
          int size = g.inH() * g.inW();
          each(m, in.getFirst(), out, g, from, to, (a, base, rows, columns, _) -> {
            float sum = 0;
            for (Axis.Tap row : rows) {
              for (Axis.Tap column : columns) {
                int window = base + row.offset() * g.inW() + column.offset();
                sum = Math.fma(a[window], scales[(window - in.getFirst().offset()) % size], sum);
              }
            }
            return sum;
          });
        });
  }

  /** Inputs key and x: in each window the element of x at the key's maximum. */
  static Kernel pick(PoolGeometry g) {
    return (in, out) -> Task.of(
        g.planes(),
        (m, from, to) -> {
          float[] key = m.array(in.get(0).array());
          float[] x = m.array(in.get(1).array());
          float[] y = m.array(out.array());
          int shift = in.get(1).offset() - in.get(0).offset();
          int positions = g.outH() * g.outW();
          for (int i = from * positions; i < to * positions; i++) {
            int plane = in.get(0).offset() + i / positions * g.inH() * g.inW();
            y[out.offset() + i] = x[argmax(key, plane, g, i % positions) + shift];
          }
        });
  }

  /** Inputs x and an element for each window, which is added at the window's maximum. */
  static Kernel unpool(PoolGeometry g) {
    return (in, out) -> Task.of(
        g.planes(),
        (m, from, to) -> {
          float[] a = m.array(in.get(0).array());
          float[] b = m.array(in.get(1).array());
          float[] dx = m.array(out.array());
          int size = g.inH() * g.inW();
          Arrays.fill(dx, out.offset() + from * size, out.offset() + to * size, 0);
          for (int unit = from; unit < to; unit++) {
            int plane = in.get(0).offset() + unit * size;
            int shift = out.offset() - in.get(0).offset();
            for (int position = 0; position < g.outH() * g.outW(); position++) {
              int max = argmax(a, plane, g, position);
              if (max >= 0) {
                dx[max + shift] += b[in.get(1).offset() + unit * g.outH() * g.outW() + position];
              }
            }
          }
        });
  }

  /** The index of the first maximum of a window; -1 if the window is empty. */
  private static int argmax(float[] a, int plane, PoolGeometry g, int position) {
    int row = position / g.outW();
    int column = position % g.outW();
    int base = plane + g.rows().base(row) * g.inW() + g.columns().base(column);
    int max = -1;
    for (Axis.Tap r : g.rows().taps(g.rows().classOf(row))) {
      for (Axis.Tap c : g.columns().taps(g.columns().classOf(column))) {
        int at = base + r.offset() * g.inW() + c.offset();
        if (max < 0 || a[at] > a[max]) {
          max = at;
        }
      }
    }
    return max;
  }

  private interface WindowFunction {
    float at(float[] a, int base, Iterable<Axis.Tap> rows, Iterable<Axis.Tap> columns, int position);
  }

  private static void each(Memory m, Address in, Address out, PoolGeometry g, int from, int to, WindowFunction function) {
    float[] a = m.array(in.array());
    float[] y = m.array(out.array());
    int positions = g.outH() * g.outW();
    for (int unit = from; unit < to; unit++) {
      int plane = in.offset() + unit * g.inH() * g.inW();
      for (int position = 0; position < positions; position++) {
        int row = position / g.outW();
        int column = position % g.outW();
        y[out.offset() + unit * positions + position] =
            function.at(
                a,
                plane + g.rows().base(row) * g.inW() + g.columns().base(column),
                g.rows().taps(g.rows().classOf(row)),
                g.columns().taps(g.columns().classOf(column)),
                position);
      }
    }
  }
}
