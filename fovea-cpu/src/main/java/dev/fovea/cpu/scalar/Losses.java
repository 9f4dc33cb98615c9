package dev.fovea.cpu.scalar;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Elementary;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.PartialSums;
import dev.fovea.cpu.kernel.Task;
import java.util.List;

/** The sigmoid loss on logits and the mean, in sixteen partial sums, and the loss's gradient. */
final class Losses {
  private Losses() {}

  private interface Term {
    float of(int index);
  }

  /** The mean of {@code count} terms. */
  private static void mean(float[] y, int at, int count, Term term) {
    float[] partial = new float[Layout.BLOCK];
    for (int i = 0; i < count; i++) {
      partial[i % Layout.BLOCK] += term.of(i);
    }
    y[at] = PartialSums.tree(partial, 0) / count;
  }

  static Kernel sigmoid(int size) {
    return (in, out) -> Task.of(
        1,
        (m, _, _) -> {
          float[] x = m.array(in.get(0).array());
          float[] targets = m.array(in.get(1).array());
          mean(
              m.array(out.array()),
              out.offset(),
              size,
              i -> {
                float z = x[in.get(0).offset() + i];
                float t = targets[in.get(1).offset() + i];
                return Math.max(z, 0) - z * t + (float) StrictMath.log1p(Elementary.exp(-Math.abs(z)));
              });
        });
  }

  static Kernel sigmoidGrad(int size) {
    return (in, out) -> Task.of(
        1,
        (m, _, _) -> {
          float[] x = m.array(in.get(0).array());
          float[] targets = m.array(in.get(1).array());
          float[] y = m.array(out.array());
          float scale = upstream(m, in) / size;
          for (int i = 0; i < size; i++) {
            y[out.offset() + i] = (Elementary.sigmoid(x[in.get(0).offset() + i]) - targets[in.get(1).offset() + i]) * scale;
          }
        });
  }

  /** The mean of all elements. */
  static Kernel mean(int size) {
    return (in, out) -> Task.of(
        1,
        (m, _, _) -> {
          float[] x = m.array(in.getFirst().array());
          mean(m.array(out.array()), out.offset(), size, i -> x[in.getFirst().offset() + i]);
        });
  }

  /** The gradient of the loss itself. */
  private static float upstream(Memory m, List<Address> in) {
    return m.array(in.get(2).array())[in.get(2).offset()];
  }
}
