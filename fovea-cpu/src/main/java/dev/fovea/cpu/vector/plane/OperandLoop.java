package dev.fovea.cpu.vector.plane;

import static dev.fovea.cpu.vector.microkernel.Lanes.broadcast;
import static dev.fovea.cpu.vector.microkernel.Lanes.load;

import dev.fovea.cpu.vector.microkernel.Lanes;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** The loop of an elementwise operator of two or three operands, each of which is contiguous or a single value. */
@FunctionalInterface
public interface OperandLoop {
  /** Computes {@code y[to..]}; the count is a multiple of the vector length. Of two operands c is arbitrary. */
  void run(Source a, Source b, Source c, float[] y, int to, int count);

  /** An operand: its element i is {@code array[at + i * step]}; a single value has step 0 and an array of a whole vector. */
  record Source(float[] array, int at, int step) {
    static Source of(float value) {
      float[] lanes = new float[Lanes.COUNT];
      Arrays.fill(lanes, value);
      return new Source(lanes, 0, 0);
    }

    FloatVector vector(int i) {
      return load(array, at + i * step);
    }

    /** The elements from {@code from} on, of which fewer than a vector are left. */
    private Source last(int from, int count) {
      if (step == 0) {
        return this;
      }
      float[] lanes = new float[Lanes.COUNT];
      System.arraycopy(array, at + from, lanes, 0, count);
      return new Source(lanes, 0, 1);
    }
  }

  /** The same for any count, without reading or writing beyond it. */
  default void runExactly(Source a, Source b, Source c, float[] y, int to, int count) {
    int whole = count / Lanes.COUNT * Lanes.COUNT;
    run(a, b, c, y, to, whole);
    int rest = count - whole;
    if (rest > 0) {
      float[] last = new float[Lanes.COUNT];
      run(a.last(whole, rest), b.last(whole, rest), c.last(whole, rest), last, 0, Lanes.COUNT);
      System.arraycopy(last, 0, y, to + whole, rest);
    }
  }

  static OperandLoop add() {
    return (a, b, _, y, to, count) -> {
      for (int i = 0; i < count; i += Lanes.COUNT) {
        a.vector(i).add(b.vector(i)).intoArray(y, to + i);
      }
    };
  }

  static OperandLoop mul() {
    return (a, b, _, y, to, count) -> {
      for (int i = 0; i < count; i += Lanes.COUNT) {
        a.vector(i).mul(b.vector(i)).intoArray(y, to + i);
      }
    };
  }

  static OperandLoop div() {
    return (a, b, _, y, to, count) -> {
      for (int i = 0; i < count; i += Lanes.COUNT) {
        a.vector(i).div(b.vector(i)).intoArray(y, to + i);
      }
    };
  }

  static OperandLoop max() {
    return (a, b, _, y, to, count) -> {
      for (int i = 0; i < count; i += Lanes.COUNT) {
        a.vector(i).max(b.vector(i)).intoArray(y, to + i);
      }
    };
  }

  static OperandLoop less() {
    return (a, b, _, y, to, count) -> {
      for (int i = 0; i < count; i += Lanes.COUNT) {
        var less = a.vector(i).compare(VectorOperators.LT, b.vector(i));
        broadcast(0).blend(1, less).intoArray(y, to + i);
      }
    };
  }

  /** The operands are the condition, the element where it is not 0, and the element where it is. */
  static OperandLoop where() {
    return (condition, a, b, y, to, count) -> {
      for (int i = 0; i < count; i += Lanes.COUNT) {
        var isZero = condition.vector(i).compare(VectorOperators.EQ, 0);
        a.vector(i).blend(b.vector(i), isZero).intoArray(y, to + i);
      }
    };
  }
}
