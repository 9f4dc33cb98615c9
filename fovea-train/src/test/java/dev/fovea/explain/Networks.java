package dev.fovea.explain;

import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Layer;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.Map;

/** Small classifiers of synthetic digits, {@link dev.fovea.data.DigitsDataset}. */
public final class Networks {
  public static final Shape DIGIT = Shape.of(1, 28, 28);

  private Networks() {}

  /** With random weights. */
  public static Explainer random(Layer layer, long seed) {
    return of(layer, seed, Preprocessing.of(DIGIT, Fit.STRETCH).mean(0.2f).std(0.4f));
  }

  /** The same with another preprocessing. */
  public static Explainer of(Layer layer, long seed, Preprocessing preprocessing) {
    List<String> classes = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    return Explainer.of(Model.create(layer, new Card("small", classes, preprocessing, Map.of()), seed)).threads(2);
  }

  /** One score for two classes. */
  public static Explainer oneScore(Layer layer, long seed) {
    Card card = new Card("two", List.of("dark", "bright"), Preprocessing.of(DIGIT, Fit.STRETCH), Map.of());
    return Explainer.of(Model.create(layer, card, seed)).threads(2);
  }

  /** The derivative of the cross-entropy of one image by its scores. */
  public static double[] lossGradient(float[] scores, int label) {
    double[] gradient = new double[scores.length];
    if (scores.length == 1) {
      gradient[0] = 1 / (1 + Math.exp(-scores[0])) - label;
      return gradient;
    }
    double sum = 0;
    for (float score : scores) {
      sum += Math.exp(score);
    }
    for (int c = 0; c < scores.length; c++) {
      gradient[c] = Math.exp(scores[c]) / sum - (c == label ? 1 : 0);
    }
    return gradient;
  }
}
