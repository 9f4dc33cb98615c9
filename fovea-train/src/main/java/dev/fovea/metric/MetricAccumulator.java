package dev.fovea.metric;

import dev.fovea.data.PreprocessedDataset;
import dev.fovea.image.LabelMap;
import dev.fovea.model.Prediction;
import dev.fovea.model.Task;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.PriorityQueue;

/** Accumulates metrics over the batches, always in the data's order, so that the sum of the losses is reproducible. */
interface MetricAccumulator {
  /**
   * Adds an image.
   *
   * @param labels its class, those of its pixels, or its target of another task, from {@code at} on
   * @param logits its logits, from {@code offset} on
   */
  void add(int index, float[] labels, int at, float[] logits, int offset);

  Metrics metrics();

  /**
   * For the data's task, and outputs of this shape, the batch included.
   *
   * @param outputs the network's task
   * @param temperature of images with one label
   */
  static MetricAccumulator of(Task data, Task outputs, Shape shape, double temperature) {
    return switch (data) {
      case Task.SeveralLabels(List<String> classes) -> new LabelAccumulator(classes);
      case Task.Numbers(List<Task.Quantity> numbers) -> new NumberAccumulator(numbers,
          outputs instanceof Task.Numbers(List<Task.Quantity> own) ? own : numbers);
      case Task.OneLabel _, Task.None _ -> shape.rank() == 4 ? new Pixels(data.names(), shape.dim(2), shape.dim(3))
          : new Images(data.names(), shape.dim(1), temperature);
    };
  }

  /** The index of the first largest value; NaNs are ignored. */
  static int largest(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }

  /** Images by their classes. */
  final class Images implements MetricAccumulator {
    private final List<String> classes;
    private final long[][] confusion;
    private final int outputs;
    private final double temperature;
    private final PriorityQueue<Evaluation.Mistake> worst = new PriorityQueue<>(Evaluation.WORST_FIRST.reversed());
    private double loss;
    private int count;

    Images(List<String> classes, int outputs, double temperature) {
      this.classes = classes;
      this.confusion = new long[classes.size()][classes.size()];
      this.outputs = outputs;
      this.temperature = temperature;
    }

    @Override
    public void add(int index, float[] labels, int at, float[] logits, int offset) {
      int label = (int) labels[at];
      double[] p = Prediction.probabilities(logits, offset, outputs, temperature);
      int predicted = largest(p);
      loss += loss(logits, offset, outputs, label, temperature);
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
    public Evaluation metrics() {
      return new Evaluation(classes, confusion, loss / count, worst.stream().sorted(Evaluation.WORST_FIRST).toList());
    }

    /** {@code -log p} of the label. */
    static double loss(float[] logits, int offset, int outputs, int label, double temperature) {
      if (outputs == 1) {
        return loss(logits[offset] / temperature, label);
      }
      double max = max(logits, offset, outputs);
      double sum = 0;
      for (int i = 0; i < outputs; i++) {
        sum += StrictMath.exp((logits[offset + i] - max) / temperature);
      }
      return StrictMath.log(sum) + max / temperature - logits[offset + label] / temperature;
    }

    /** Of the sigmoid, without overflow: {@code max(z, 0) - z t + log(1 + exp(-|z|))}. */
    private static double loss(double logit, int label) {
      return Math.max(logit, 0) - logit * label + StrictMath.log1p(StrictMath.exp(-Math.abs(logit)));
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
    private final List<String> classes;
    private final long[][] confusion;
    private final int height;
    private final int width;
    private double loss;
    private long count;

    private Pixels(List<String> classes, int height, int width) {
      this.classes = classes;
      this.confusion = new long[classes.size()][classes.size()];
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
    public Metrics metrics() {
      return Evaluation.ofPixels(classes, confusion, loss / count);
    }
  }
}
