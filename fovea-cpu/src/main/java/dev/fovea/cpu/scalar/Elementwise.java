package dev.fovea.cpu.scalar;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Broadcast;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.graph.Op;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/** Elementwise kernels. A unit is a range of 4096 elements. */
final class Elementwise {
  private static final int UNIT = 4096;

  private Elementwise() {}

  @FunctionalInterface
  interface Unary {
    float of(float x);
  }

  @FunctionalInterface
  interface Binary {
    float of(float a, float b);
  }

  @FunctionalInterface
  private interface Range {
    void run(Memory m, int from, int to);
  }

  private static Task ranges(int size, Range range) {
    return Task.of((size + UNIT - 1) / UNIT, (m, from, to) -> range.run(m, from * UNIT, Math.min(size, to * UNIT)));
  }

  static Kernel fill(int size, float value) {
    return (_, out) -> ranges(size,
        (m, from, to) -> Arrays.fill(m.array(out.array()), out.offset() + from, out.offset() + to, value));
  }

  static Kernel map(int size, Unary f) {
    return (in, out) -> ranges(
        size,
        (m, from, to) -> {
          float[] x = m.array(in.getFirst().array());
          float[] y = m.array(out.array());
          int shift = in.getFirst().offset() - out.offset();
          for (int i = out.offset() + from; i < out.offset() + to; i++) {
            y[i] = f.of(x[i + shift]);
          }
        });
  }

  static Kernel zip(int size, Binary f) {
    return (in, out) -> ranges(
        size,
        (m, from, to) -> {
          float[] a = m.array(in.get(0).array());
          float[] b = m.array(in.get(1).array());
          float[] y = m.array(out.array());
          for (int i = from; i < to; i++) {
            y[out.offset() + i] = f.of(a[in.get(0).offset() + i], b[in.get(1).offset() + i]);
          }
        });
  }

  /** An operation on contiguous elements with one scalar: a method of its own, so that its loop is compiled early. */
  @FunctionalInterface
  private interface RowKernel {
    void run(float[] a, int at, float scalar, float[] y, int to, int count);
  }

  /** A function of operands that broadcast mutually. */
  static Kernel zip(Shape a, Shape b, Shape out, Binary f) {
    if (a.size() == out.size() && b.size() == out.size()) {
      return zip(out.size(), f);
    }
    Broadcast first = new Broadcast(out, a);
    Broadcast second = new Broadcast(out, b);
    return (in, y) -> ranges(
        out.size(),
        (m, from, to) -> {
          float[] x = m.array(in.get(0).array());
          float[] w = m.array(in.get(1).array());
          for (int i = from; i < to; i++) {
            m.array(y.array())[y.offset() + i] =
                f.of(x[in.get(0).offset() + first.indexOf(i)], w[in.get(1).offset() + second.indexOf(i)]);
          }
        });
  }

  /** Inputs condition, a and b, which broadcast mutually. */
  static Kernel where(List<Shape> shapes, Shape out) {
    List<Broadcast> maps = shapes.stream().map(x -> new Broadcast(out, x)).toList();
    return (in, y) -> ranges(
        out.size(),
        (m, from, to) -> {
          float[] condition = m.array(in.getFirst().array());
          for (int i = from; i < to; i++) {
            int chosen = condition[in.getFirst().offset() + maps.getFirst().indexOf(i)] != 0 ? 1 : 2;
            Address operand = in.get(chosen);
            m.array(y.array())[y.offset() + i] = m.array(operand.array())[operand.offset() + maps.get(chosen).indexOf(i)];
          }
        });
  }

  static Kernel add(Shape x, Shape other, Shape out) {
    return broadcasts(x, other, out) ? broadcast(x, other, Elementwise::addRow) : zip(x, other, out, Float::sum);
  }

  /** Whether the second operand is smaller and broadcasts onto the first. */
  private static boolean broadcasts(Shape x, Shape other, Shape out) {
    return x.equals(out) && other.size() < x.size();
  }

  private static void addRow(float[] a, int at, float scalar, float[] y, int to, int count) {
    for (int i = 0; i < count; i++) {
      y[to + i] = a[at + i] + scalar;
    }
  }

  static Kernel mul(Shape x, Shape other, Shape out) {
    return broadcasts(x, other, out) ? broadcast(x, other, Elementwise::mulRow) : zip(x, other, out, (a, b) -> a * b);
  }

  private static void mulRow(float[] a, int at, float scalar, float[] y, int to, int count) {
    for (int i = 0; i < count; i++) {
      y[to + i] = a[at + i] * scalar;
    }
  }

  private static Kernel broadcast(Shape x, Shape other, RowKernel row) {
    Broadcast map = new Broadcast(x, other);
    return (in, out) -> ranges(
        x.size(),
        (m, from, to) -> {
          float[] a = m.array(in.get(0).array());
          float[] b = m.array(in.get(1).array());
          float[] y = m.array(out.array());
          for (int i = from; i < to;) {
            int count = Math.min(to, (i / map.runLength() + 1) * map.runLength()) - i;
            row.run(a, in.get(0).offset() + i, b[in.get(1).offset() + map.indexOf(i)], y, out.offset() + i, count);
            i += count;
          }
        });
  }

  static Kernel dropout(Op.Dropout op, Shape x) {
    float scale = (float) (1 / (1 - (double) op.rate()));
    int unit = op.unit().size(x);
    return (in, out) -> ranges(
        x.size(),
        (m, from, to) -> {
          Rng mask = m.random().at(op.name());
          float[] a = m.array(in.getFirst().array());
          float[] y = m.array(out.array());
          for (int i = from; i < to; i++) {
            y[out.offset() + i] = a[in.getFirst().offset() + i] * (mask.uniform(i / unit) < op.rate() ? 0 : scale);
          }
        });
  }

  /** Each element divided by an exponentially distributed random number. */
  static Kernel race(String name, int size) {
    return (in, out) -> ranges(
        size,
        (m, from, to) -> {
          Rng race = m.random().at(name);
          float[] x = m.array(in.getFirst().array());
          float[] y = m.array(out.array());
          for (int i = from; i < to; i++) {
            y[out.offset() + i] = (float) (x[in.getFirst().offset() + i] / -StrictMath.log(race.uniform(i)));
          }
        });
  }
}
