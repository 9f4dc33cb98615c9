package dev.fovea.cpu.vector.plane;

import static dev.fovea.cpu.kernel.Elementary.C2;
import static dev.fovea.cpu.kernel.Elementary.C3;
import static dev.fovea.cpu.kernel.Elementary.C4;
import static dev.fovea.cpu.kernel.Elementary.C5;
import static dev.fovea.cpu.kernel.Elementary.C6;
import static dev.fovea.cpu.kernel.Elementary.C7;
import static dev.fovea.cpu.kernel.Elementary.EXP_OVERFLOW;
import static dev.fovea.cpu.kernel.Elementary.EXP_UNDERFLOW;
import static dev.fovea.cpu.kernel.Elementary.LN2_HIGH;
import static dev.fovea.cpu.kernel.Elementary.LN2_LOW;
import static dev.fovea.cpu.kernel.Elementary.LOG2_E;
import static dev.fovea.cpu.kernel.Elementary.ROUND;
import static dev.fovea.cpu.kernel.Elementary.TANH_SATURATION;
import static dev.fovea.cpu.vector.microkernel.Lanes.all;
import static dev.fovea.cpu.vector.microkernel.Lanes.load;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Epilogue;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.PointwiseKernel;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.vector.microkernel.Lanes;
import dev.fovea.graph.Op;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Kernels that go number by number. Each has a loop of its own: a vector that crosses a call which is not inlined becomes an
 * object.
 */
public final class Pointwise {
  private static final int RUN = 4096;

  private Pointwise() {}

  /** A loop over {@code x[at..]}, writing {@code y[to..]}. */
  @FunctionalInterface
  private interface UnaryLoop {
    void run(float[] x, int at, float[] y, int to, int count);
  }

  @FunctionalInterface
  private interface BinaryLoop {
    void run(float[] a, int at, float[] b, int bAt, float[] y, int to, int count);
  }

  /** A unit is a run of 4096 numbers. */
  private record Unary(long size, UnaryLoop loop) implements PointwiseKernel {
    @Override
    public boolean canFuse(int input) {
      return true;
    }

    @Override
    public Epilogue epilogue(List<Address> others, Address out, int carried) {
      return (m, at, count) -> loop.run(m.array(out.array()), at, m.array(out.array()), at, count);
    }

    @Override
    public Task bind(List<Address> in, Address out, Epilogue epilogue) {
      int x = in.getFirst().offset();
      return runs(size, (m, from, count) -> {
        loop.run(m.array(in.getFirst().array()), x + from, m.array(out.array()), out.offset() + from, count);
        epilogue.run(m, out.offset() + from, count);
      });
    }
  }

  /** @param first whether it may ride on the step that makes its first input; it always may on that of its second */
  private record Binary(long size, boolean first, BinaryLoop loop) implements PointwiseKernel {
    @Override
    public boolean canFuse(int input) {
      return first || input == 1;
    }

    @Override
    public Epilogue epilogue(List<Address> others, Address out, int carried) {
      int other = others.getFirst().array();
      int moved = others.getFirst().offset() - out.offset();
      return carried == 0
          ? (m, at, count) -> loop.run(
              m.array(out.array()), at, m.array(other), at + moved, m.array(out.array()), at, count)
          : (m, at, count) -> loop.run(
              m.array(other), at + moved, m.array(out.array()), at, m.array(out.array()), at, count);
    }

    @Override
    public Task bind(List<Address> in, Address out, Epilogue epilogue) {
      Address a = in.get(0);
      Address b = in.get(1);
      return runs(size, (m, from, count) -> {
        loop.run(
            m.array(a.array()), a.offset() + from, m.array(b.array()), b.offset() + from, m.array(out.array()),
            out.offset() + from, count);
        epilogue.run(m, out.offset() + from, count);
      });
    }
  }

  private static Task runs(long size, Epilogue run) {
    return Task.of((int) ((size + RUN - 1) / RUN), (m, from, to) -> {
      for (int unit = from; unit < to; unit++) {
        run.run(m, unit * RUN, (int) Math.min(RUN, size - (long) unit * RUN));
      }
    });
  }

  public static Kernel relu(long size) {
    return new Unary(
        size,
        (x, at, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            atLeast(load(x, at + i), 0).intoArray(y, to + i);
          }
        });
  }

  /** The maximum with a number that is neither NaN nor -0 ({@link Op.Clip} has none), in two instructions; Java's takes six, for those. */
  private static FloatVector atLeast(FloatVector v, float least) {
    return v.blend(least, v.compare(VectorOperators.LE, least));
  }

  /** The minimum with such a number. */
  private static FloatVector atMost(FloatVector v, float most) {
    return v.blend(most, v.compare(VectorOperators.GT, most));
  }

  public static Kernel leakyRelu(long size, float slope) {
    return new Unary(
        size,
        (x, at, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            FloatVector v = load(x, at + i);
            v.mul(slope).blend(v, v.compare(VectorOperators.GT, 0)).intoArray(y, to + i);
          }
        });
  }

  public static Kernel sigmoid(long size) {
    return new Unary(
        size,
        (x, at, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            all(1).div(exp(load(x, at + i).neg()).add(1)).intoArray(y, to + i);
          }
        });
  }

  public static Kernel tanh(long size) {
    return new Unary(
        size,
        (x, at, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            tanh(load(x, at + i)).intoArray(y, to + i);
          }
        });
  }

  public static Kernel reluGrad(long size) {
    return new Binary(
        size,
        false,
        (a, at, b, bAt, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            all(0).blend(load(b, bAt + i), load(a, at + i).compare(VectorOperators.GT, 0)).intoArray(y, to + i);
          }
        });
  }

  public static Kernel leakyReluGrad(long size, float slope) {
    return new Binary(
        size,
        false,
        (a, at, b, bAt, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            FloatVector dy = load(b, bAt + i);
            dy.mul(slope).blend(dy, load(a, at + i).compare(VectorOperators.GT, 0)).intoArray(y, to + i);
          }
        });
  }

  public static Kernel sigmoidGrad(long size) {
    return new Binary(
        size,
        false,
        (a, at, b, bAt, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            FloatVector s = load(a, at + i);
            load(b, bAt + i).mul(s).mul(all(1).sub(s)).intoArray(y, to + i);
          }
        });
  }

  public static Kernel tanhGrad(long size) {
    return new Binary(
        size,
        false,
        (a, at, b, bAt, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            FloatVector t = load(a, at + i);
            load(b, bAt + i).mul(t.neg().fma(t, all(1))).intoArray(y, to + i);
          }
        });
  }

  public static Kernel clip(long size, float least, float most) {
    return new Unary(
        size,
        (x, at, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            atLeast(atMost(load(x, at + i), most), least).intoArray(y, to + i);
          }
        });
  }

  public static Kernel clipGrad(long size, float least, float most) {
    return new Binary(
        size,
        false,
        (x, at, dy, dyAt, dx, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            FloatVector value = load(x, at + i);
            var inside = value.compare(VectorOperators.GT, least).and(value.compare(VectorOperators.LT, most));
            all(0).blend(load(dy, dyAt + i), inside).intoArray(dx, to + i);
          }
        });
  }

  public static Kernel add(long size) {
    return new Binary(
        size,
        true,
        (a, at, b, bAt, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            load(a, at + i).add(load(b, bAt + i)).intoArray(y, to + i);
          }
        });
  }

  /** With the same number for all. */
  public static Kernel add(long size, float number) {
    return new Unary(
        size,
        (x, at, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            load(x, at + i).add(number).intoArray(y, to + i);
          }
        });
  }

  public static Kernel mul(long size, float number) {
    return new Unary(
        size,
        (x, at, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            load(x, at + i).mul(number).intoArray(y, to + i);
          }
        });
  }

  public static Kernel mul(long size) {
    return new Binary(
        size,
        true,
        (a, at, b, bAt, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            load(a, at + i).mul(load(b, bAt + i)).intoArray(y, to + i);
          }
        });
  }

  /** The same steps as {@link dev.fovea.cpu.kernel.Elementary#exp}, so the same bits. */
  private static FloatVector exp(FloatVector x) {
    FloatVector shifted = x.fma(all(LOG2_E), all(ROUND));
    FloatVector scale = powerOfTwo(shifted);
    FloatVector e = scale.fma(expMinusOne(x, shifted.sub(ROUND)), scale);
    return e.blend(0, x.compare(VectorOperators.LT, EXP_UNDERFLOW))
        .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, EXP_OVERFLOW));
  }

  private static FloatVector tanh(FloatVector x) {
    FloatVector y = x.mul(2).min(2 * TANH_SATURATION).max(-2 * TANH_SATURATION);
    FloatVector shifted = y.fma(all(LOG2_E), all(ROUND));
    FloatVector scale = powerOfTwo(shifted);
    FloatVector e = scale.fma(expMinusOne(y, shifted.sub(ROUND)), scale.sub(1));
    return e.div(e.add(2));
  }

  private static FloatVector expMinusOne(FloatVector x, FloatVector n) {
    FloatVector r = n.fma(all(-LN2_LOW), n.fma(all(-LN2_HIGH), x));
    FloatVector q = r.fma(all(C7), all(C6));
    q = r.fma(q, all(C5));
    q = r.fma(q, all(C4));
    q = r.fma(q, all(C3));
    q = r.fma(q, all(C2));
    return r.mul(r).fma(q, r);
  }

  /** Two to the whole number n, which the last bits of {@code n + ROUND} spell. */
  private static FloatVector powerOfTwo(FloatVector shifted) {
    return shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).add(127 << 23).reinterpretAsFloats();
  }
}
