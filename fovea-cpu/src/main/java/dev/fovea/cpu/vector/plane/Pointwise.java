package dev.fovea.cpu.vector.plane;

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
        float[] a = m.array(in.getFirst().array());
        float[] y = m.array(out.array());
        int to = out.offset() + from;
        int whole = count / Lanes.COUNT * Lanes.COUNT;
        loop.run(a, x + from, y, to, whole);
        if (whole < count) {
          float[] last = new float[Lanes.COUNT];
          System.arraycopy(a, x + from + whole, last, 0, count - whole);
          loop.run(last, 0, last, 0, Lanes.COUNT);
          System.arraycopy(last, 0, y, to + whole, count - whole);
        }
        epilogue.run(m, to, roundedUp(count));
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
        float[] first = m.array(a.array());
        float[] second = m.array(b.array());
        float[] y = m.array(out.array());
        int to = out.offset() + from;
        int whole = count / Lanes.COUNT * Lanes.COUNT;
        loop.run(first, a.offset() + from, second, b.offset() + from, y, to, whole);
        if (whole < count) {
          float[] last = new float[2 * Lanes.COUNT];
          System.arraycopy(first, a.offset() + from + whole, last, 0, count - whole);
          System.arraycopy(second, b.offset() + from + whole, last, Lanes.COUNT, count - whole);
          loop.run(last, 0, last, Lanes.COUNT, last, 0, Lanes.COUNT);
          System.arraycopy(last, 0, y, to + whole, count - whole);
        }
        epilogue.run(m, to, roundedUp(count));
      });
    }
  }

  /** Elements up to the end of the last vector. In memory whose end is not a vector's, they are in the gap up to the next buffer. */
  static int roundedUp(int count) {
    return Math.ceilDiv(count, Lanes.COUNT) * Lanes.COUNT;
  }

  static Task units(long size, Epilogue run) {
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
            broadcast(1).div(VectorMath.exp(load(x, at + i).neg()).add(1)).intoArray(y, to + i);
          }
        });
  }

  public static Kernel exp(long size) {
    return new Unary(
        size,
        (x, at, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            VectorMath.exp(load(x, at + i)).intoArray(y, to + i);
          }
        });
  }

  public static Kernel erf(long size) {
    return new Unary(
        size,
        (x, at, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            VectorMath.erf(x, at + i, y, to + i);
          }
        });
  }

  public static Kernel softplus(long size) {
    return new Unary(
        size,
        (x, at, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            VectorMath.softplus(x, at + i, y, to + i);
          }
        });
  }

  public static Kernel elu(long size, float alpha) {
    return new Unary(
        size,
        (x, at, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            FloatVector v = load(x, at + i);
            VectorMath.expm1(v).mul(alpha).blend(v, v.compare(VectorOperators.GT, 0)).intoArray(y, to + i);
          }
        });
  }

  public static Kernel log(long size) {
    return new Unary(
        size,
        (x, at, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            VectorMath.log(load(x, at + i)).intoArray(y, to + i);
          }
        });
  }

  public static Kernel floor(long size) {
    return new Unary(
        size,
        (x, at, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            VectorMath.floor(load(x, at + i)).intoArray(y, to + i);
          }
        });
  }

  public static Kernel round(long size) {
    return new Unary(
        size,
        (x, at, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            VectorMath.round(load(x, at + i)).intoArray(y, to + i);
          }
        });
  }

  public static Kernel square(long size) {
    return new Unary(
        size,
        (x, at, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            FloatVector v = load(x, at + i);
            v.mul(v).intoArray(y, to + i);
          }
        });
  }

  public static Kernel sqrt(long size) {
    return new Unary(
        size,
        (x, at, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            load(x, at + i).sqrt().intoArray(y, to + i);
          }
        });
  }

  public static Kernel reciprocal(long size) {
    return new Unary(
        size,
        (x, at, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            broadcast(1).div(load(x, at + i)).intoArray(y, to + i);
          }
        });
  }

  public static Kernel tanh(long size) {
    return new Unary(
        size,
        (x, at, y, to, count) -> {
          for (int i = 0; i < count; i += Lanes.COUNT) {
            VectorMath.tanh(load(x, at + i)).intoArray(y, to + i);
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
}
