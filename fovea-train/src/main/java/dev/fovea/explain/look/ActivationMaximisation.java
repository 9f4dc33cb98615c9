package dev.fovea.explain.look;

import dev.fovea.explain.Explainer;
import dev.fovea.explain.input.Saliency;
import dev.fovea.graph.Gradients;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Images that excite a map as much as possible, found by gradient ascent from noise: Erhan et al. 2009; kept smooth by decay and blur
 * (Yosinski et al. 2015, Understanding neural networks through deep visualization, section 3) and by jitter (Mordvintsev, Olah, Tyka
 * 2015).
 *
 * @param steps of the ascent
 * @param rate of a step whose gradient has a mean square of 1, in standard deviations of the input
 * @param decay by which each step brings pixels closer to grey
 * @param jitter the pixels by which the image is moved in each step, at most; 0 for none
 * @param blurEvery steps between two blurs; 0 for none
 */
public record ActivationMaximisation(int steps, double rate, double decay, int jitter, int blurEvery, long seed) {
  /** Settings that show something for most networks. */
  public static final ActivationMaximisation STANDARD = new ActivationMaximisation(128, 0.05, 1e-3, 4, 4, 1);

  private static final int MAX_STEPS = 100_000;

  private static final Saliency GRADIENT = new Saliency();

  /**
   * Rectifiers let pass what would raise them where they are 0, too (Olah, Mordvintsev, Schubert 2017, Feature visualization): noise
   * often excites a map nowhere, so that it has no derivative.
   */
  private static final Gradients.Rule REDIRECTED = step -> {
    GraphBuilder g = step.g();
    return step.node().op() instanceof Op.Relu
        ? Optional.of(List.of(g.op(new Op.Where(), g.op(new Op.Less(), g.number(0), step.y()), step.dy(),
            g.op(new Op.Relu(), step.dy()))))
        : Optional.empty();
  };

  /** The part of a blurred pixel that comes from each of its four neighbours. */
  private static final float NEIGHBOUR = 0.08f;

  /** The noise at the beginning, in standard deviations of the input. */
  private static final float NOISE = 0.1f;

  public ActivationMaximisation {
    if (steps < 1 || steps > MAX_STEPS || !(rate > 0) || !(decay >= 0 && decay < 1) || jitter < 0 || blurEvery < 0) {
      throw new FoveaException(
          "activation maximisation: expected 1 to " + MAX_STEPS + " steps, a rate above 0, a decay of 0 or more and below 1,"
              + " and no negative jitter or blur");
    }
  }

  /**
   * One image for each of these maps.
   *
   * @param layer whose output is the layer's maps, or a row of units
   * @param progress receives the number of steps done, of all images, {@code steps * maps.length} in the end
   */
  public List<Image> of(Explainer layer, int[] maps, IntConsumer progress) {
    List<Image> images = new ArrayList<>();
    int batch = layer.batch(maps.length);
    for (int from = 0; from < maps.length; from += batch) {
      int[] some = Arrays.copyOfRange(maps, from, Math.min(maps.length, from + batch));
      int before = from * steps;
      float[] found = ascend(layer, some, done -> progress.accept(before + done * some.length));
      Preprocessing preprocessing = layer.model().card().preprocessing();
      for (int i = 0; i < some.length; i++) {
        images.add(preprocessing.image(found, i * layer.model().input().size()));
      }
    }
    return images;
  }

  private float[] ascend(Explainer layer, int[] maps, IntConsumer progress) {
    Shape input = layer.model().input().batch(maps.length);
    Limits limits = Limits.of(layer.model().card().preprocessing());
    Tensor weights = weights(layer, maps);
    float[] x = start(input, maps, limits);
    for (int step = 0; step < steps; step++) {
      int down = shift(step, 0);
      int right = shift(step, 1);
      float[] moved = rolled(x, input, down, right);
      float[] gradient = rolled(gradient(layer, new Tensor(input, moved), weights), input, -down, -right);
      boolean blurs = blurEvery > 0 && (step + 1) % blurEvery == 0 && step + 1 < steps;
      layer.loop(maps.length, i -> climb(x, gradient, i, input, limits, blurs));
      progress.accept(step + 1);
    }
    return x;
  }

  /** The derivative, or of images that have none what {@link #REDIRECTED} brings. */
  private static float[] gradient(Explainer layer, Tensor x, Tensor weights) {
    float[] gradient = GRADIENT.map(layer, x, weights).values();
    int size = x.shape().sizeFrom(1);
    List<Integer> without = IntStream.range(0, x.shape().dim(0)).filter(n -> isZero(gradient, n * size, size)).boxed().toList();
    if (!without.isEmpty()) {
      float[] redirected = Objects.requireNonNull(layer.run("redirected", x, weights, layer::graph,
          pass -> Map.of(Model.OUTPUT, pass.gradient(pass.input(), REDIRECTED))).get(Model.OUTPUT)).values();
      without.forEach(n -> System.arraycopy(redirected, n * size, gradient, n * size, size));
    }
    return gradient;
  }

  private static boolean isZero(float[] values, int from, int count) {
    return IntStream.range(from, from + count).allMatch(i -> values[i] == 0);
  }

  /** The mean of each image's map. */
  private static Tensor weights(Explainer layer, int[] maps) {
    Shape outputs = layer.graph(1).outputShape(Model.OUTPUT).with(0, maps.length);
    float[] weights = new float[outputs.size()];
    int plane = outputs.sizeFrom(2);
    for (int i = 0; i < maps.length; i++) {
      int from = (i * outputs.dim(1) + maps[i]) * plane;
      Arrays.fill(weights, from, from + plane, 1f / plane);
    }
    return new Tensor(outputs, weights);
  }

  /** The same noise for a map, whichever others are in its batch. */
  private float[] start(Shape input, int[] maps, Limits limits) {
    float[] x = new float[input.size()];
    int size = input.sizeFrom(1);
    for (int image = 0; image < maps.length; image++) {
      Rng noise = Rng.of(seed).at("map " + maps[image]);
      for (int i = 0; i < size; i++) {
        x[image * size + i] = limits.grey()[i / input.sizeFrom(2)] + NOISE * noise.gaussian(i);
      }
    }
    return x;
  }

  private int shift(int step, int axis) {
    return Rng.of(seed).at("jitter").below(2L * step + axis, 2 * jitter + 1) - jitter;
  }

  private void climb(float[] x, float[] gradient, int image, Shape input, Limits limits, boolean blurs) {
    int size = input.sizeFrom(1);
    int plane = input.sizeFrom(2);
    double square = 0;
    for (int i = image * size; i < (image + 1) * size; i++) {
      square += (double) gradient[i] * gradient[i];
    }
    double scale = square > 0 ? rate / Math.sqrt(square / size) : 0;
    for (int i = image * size; i < (image + 1) * size; i++) {
      int c = i / plane % input.dim(1);
      double value = x[i] + scale * gradient[i];
      value += decay * (limits.grey()[c] - value);
      x[i] = (float) Math.clamp(value, limits.black()[c], limits.white()[c]);
    }
    for (int from = image * size; blurs && from < (image + 1) * size; from += plane) {
      blur(x, from, input.dim(2), input.dim(3));
    }
  }

  /** Each pixel and its four neighbours, those at the border themselves. */
  private static void blur(float[] x, int from, int height, int width) {
    float[] before = Arrays.copyOfRange(x, from, from + height * width);
    for (int row = 0; row < height; row++) {
      for (int column = 0; column < width; column++) {
        float around = before[Math.max(0, row - 1) * width + column] + before[Math.min(height - 1, row + 1) * width + column]
            + before[row * width + Math.max(0, column - 1)] + before[row * width + Math.min(width - 1, column + 1)];
        x[from + row * width + column] = (1 - 4 * NEIGHBOUR) * before[row * width + column] + NEIGHBOUR * around;
      }
    }
  }

  /** Moved, and what leaves at one side comes in at the other. */
  private static float[] rolled(float[] x, Shape shape, int down, int right) {
    int height = shape.dim(2);
    int width = shape.dim(3);
    float[] moved = new float[x.length];
    for (int plane = 0; plane < x.length; plane += height * width) {
      for (int row = 0; row < height; row++) {
        int from = plane + Math.floorMod(row - down, height) * width;
        for (int column = 0; column < width; column++) {
          moved[plane + row * width + column] = x[from + Math.floorMod(column - right, width)];
        }
      }
    }
    return moved;
  }

  /** The input's values for black, grey and white, by channel. */
  private record Limits(float[] black, float[] grey, float[] white) {
    static Limits of(Preprocessing preprocessing) {
      float[][] values = new float[3][preprocessing.channels()];
      for (int c = 0; c < preprocessing.channels(); c++) {
        for (int i = 0; i < 3; i++) {
          values[i][c] = (i / 2f - preprocessing.mean().get(c)) / preprocessing.std().get(c);
        }
      }
      return new Limits(values[0], values[1], values[2]);
    }
  }
}
