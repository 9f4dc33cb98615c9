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
import static dev.fovea.cpu.vector.microkernel.Lanes.broadcast;
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
 * Elementwise kernels. Each has a loop of its own: a vector that crosses a call which is not inlined becomes an object.
 */
public final class Pointwise {
  private static final int UNIT = 4096;

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

  /** A unit is 4096 elements. */
  private record Unary(long size, UnaryLoop loop) implements PointwiseKernel {
    @Override
    public boolean canFuse(int input) {
      return true;
    }

    @Override
    public Epilogue epilogue(List<Address> others, Address out, int fused) {
      return (m, at, count) -> loop.run(m.array(out.array()), at, m.array(out.array()), at, count);
    }

    @Override
    public Task bind(List<Address> in, Address out, Epilogue epilogue) {
      int x = in.getFirst().offset();
      return units(size, (m, from, count) -> {
        loop.run(m.array(in.getFirst().array()), x + from, m.array(out.array()), out.offset() + from, count);
        epilogue.run(m, out.offset() + from, count);
      });
    }
  }

  /**
   * @param canFuseFirst whether it can be fused into the step that computes its first input; into that of its second it always can
   */
  private record Binary(long size, boolean canFuseFirst, BinaryLoop loop) implements PointwiseKernel {
    @Override
    public boolean canFuse(int input) {
      return canFuseFirst || input == 1;
    }

    @Override
    public Epilogue epilogue(List<Address> others, Address out, int fused) {
      int other = others.getFirst().array();
      int shift = others.getFirst().offset() - out.offset();
      return fused == 0
          ? (m, at, count) -> loop.run(
              m.array(out.array()), at, m.array(other), at + shift, m.array(out.array()), at, count)
          : (m, at, count) -> loop.run(
              m.array(other), at + shift, m.array(out.array()), at, m.array(out.array()), at, count);
    }

    @Override
    public Task bind(List<Address> in, Address out, Epilogue epilogue) {
      Address a = in.get(0);
      Address b = in.get(1);
      return units(size, (m, from, count) -> {
        loop.run(
            m.array(a.array()), a.offset() + from, m.array(b.array()), b.offset() + from, m.array(out.array()),
            out.offset() + from, count);
        epilogue.run(m, out.offset() + from, count);
      });
    }
  }

  private static Task units(long size, Epilogue run) {
    return Task.of((int) ((size + UNIT - 1) / UNIT), (m, from, to) -> {
      for (int unit = from; unit < to; unit++) {
        run.run(m, unit * UNIT, (int) Math.min(UNIT, size - (long) unit * UNIT));
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

  /**
   * The maximum with a value that is neither NaN nor -0 ({@link Op.Clip} allows neither): two instructions, not six as Java's
   * maximum.
   */
  private static FloatVector atLeast(FloatVector v, float min) {
    return v.blend(min, v.compare(VectorOperators.LE, min));
  }

  /** The minimum with such a value. */
  private static FloatVector atMost(FloatVector v, float max) {
    return v.blend(max, v.compare(VectorOperators.GT, max));
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
            broadcast(1).div(exp(load(x, at + i).neg()).add(1)).intoArray(y, to + i);
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
            broadcast(0).blend(load(b, bAt + i), load(a, at + i).compare(VectorOperators.GT, 0)).intoArray(y, to + i);
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
            load(b, bAt + i).mul(s).mul(broadcast(1).sub(s)).intoArray(y, to + i);
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
            load(b, bAt + i).mul(t.neg().fma(t, broadcast(1))).intoArray(y, to + i);
          }
        });
  }

  public static Kernel clip(long size, float min, float max) {
    return new Unary(
        size,
        (x, at, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            atLeast(atMost(load(x, at + i), max), min).intoArray(y, to + i);
          }
        });
  }

  public static Kernel clipGrad(long size, float min, float max) {
    return new Binary(
        size,
        false,
        (x, at, dy, dyAt, dx, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            FloatVector value = load(x, at + i);
            var inside = value.compare(VectorOperators.GT, min).and(value.compare(VectorOperators.LT, max));
            broadcast(0).blend(load(dy, dyAt + i), inside).intoArray(dx, to + i);
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

  /** Adds the same scalar to all elements. */
  public static Kernel add(long size, float scalar) {
    return new Unary(
        size,
        (x, at, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            load(x, at + i).add(scalar).intoArray(y, to + i);
          }
        });
  }

  public static Kernel mul(long size, float scalar) {
    return new Unary(
        size,
        (x, at, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            load(x, at + i).mul(scalar).intoArray(y, to + i);
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

  /** The same operations as {@link dev.fovea.cpu.kernel.Elementary#exp}, so the same bits. */
  private static FloatVector exp(FloatVector x) {
    FloatVector shifted = x.fma(broadcast(LOG2_E), broadcast(ROUND));
    FloatVector scale = powerOfTwo(shifted);
    FloatVector e = scale.fma(expMinusOne(x, shifted.sub(ROUND)), scale);
    return e.blend(0, x.compare(VectorOperators.LT, EXP_UNDERFLOW))
        .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, EXP_OVERFLOW));
  }

  private static FloatVector tanh(FloatVector x) {
    FloatVector y = x.mul(2).min(2 * TANH_SATURATION).max(-2 * TANH_SATURATION);
    FloatVector shifted = y.fma(broadcast(LOG2_E), broadcast(ROUND));
    FloatVector scale = powerOfTwo(shifted);
    FloatVector e = scale.fma(expMinusOne(y, shifted.sub(ROUND)), scale.sub(1));
    return e.div(e.add(2));
  }

  private static FloatVector expMinusOne(FloatVector x, FloatVector n) {
    FloatVector r = n.fma(broadcast(-LN2_LOW), n.fma(broadcast(-LN2_HIGH), x));
    FloatVector q = r.fma(broadcast(C7), broadcast(C6));
    q = r.fma(q, broadcast(C5));
    q = r.fma(q, broadcast(C4));
    q = r.fma(q, broadcast(C3));
    q = r.fma(q, broadcast(C2));
    return r.mul(r).fma(q, r);
  }

  /** Two to the power of the integer n, which is in the last bits of {@code n + ROUND}. */
  private static FloatVector powerOfTwo(FloatVector shifted) {
    return shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).add(127 << 23).reinterpretAsFloats();
  }
}
