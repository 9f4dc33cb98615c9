package dev.fovea.cpu.scalar;

import dev.fovea.cpu.Binder;
import dev.fovea.cpu.Elementary;
import dev.fovea.cpu.Layout;
import dev.fovea.cpu.Memory;
import dev.fovea.cpu.Place;
import dev.fovea.cpu.Sums;
import dev.fovea.cpu.Task;
import dev.fovea.cpu.scalar.Classes.Row;
import dev.fovea.tensor.Shape;
import java.util.List;

/** Losses on logits, their mean in sixteen partial sums, and their gradients. */
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
    y[at] = Sums.tree(partial, 0) / count;
  }

  static Binder softmax(Shape logits) {
    int rows = logits.size() / logits.dim(1);
    return (in, out) -> Task.of(
        1,
        (m, _, _) -> {
          float[] x = m.array(in.get(0).array());
          float[] labels = m.array(in.get(1).array());
          mean(
              m.array(out.array()),
              out.offset(),
              rows,
              i -> {
                Row row = Row.of(logits, i, in.get(0).offset());
                float max = row.max(x);
                int label = (int) labels[in.get(1).offset() + i];
                return (float) StrictMath.log(row.sum(x, max)) - (x[row.at(label)] - max);
              });
        });
  }

  static Binder softmaxGrad(Shape logits) {
    int rows = logits.size() / logits.dim(1);
    return (in, out) -> Task.of(
        rows,
        (m, from, to) -> {
          float[] x = m.array(in.get(0).array());
          float[] labels = m.array(in.get(1).array());
          float[] y = m.array(out.array());
          float scale = upstream(m, in) / rows;
          for (int i = from; i < to; i++) {
            Row row = Row.of(logits, i, in.get(0).offset());
            Row target = Row.of(logits, i, out.offset());
            float max = row.max(x);
            float sum = row.sum(x, max);
            int label = (int) labels[in.get(1).offset() + i];
            for (int c = 0; c < row.count(); c++) {
              float p = Elementary.exp(x[row.at(c)] - max) / sum;
              y[target.at(c)] = (p - (c == label ? 1 : 0)) * scale;
            }
          }
        });
  }

  static Binder sigmoid(int size) {
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

  static Binder sigmoidGrad(int size) {
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

  /** What the loss itself received. */
  private static float upstream(Memory m, List<Place> in) {
    return m.array(in.get(2).array())[in.get(2).offset()];
  }
}
