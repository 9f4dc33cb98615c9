package dev.fovea.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A classifier's result for one image: every class with its probability, in descending order. The probabilities add up to 1 if an
 * image has one class; if it may have several, each is that of its class alone.
 */
public record Prediction(List<Score> scores) {
  /**
   * The score of one class.
   *
   * @param index the class's index
   * @param probability from 0 to 1
   */
  public record Score(int index, String label, double probability) {}

  /** The probability from which on a class counts as found, if an image may have several. */
  public static final double THRESHOLD = 0.5;

  public Prediction {
    scores = List.copyOf(scores);
  }

  public Score best() {
    return scores.getFirst();
  }

  public List<Score> top(int k) {
    return scores.subList(0, Math.min(k, scores.size()));
  }

  /** Those with that probability or more, such as {@value #THRESHOLD} if an image may have several classes. */
  public List<Score> atLeast(double probability) {
    return scores.stream().takeWhile(score -> score.probability >= probability).toList();
  }

  /** The prediction of these probabilities, one for each class. */
  static Prediction of(double[] p, List<String> classes) {
    List<Score> scores = new ArrayList<>(p.length);
    for (int i = 0; i < p.length; i++) {
      scores.add(new Score(i, classes.get(i), p[i]));
    }
    scores.sort(Comparator.comparingDouble(Score::probability).reversed());
    return new Prediction(scores);
  }

  /** As {@link #probabilities(float[], int, int, double)} at temperature 1. */
  public static double[] probabilities(float[] logits, int offset, int count) {
    return probabilities(logits, offset, count, 1);
  }

  /**
   * The classes' probabilities, the same bits on every machine: the softmax of their logits, divided by the temperature, or, for two
   * classes with one logit, its sigmoid.
   *
   * @param count the number of logits, from {@code offset} on
   * @param temperature the card's, see {@link Card#temperature}
   */
  public static double[] probabilities(float[] logits, int offset, int count, double temperature) {
    if (count > 1) {
      return softmax(logits, offset, count, temperature);
    }
    double p = sigmoid(logits[offset] / temperature);
    return new double[] {1 - p, p};
  }

  /** The logistic function, the same bits on every machine. */
  public static double sigmoid(double logit) {
    return 1 / (1 + StrictMath.exp(-logit));
  }

  private static double[] softmax(float[] logits, int offset, int count, double temperature) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      max = Math.max(max, logits[offset + i]);
    }
    double[] p = new double[count];
    double sum = 0;
    for (int i = 0; i < count; i++) {
      p[i] = StrictMath.exp((logits[offset + i] - max) / temperature);
      sum += p[i];
    }
    for (int i = 0; i < count; i++) {
      p[i] /= sum;
    }
    return p;
  }
}
