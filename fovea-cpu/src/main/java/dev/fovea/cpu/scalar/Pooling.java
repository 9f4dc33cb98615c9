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
          float best = Float.NEGATIVE_INFINITY;
          for (Axis.Tap row : rows) {
            for (Axis.Tap column : columns) {
              best = Math.max(best, a[base + row.offset() * g.inW() + column.offset()]);
            }
          }
          return best;
        }));
  }

  /** @param shares what each place's sum is multiplied by */
  static Kernel average(PoolGeometry g, float[] shares) {
    return (in, out) -> Task.of(
        g.planes(),
        (m, from, to) -> each(m, in.getFirst(), out, g, from, to, (a, base, rows, columns, position) -> {
          float sum = 0;
          for (Axis.Tap row : rows) {
            for (Axis.Tap column : columns) {
              sum += a[base + row.offset() * g.inW() + column.offset()];
            }
          }
          return sum * shares[position];
        }));
  }

  /** @param shares what each place's sum was multiplied by */
  static Kernel averageGrad(PoolGeometry g, float[] shares) {
    return (in, out) -> Task.of(
        g.planes(),
        (m, from, to) -> {
          int size = g.inH() * g.inW();
          each(m, in.getFirst(), out, g, from, to, (a, base, rows, columns, _) -> {
            float sum = 0;
            for (Axis.Tap row : rows) {
              for (Axis.Tap column : columns) {
                int window = base + row.offset() * g.inW() + column.offset();
                sum = Math.fma(a[window], shares[(window - in.getFirst().offset()) % size], sum);
              }
            }
            return sum;
          });
        });
  }

  /** Inputs key and x: the element of x where the key is largest. */
  static Kernel pick(PoolGeometry g) {
    return (in, out) -> Task.of(
        g.planes(),
        (m, from, to) -> {
          float[] key = m.array(in.get(0).array());
          float[] x = m.array(in.get(1).array());
          float[] y = m.array(out.array());
          int moved = in.get(1).offset() - in.get(0).offset();
          int positions = g.outH() * g.outW();
          for (int i = from * positions; i < to * positions; i++) {
            int plane = in.get(0).offset() + i / positions * g.inH() * g.inW();
            y[out.offset() + i] = x[winner(key, plane, g, i % positions) + moved];
          }
        });
  }

  /** Inputs x and a number for each window, which goes to the window's winner. */
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
            int moved = out.offset() - in.get(0).offset();
            for (int position = 0; position < g.outH() * g.outW(); position++) {
              int winner = winner(a, plane, g, position);
              if (winner >= 0) {
                dx[winner + moved] += b[in.get(1).offset() + unit * g.outH() * g.outW() + position];
              }
            }
          }
        });
  }

  /** The first of the largest. */
  private static int winner(float[] a, int plane, PoolGeometry g, int position) {
    int row = position / g.outW();
    int column = position % g.outW();
    int base = plane + g.rows().base(row) * g.inW() + g.columns().base(column);
    int winner = -1;
    for (Axis.Tap r : g.rows().taps(g.rows().classOf(row))) {
      for (Axis.Tap c : g.columns().taps(g.columns().classOf(column))) {
        int at = base + r.offset() * g.inW() + c.offset();
        if (winner < 0 || a[at] > a[winner]) {
          winner = at;
        }
      }
    }
    return winner;
  }

  private interface Cell {
    float at(float[] a, int base, Iterable<Axis.Tap> rows, Iterable<Axis.Tap> columns, int position);
  }

  private static void each(Memory m, Address in, Address out, PoolGeometry g, int from, int to, Cell cell) {
    float[] a = m.array(in.array());
    float[] y = m.array(out.array());
    int positions = g.outH() * g.outW();
    for (int unit = from; unit < to; unit++) {
      int plane = in.offset() + unit * g.inH() * g.inW();
      for (int position = 0; position < positions; position++) {
        int row = position / g.outW();
        int column = position % g.outW();
        y[out.offset() + unit * positions + position] =
            cell.at(
                a,
                plane + g.rows().base(row) * g.inW() + g.columns().base(column),
                g.rows().taps(g.rows().classOf(row)),
                g.columns().taps(g.columns().classOf(column)),
                position);
      }
    }
  }
}
