package dev.fovea.cpu.scalar;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Elementary;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.PartialSums;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.scalar.Softmax.Row;
import dev.fovea.tensor.Shape;
import java.util.List;

/** Cross-entropy of softmax over the rows of logits, in sixteen partial sums, and its gradient. */
record SoftmaxLoss(float smoothing, int ignored, Shape logits) {
  private static final float[] NO_WEIGHTS = {};

  private int rows() {
    return logits.size() / logits.dim(1);
  }

  /** The class weights: operand {@code index}, if there is one. */
  private float[] weights(Memory m, List<Address> in, int index) {
    if (in.size() <= index) {
      return NO_WEIGHTS;
    }
    float[] weights = new float[logits.dim(1)];
    System.arraycopy(m.array(in.get(index).array()), in.get(index).offset(), weights, 0, weights.length);
    return weights;
  }

  private static float weight(float[] weights, int c) {
    return weights.length == 0 ? 1 : weights[c];
  }

  /** Inputs logits, labels and, optionally, class weights. */
  Kernel forward() {
    return (in, out) -> Task.of(
        1,
        (m, _, _) -> {
          float[] x = m.array(in.get(0).array());
          float[] labels = m.array(in.get(1).array());
          float[] weights = weights(m, in, 2);
          float[] losses = new float[Layout.BLOCK];
          float[] counts = new float[Layout.BLOCK];
          for (int i = 0; i < rows(); i++) {
            int label = (int) labels[in.get(1).offset() + i];
            if (label != ignored) {
              losses[i % Layout.BLOCK] += term(x, Row.of(logits, i, in.get(0).offset()), label, weights);
              counts[i % Layout.BLOCK] += weight(weights, label);
            }
          }
          float count = PartialSums.tree(counts, 0);
          m.array(out.array())[out.offset()] = count == 0 ? 0 : PartialSums.tree(losses, 0) / count;
        });
  }

  private float term(float[] x, Row row, int label, float[] weights) {
    float max = row.max(x);
    float log = (float) StrictMath.log(row.sum(x, max));
    float labelLoss = (log - (x[row.at(label)] - max)) * weight(weights, label);
    if (smoothing == 0) {
      return labelLoss;
    }
    float uniformLoss = 0;
    for (int c = 0; c < row.count(); c++) {
      uniformLoss += (log - (x[row.at(c)] - max)) * weight(weights, c);
    }
    return (1 - smoothing) * labelLoss + smoothing / row.count() * uniformLoss;
  }

  /** Inputs logits, labels, the loss's own gradient and, optionally, class weights. A unit is a row. */
  Kernel grad() {
    return (in, out) -> Task.of(
        rows(),
        (m, from, to) -> {
          float[] labels = m.array(in.get(1).array());
          float[] weights = weights(m, in, 3);
          float count = count(labels, in.get(1).offset(), weights);
          float scale = count == 0 ? 0 : m.array(in.get(2).array())[in.get(2).offset()] / count;
          float sum = 0;
          for (int c = 0; c < logits.dim(1); c++) {
            sum += weight(weights, c);
          }
          for (int i = from; i < to; i++) {
            int label = (int) labels[in.get(1).offset() + i];
            Row source = Row.of(logits, i, in.get(0).offset());
            Row target = Row.of(logits, i, out.offset());
            if (label == ignored) {
              clear(m.array(out.array()), target);
            } else {
              row(m.array(in.get(0).array()), source, m.array(out.array()), target, new RowGradient(label, scale, sum, weights));
            }
          }
        });
  }

  private float count(float[] labels, int at, float[] weights) {
    float[] counts = new float[Layout.BLOCK];
    for (int i = 0; i < rows(); i++) {
      int label = (int) labels[at + i];
      counts[i % Layout.BLOCK] += label == ignored ? 0 : weight(weights, label);
    }
    return PartialSums.tree(counts, 0);
  }

  private static void clear(float[] y, Row row) {
    for (int c = 0; c < row.count(); c++) {
      y[row.at(c)] = 0;
    }
  }

  /**
   * What a row's gradient depends on besides the logits.
   *
   * @param weightSum the sum of the class weights
   */
  @SuppressWarnings("ArrayRecordComponent") // only read, within one row
  private record RowGradient(int label, float scale, float weightSum, float[] weights) {}

  private void row(float[] x, Row source, float[] y, Row target, RowGradient g) {
    float max = source.max(x);
    float sum = source.sum(x, max);
    float labelWeight = weight(g.weights, g.label);
    for (int c = 0; c < source.count(); c++) {
      float p = Elementary.exp(x[source.at(c)] - max) / sum;
      float gradient = (p - (c == g.label ? 1 : 0)) * labelWeight;
      if (smoothing != 0) {
        float uniformGradient = p * g.weightSum - weight(g.weights, c);
        gradient = (1 - smoothing) * gradient + smoothing / source.count() * uniformGradient;
      }
      y[target.at(c)] = gradient * g.scale;
    }
  }
}
