package dev.fovea.explain.quality;

import dev.fovea.explain.Answer;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Heatmap;
import dev.fovea.explain.MaskedScores;
import dev.fovea.tensor.Tensor;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The probability of the answer's class while the pixels of the image are removed, or shown, in the order of a map, the largest first:
 * Petsiuk, Das, Saenko 2018 (RISE, arXiv 1806.07421), section 4.1.
 *
 * @param probabilities with no pixel changed, and after each step; evenly spaced
 */
public record PerturbationCurve(List<Double> probabilities) {
  private static final int STEPS = 50;

  /** The standard deviation of the blur from which pixels are shown, as a part of the image's longer side: 5 of 224 pixels. */
  private static final double BLUR = 5.0 / 224;

  public PerturbationCurve {
    probabilities = List.copyOf(probabilities);
  }

  /** Pixels are replaced by the mean image. A good map's curve falls fast: its area is small. */
  public static PerturbationCurve deletion(Explainer network, Tensor input, Answer answer, Heatmap map) {
    return of(network, answer, map, input, new Tensor(input.shape(), new float[input.values().length]));
  }

  /** Pixels of a blurred image are replaced by those of the image. A good map's curve rises fast: its area is large. */
  public static PerturbationCurve insertion(Explainer network, Tensor input, Answer answer, Heatmap map) {
    return of(network, answer, map, Blur.of(input, BLUR), input);
  }

  private static PerturbationCurve of(Explainer network, Answer answer, Heatmap map, Tensor from, Tensor to) {
    int plane = from.shape().sizeFrom(2);
    int[] order = order(map.at(from.shape().dim(3), from.shape().dim(2)));
    double[] probabilities = MaskedScores.probabilities(network, from, answer, STEPS + 1, (step, values, offset) -> {
      System.arraycopy(from.values(), 0, values, offset, from.values().length);
      int changed = (int) ((long) plane * step / STEPS);
      for (int i = 0; i < changed; i++) {
        for (int at = order[i]; at < from.values().length; at += plane) {
          values[offset + at] = to.values()[at];
        }
      }
    });
    return new PerturbationCurve(Arrays.stream(probabilities).boxed().toList());
  }

  /** The indices of the pixels, the largest value first, of equals the first. */
  private static int[] order(double[] values) {
    return IntStream.range(0, values.length).boxed().sorted(Comparator.comparingDouble((Integer i) -> -values[i]))
        .mapToInt(Integer::intValue).toArray();
  }

  /** The area under the curve, by the trapezoidal rule, from 0 to 1. */
  public double area() {
    double sum = 0;
    for (int i = 1; i < probabilities.size(); i++) {
      sum += (probabilities.get(i - 1) + probabilities.get(i)) / 2;
    }
    return sum / (probabilities.size() - 1);
  }
}
