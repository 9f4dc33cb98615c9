package dev.fovea.cpu.vector.plane;

import static dev.fovea.cpu.vector.microkernel.Lanes.broadcast;
import static dev.fovea.cpu.vector.microkernel.Lanes.load;

import dev.fovea.cpu.kernel.Elementary;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.vector.microkernel.Lanes;
import dev.fovea.tensor.Shape;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Softmax and its logarithm along an axis, in NCHW: of contiguous rows with consecutive elements in the lanes, of others with
 * adjacent rows. Exponentials are computed in vectors; each row's sum has the elements' order in both.
 */
public final class SoftmaxRows {
  private final int count;
  private final int inner;
  private final boolean logarithm;

  private SoftmaxRows(Shape x, int axis, boolean logarithm) {
    count = x.dim(axis);
    inner = x.sizeFrom(axis + 1);
    this.logarithm = logarithm;
  }

  /** Whether rows along that axis fill vectors, by one row or by adjacent ones. */
  public static boolean isApplicable(Shape x, int axis) {
    int inner = x.sizeFrom(axis + 1);
    return inner == 1 || inner >= Lanes.COUNT;
  }

  public static Kernel softmax(Shape x, int axis) {
    return new SoftmaxRows(x, axis, false).kernel(x);
  }

  public static Kernel logSoftmax(Shape x, int axis) {
    return new SoftmaxRows(x, axis, true).kernel(x);
  }

  /** A unit is one index of the outer axes. Of adjacent rows the last vector overlaps the one before. */
  private Kernel kernel(Shape x) {
    int vectors = Math.ceilDiv(inner, Lanes.COUNT);
    int outer = x.size() / inner / count;
    return (in, out) -> Task.of(
        outer,
        (m, from, to) -> {
          float[] a = m.array(in.getFirst().array());
          float[] y = m.array(out.array());
          for (int unit = from; unit < to; unit++) {
            int at = in.getFirst().offset() + unit * count * inner;
            int target = out.offset() + unit * count * inner;
            if (inner == 1) {
              row(a, at, y, target);
            } else {
              for (int v = 0; v < vectors; v++) {
                int first = Math.min(v * Lanes.COUNT, inner - Lanes.COUNT);
                adjacent(a, at + first, y, target + first);
              }
            }
          }
        });
  }

  private void row(float[] x, int at, float[] y, int to) {
    int whole = count / Lanes.COUNT * Lanes.COUNT;
    FloatVector maxima = broadcast(Float.NEGATIVE_INFINITY);
    for (int i = 0; i < whole; i += Lanes.COUNT) {
      maxima = maxima.max(load(x, at + i));
    }
    float max = maxima.reduceLanes(VectorOperators.MAX);
    for (int i = whole; i < count; i++) {
      max = Math.max(max, x[at + i]);
    }
    for (int i = 0; i < whole; i += Lanes.COUNT) {
      VectorMath.exp(load(x, at + i).sub(max)).intoArray(y, to + i);
    }
    for (int i = whole; i < count; i++) {
      y[to + i] = Elementary.exp(x[at + i] - max);
    }
    float sum = 0;
    for (int i = 0; i < count; i++) {
      sum += y[to + i];
    }
    if (logarithm) {
      float log = (float) StrictMath.log(sum);
      for (int i = 0; i < count; i++) {
        y[to + i] = x[at + i] - max - log;
      }
    } else {
      for (int i = 0; i < count; i++) {
        y[to + i] /= sum;
      }
    }
  }

  private void adjacent(float[] x, int at, float[] y, int to) {
    FloatVector max = broadcast(Float.NEGATIVE_INFINITY);
    for (int i = 0; i < count; i++) {
      max = max.max(load(x, at + i * inner));
    }
    FloatVector sum = broadcast(0);
    for (int i = 0; i < count; i++) {
      FloatVector e = VectorMath.exp(load(x, at + i * inner).sub(max));
      e.intoArray(y, to + i * inner);
      sum = sum.add(e);
    }
    if (logarithm) {
      float[] logs = new float[Lanes.COUNT];
      sum.intoArray(logs, 0);
      for (int lane = 0; lane < logs.length; lane++) {
        logs[lane] = (float) StrictMath.log(logs[lane]);
      }
      FloatVector log = load(logs, 0);
      for (int i = 0; i < count; i++) {
        load(x, at + i * inner).sub(max).sub(log).intoArray(y, to + i * inner);
      }
    } else {
      for (int i = 0; i < count; i++) {
        load(y, to + i * inner).div(sum).intoArray(y, to + i * inner);
      }
    }
  }
}
