package dev.fovea.explain.quality;

import dev.fovea.explain.Answer;
import dev.fovea.explain.Attribution;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Method;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A map that asks nothing of the network, which a method must beat; the same for each image of a size.
 *
 * @param pixel its numbers
 */
record Baseline(String name, Pixel pixel) implements Method {
  /** A number by its place, from 0 to 1, and its index. */
  interface Pixel {
    double at(double y, double x, int index);
  }

  /** Noise, and a bell in the middle, where photographers put what matters: its standard deviation is a quarter of each side. */
  static final List<Method> ALL = List.of(
      new Baseline("random", (_, _, index) -> Rng.of(1).at("random map").uniform(index)),
      new Baseline("centre", (y, x, _) -> StrictMath.exp(-8 * ((y - 0.5) * (y - 0.5) + (x - 0.5) * (x - 0.5)))));

  @Override
  public Attribution explain(Explainer network, Tensor input, Answer answer) {
    int height = input.shape().dim(2);
    int width = input.shape().dim(3);
    float[] map = new float[height * width];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int index = y * width + x;
        map[index] = (float) pixel.at((y + 0.5) / height, (x + 0.5) / width, index);
      }
    }
    return new Attribution(name, Attribution.Kind.EVIDENCE, answer, Optional.empty(), new Tensor(Shape.of(height, width), map),
        Map.of());
  }
}
