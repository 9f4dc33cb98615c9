package dev.fovea.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A classifier's result for one image: every class with its probability, in descending order. */
public record Prediction(List<Score> scores) {
  /**
   * The score of one class.
   *
   * @param index the class's index
   * @param probability from 0 to 1
   */
  public record Score(int index, String label, double probability) {}

  public Prediction {
    scores = List.copyOf(scores);
  }

  public Score best() {
    return scores.getFirst();
  }

  public List<Score> top(int k) {
    return scores.subList(0, Math.min(k, scores.size()));
  }

  /** The prediction from one image's logits: softmax over the classes or, for two classes with one logit, its sigmoid. */
  static Prediction of(float[] logits, int offset, int count, List<String> classes) {
    double[] p = probabilities(logits, offset, count);
    List<Score> scores = new ArrayList<>(p.length);
    for (int i = 0; i < p.length; i++) {
      scores.add(new Score(i, classes.get(i), p[i]));
    }
    scores.sort(Comparator.comparingDouble(Score::probability).reversed());
    return new Prediction(scores);
  }

  /**
   * The classes' probabilities, the same bits on every machine: the softmax of their logits or, for two classes with one logit, its
   * sigmoid.
   *
   * @param count the number of logits, from {@code offset} on
   */
  public static double[] probabilities(float[] logits, int offset, int count) {
    return count == 1 ? sigmoid(logits[offset]) : softmax(logits, offset, count);
  }

  private static double[] sigmoid(double logit) {
    double p = 1 / (1 + StrictMath.exp(-logit));
    return new double[] {1 - p, p};
  }

  private static double[] softmax(float[] logits, int offset, int count) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      max = Math.max(max, logits[offset + i]);
    }
    double[] p = new double[count];
    double sum = 0;
    for (int i = 0; i < count; i++) {
      p[i] = StrictMath.exp(logits[offset + i] - max);
      sum += p[i];
    }
    for (int i = 0; i < count; i++) {
      p[i] /= sum;
    }
    return p;
  }
}
