package dev.fovea.explain.layer;

import dev.fovea.explain.Answer;
import dev.fovea.explain.Attribution;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.MaskedScores;
import dev.fovea.explain.Method;
import dev.fovea.graph.Op;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Maps weighted by the score of the image as far as each of them shows it: Wang et al. 2020 (Score-CAM, arXiv 1910.01279), algorithm 1.
 * A map is enlarged bilinearly to the input's size and scaled to 0 to 1; the weights are the softmax of the scores over the maps.
 */
public record ScoreCam(Optional<String> layer) implements Method {
  private static final String MAPS = "maps";
  private static final String MASKS = "masks";

  @Override
  public String name() {
    return "score-cam";
  }

  /** One for each map of the layer. */
  @Override
  public int passes(Explainer network) {
    return network.graph(1).at(MapLayer.of(network, name(), layer).maps()).shape().dim(1);
  }

  @Override
  public boolean differentiates() {
    return false;
  }

  @Override
  public Attribution explain(Explainer network, Tensor input, Answer answer) {
    MapLayer of = MapLayer.of(network, name(), layer);
    Map<String, Tensor> run = network.run(List.of(name(), of.path()), input, answer, network::graph, pass -> Map.of(
        MAPS, of.maps(),
        MASKS, pass.g().op(new Op.Resize(Op.Interpolation.BILINEAR, 1), of.maps(), pass.input())));
    Tensor maps = Objects.requireNonNull(run.get(MAPS));
    float[] masks = Objects.requireNonNull(run.get(MASKS)).values();
    int channels = maps.shape().dim(1);
    int plane = input.shape().sizeFrom(2);
    scale(masks, plane);
    float[] x = input.values();
    double[] scores = MaskedScores.of(network, input, answer, channels, (channel, to, offset) -> {
      for (int i = 0; i < x.length; i++) {
        to[offset + i] = x[i] * masks[channel * plane + i % plane];
      }
    });
    return new Attribution(name(), Attribution.Kind.EVIDENCE, answer, Optional.of(of.path()), weighted(maps, softmax(scores)),
        Map.of());
  }

  /** Each plane from 0 to 1; one that is the same everywhere hides nothing and shows nothing, and becomes 0. */
  private static void scale(float[] masks, int plane) {
    for (int from = 0; from < masks.length; from += plane) {
      float low = masks[from];
      float high = masks[from];
      for (int i = from; i < from + plane; i++) {
        low = Math.min(low, masks[i]);
        high = Math.max(high, masks[i]);
      }
      float range = high - low;
      for (int i = from; i < from + plane; i++) {
        masks[i] = range == 0 ? 0 : (masks[i] - low) / range;
      }
    }
  }

  private static double[] softmax(double[] scores) {
    double highest = Double.NEGATIVE_INFINITY;
    for (double score : scores) {
      highest = Math.max(highest, score);
    }
    double sum = 0;
    double[] weights = new double[scores.length];
    for (int i = 0; i < scores.length; i++) {
      weights[i] = StrictMath.exp(scores[i] - highest);
      sum += weights[i];
    }
    for (int i = 0; i < scores.length; i++) {
      weights[i] /= sum;
    }
    return weights;
  }

  private static Tensor weighted(Tensor maps, double[] weights) {
    int plane = maps.shape().sizeFrom(2);
    float[] map = new float[plane];
    for (int i = 0; i < plane; i++) {
      double sum = 0;
      for (int c = 0; c < weights.length; c++) {
        sum += weights[c] * maps.values()[c * plane + i];
      }
      map[i] = (float) Math.max(0, sum);
    }
    return new Tensor(Shape.of(maps.shape().dim(2), maps.shape().dim(3)), map);
  }
}
