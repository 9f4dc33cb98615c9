package dev.fovea.metric;

import dev.fovea.data.PreprocessedDataset;
import dev.fovea.image.LabelMap;
import dev.fovea.model.Prediction;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.PriorityQueue;

/** Accumulates metrics over the batches, always in the data's order, so that the sum of the losses is reproducible. */
sealed interface MetricAccumulator {
  /**
   * Adds an image.
   *
   * @param labels its class, or those of its pixels, from {@code at} on
   * @param logits its logits, from {@code offset} on
   */
  void add(int index, float[] labels, int at, float[] logits, int offset);

  Evaluation evaluation(List<String> classes);

  /** For logits of this shape, the batch included. */
  static MetricAccumulator of(int classes, Shape logits) {
    return logits.rank() == 4 ? new Pixels(classes, logits.dim(2), logits.dim(3)) : new Images(classes, logits.dim(1));
  }

  /** Images by their classes. */
  final class Images implements MetricAccumulator {
    private final long[][] confusion;
    private final int outputs;
    private final PriorityQueue<Evaluation.Mistake> worst = new PriorityQueue<>(Evaluation.WORST_FIRST.reversed());
    private double loss;
    private int count;

    private Images(int classes, int outputs) {
      this.confusion = new long[classes][classes];
      this.outputs = outputs;
    }

    @Override
    public void add(int index, float[] labels, int at, float[] logits, int offset) {
      int label = (int) labels[at];
      double[] p = Prediction.probabilities(logits, offset, outputs);
      int predicted = largest(p);
      loss += outputs == 1 ? loss(logits[offset], label) : loss(logits, offset, outputs, label);
      count++;
      confusion[label][predicted]++;
      if (predicted != label) {
        worst.add(new Evaluation.Mistake(index, label, predicted, p[predicted]));
        if (worst.size() > Evaluation.MAX_MISTAKES) {
          worst.remove();
        }
      }
    }

    @Override
    public Evaluation evaluation(List<String> classes) {
      return new Evaluation(classes, confusion, loss / count, worst.stream().sorted(Evaluation.WORST_FIRST).toList());
    }

    /** The index of the first largest value; NaNs are ignored. */
    private static int largest(double[] values) {
      int best = 0;
      for (int i = 1; i < values.length; i++) {
        if (values[i] > values[best]) {
          best = i;
        }
      }
      return best;
    }

    /** {@code -log p} of the label, without overflow: {@code max(z, 0) - z t + log(1 + exp(-|z|))}. */
    private static double loss(double logit, int label) {
      return Math.max(logit, 0) - logit * label + StrictMath.log1p(StrictMath.exp(-Math.abs(logit)));
    }

    private static double loss(float[] logits, int offset, int outputs, int label) {
      double max = max(logits, offset, outputs);
      double sum = 0;
      for (int i = 0; i < outputs; i++) {
        sum += StrictMath.exp(logits[offset + i] - max);
      }
      return StrictMath.log(sum) + max - logits[offset + label];
    }

    private static double max(float[] logits, int offset, int outputs) {
      double max = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < outputs; i++) {
        max = Math.max(max, logits[offset + i]);
      }
      return max;
    }
  }

  /** Pixels by their classes; those without one are skipped. */
  final class Pixels implements MetricAccumulator {
    private final long[][] confusion;
    private final int height;
    private final int width;
    private double loss;
    private long count;

    private Pixels(int classes, int height, int width) {
      this.confusion = new long[classes][classes];
      this.height = height;
      this.width = width;
    }

    @Override
    public void add(int index, float[] labels, int at, float[] logits, int offset) {
      byte[] predicted = LabelMap.ofLogits(logits, offset, confusion.length, height, width).classes();
      double[] sums = sums(logits, offset, predicted);
      for (int i = 0; i < predicted.length; i++) {
        int label = (int) labels[at + i];
        if (label != PreprocessedDataset.IGNORED) {
          int best = predicted[i] & 0xff;
          float largest = logits[offset + best * predicted.length + i];
          confusion[label][best]++;
          loss += StrictMath.log(sums[i]) + largest - logits[offset + label * predicted.length + i];
          count++;
        }
      }
    }

    /** The sum of exp(logit - largest logit) of each pixel, computed plane by plane in memory order. */
    private double[] sums(float[] logits, int offset, byte[] predicted) {
      int plane = predicted.length;
      float[] largest = new float[plane];
      for (int i = 0; i < plane; i++) {
        largest[i] = logits[offset + (predicted[i] & 0xff) * plane + i];
      }
      double[] sums = new double[plane];
      for (int c = 0; c < confusion.length; c++) {
        for (int i = 0; i < plane; i++) {
          sums[i] += StrictMath.exp((double) logits[offset + c * plane + i] - largest[i]);
        }
      }
      return sums;
    }

    @Override
    public Evaluation evaluation(List<String> classes) {
      return Evaluation.ofPixels(classes, confusion, loss / count);
    }
  }
}
