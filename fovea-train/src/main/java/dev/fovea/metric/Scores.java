package dev.fovea.metric;

import dev.fovea.model.Prediction;
import dev.fovea.tensor.FoveaException;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * What a classifier says of each image of a data set: its logits, with the image's class. Metrics that need more than the predicted
 * class are computed from these. The memory is {@code 4 x images x (outputs + 1)} bytes.
 */
public final class Scores {
  /** The maximum number of logits, 256 MiB: 65,536 images of 1,024 classes. */
  public static final long MAX_LOGITS = 1 << 26;

  private final List<String> classes;
  private final int outputs;
  private final double temperature;
  private final int[] labels;
  private final float[] logits;

  private Scores(List<String> classes, int outputs, double temperature, int[] labels, float[] logits) {
    this.classes = List.copyOf(classes);
    this.outputs = outputs;
    this.temperature = temperature;
    this.labels = labels;
    this.logits = logits;
  }

  /**
   * The arrays are copied.
   *
   * @param classes the names of the classes in label order
   * @param labels the class of each image
   * @param logits for each image a logit for each class, or one of the second of two classes
   */
  public static Scores of(List<String> classes, int[] labels, float[] logits) {
    int images = labels.length;
    int outputs = images == 0 ? classes.size() : logits.length / images;
    if (images * outputs != logits.length || outputs != classes.size() && !(outputs == 1 && classes.size() == 2)) {
      throw new FoveaException(
          "scores: expected a logit for each of " + classes.size() + " classes and " + images + " images, got "
              + logits.length);
    }
    for (int label : labels) {
      if (label < 0 || label >= classes.size()) {
        throw new FoveaException("scores: expected labels from 0 to " + (classes.size() - 1) + ", got " + label);
      }
    }
    return new Scores(classes, outputs, 1, labels.clone(), logits.clone());
  }

  /** To be filled by {@link #set}. */
  static Scores empty(List<String> classes, int images, int outputs, double temperature) {
    if (!fit(images, outputs)) {
      throw new FoveaException(images + " images of " + outputs + " classes have more scores than are kept, " + limit()
          + ": use fewer images or classes, or give the JVM more memory, as in -Xmx8g");
    }
    return new Scores(classes, outputs, temperature, new int[images], new float[images * outputs]);
  }

  /** Whether these are kept: at most {@link #MAX_LOGITS}, and an eighth of the JVM's memory. */
  public static boolean fit(int images, int outputs) {
    return (long) images * outputs <= limit();
  }

  private static long limit() {
    return Math.min(MAX_LOGITS, Runtime.getRuntime().maxMemory() / 8 / Float.BYTES);
  }

  void set(int image, int label, float[] from, int offset) {
    labels[image] = label;
    System.arraycopy(from, offset, logits, image * outputs, outputs);
  }

  /** The same logits, not copied, at another temperature, see {@link dev.fovea.model.Card#temperature}. */
  public Scores temperature(double temperature) {
    return new Scores(classes, outputs, temperature, labels, logits);
  }

  public double temperature() {
    return temperature;
  }

  /** The names of the classes in label order. */
  public List<String> classes() {
    return classes;
  }

  /** The number of images. */
  public int size() {
    return labels.length;
  }

  /** The class of an image. */
  public int label(int image) {
    return labels[image];
  }

  /** The probability of each class for an image. */
  public double[] probabilities(int image) {
    return Prediction.probabilities(logits, image * outputs, outputs, temperature);
  }

  /** For each class its probability for each image; the same bits as {@link #probabilities}, without the memory for all of them. */
  IntFunction<double[]> columns() {
    double[] largest = new double[size()];
    double[] sums = new double[size()];
    for (int i = 0; i < size() && outputs > 1; i++) {
      double max = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < outputs; c++) {
        max = Math.max(max, logits[i * outputs + c]);
      }
      double sum = 0;
      for (int c = 0; c < outputs; c++) {
        sum += StrictMath.exp((logits[i * outputs + c] - max) / temperature);
      }
      largest[i] = max;
      sums[i] = sum;
    }
    return c -> IntStream.range(0, size())
        .mapToDouble(i -> outputs == 1 ? probabilities(i)[c]
            : StrictMath.exp((logits[i * outputs + c] - largest[i]) / temperature) / sums[i])
        .toArray();
  }

  /** The logits of an image, one for each class; a single one is that of the second class, and the first has 0. */
  double[] logits(int image) {
    return outputs == 1 ? new double[] {0, logits[image]}
        : IntStream.range(0, outputs).mapToDouble(c -> logits[image * outputs + c]).toArray();
  }

  /** The cross-entropy of an image's class, in nats. */
  double loss(int image) {
    return MetricAccumulator.Images.loss(logits, image * outputs, outputs, labels[image], temperature);
  }

  /** The same evaluation as {@link Evaluator#evaluate} gives. */
  public Evaluation evaluation() {
    MetricAccumulator.Images accumulator = new MetricAccumulator.Images(classes, outputs, temperature);
    for (int i = 0; i < size(); i++) {
      accumulator.add(i, new float[] {labels[i]}, 0, logits, i * outputs);
    }
    return accumulator.metrics();
  }

  /**
   * The number of images whose class is among the {@code k} most probable ones; of equally probable ones the first come first, as in
   * {@link Prediction#top}.
   */
  public int correct(int k) {
    return (int) IntStream.range(0, size()).filter(i -> rank(i) < k).count();
  }

  /** The number of classes that are more probable than the image's own, or equally and before it. */
  private int rank(int image) {
    double[] p = probabilities(image);
    int label = labels[image];
    return (int) IntStream.range(0, p.length).filter(c -> p[c] > p[label] || p[c] == p[label] && c < label).count();
  }
}
