package dev.fovea.explain.quality;

import dev.fovea.explain.Answer;
import dev.fovea.explain.ColourScale;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Heatmap;
import dev.fovea.explain.MaskedScores;
import dev.fovea.tensor.Tensor;

/**
 * What is left of the probability of the answer's class if the image is shown as far as the map says: Chattopadhay et al. 2018
 * (Grad-CAM++, arXiv 1710.11063), section 4.1.
 *
 * @param whole the probability for the image
 * @param shown that for the image times the map, which is scaled to 0 to 1; what speaks against the class is not shown
 */
public record AverageDrop(double whole, double shown) {
  public static AverageDrop of(Explainer network, Tensor input, Answer answer, Heatmap map) {
    int plane = input.shape().sizeFrom(2);
    double[] values = map.at(input.shape().dim(3), input.shape().dim(2));
    boolean signed = map.scale() == ColourScale.SIGNED;
    double low = signed ? 0 : Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (double value : values) {
      low = signed ? 0 : Math.min(low, value);
      high = Math.max(high, value);
    }
    double lowest = low;
    double range = high > low ? high - low : 1;
    double[] probabilities = MaskedScores.probabilities(network, input, answer, 2, (variant, to, offset) -> {
      for (int i = 0; i < input.values().length; i++) {
        double share = variant == 0 ? 1 : Math.max(0, values[i % plane] - lowest) / range;
        to[offset + i] = (float) (input.values()[i] * share);
      }
    });
    return new AverageDrop(probabilities[0], probabilities[1]);
  }

  /** The part of the probability that is lost, from 0 to 1. */
  public double drop() {
    return whole > 0 ? Math.max(0, whole - shown) / whole : 0;
  }

  /** Whether the class is more probable for what the map shows alone. */
  public boolean increases() {
    return shown > whole;
  }
}
