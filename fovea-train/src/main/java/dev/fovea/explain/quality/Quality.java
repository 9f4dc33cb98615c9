package dev.fovea.explain.quality;

import dev.fovea.explain.Answer;
import dev.fovea.explain.Attribution;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Heatmap;
import dev.fovea.explain.Method;
import dev.fovea.tensor.Tensor;

/**
 * How good a method's map of an image is.
 *
 * @param deletion the area under the curve of the probability while pixels are removed; small is good
 * @param insertion that while they are shown; large is good
 * @param drop the part of the probability that is lost if the image is shown as the map says; small is good
 * @param increases whether the probability rises instead
 * @param seconds for the map
 */
public record Quality(Attribution attribution, Heatmap map, double deletion, double insertion, double drop, boolean increases,
    double seconds) {

  static Quality of(Method method, Explainer network, Tensor input, Answer answer) {
    long began = System.nanoTime();
    Attribution attribution = method.explain(network, input, answer);
    double seconds = (System.nanoTime() - began) * 1e-9;
    Heatmap map = Heatmap.of(attribution);
    AverageDrop drop = AverageDrop.of(network, input, answer, map);
    return new Quality(attribution, map, PerturbationCurve.deletion(network, input, answer, map).area(),
        PerturbationCurve.insertion(network, input, answer, map).area(), drop.drop(), drop.increases(), seconds);
  }
}
