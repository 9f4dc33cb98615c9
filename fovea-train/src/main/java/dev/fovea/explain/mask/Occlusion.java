package dev.fovea.explain.mask;

import dev.fovea.explain.Answer;
import dev.fovea.explain.Attribution;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.MaskedScores;
import dev.fovea.explain.Method;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How far the score falls if a window of the image is covered with the mean image, whose normalised values are zero: Zeiler and Fergus
 * 2014 (arXiv 1311.2901), section 4.2. Each pixel has the mean over the windows that cover it.
 *
 * @param window its side, in pixels of the network's input
 * @param stride from one window to the next; the last ones of a row or column end at the image's edge
 */
public record Occlusion(int window, int stride) implements Method {
  /** Windows of 16 pixels, every 8. */
  public static final Occlusion STANDARD = new Occlusion(16, 8);

  public Occlusion {
    if (window < 1 || stride < 1 || stride > window) {
      throw new FoveaException(
          "occlusion: expected a window of 1 pixel or more, and a stride from 1 to that, got " + window + " and "
              + stride);
    }
  }

  @Override
  public String name() {
    return "occlusion";
  }

  @Override
  public int passes(Explainer network) {
    return starts(network.model().input().dim(1)).length * starts(network.model().input().dim(2)).length;
  }

  @Override
  public boolean differentiates() {
    return false;
  }

  @Override
  public Attribution explain(Explainer network, Tensor input, Answer answer) {
    Shape shape = input.shape();
    int height = shape.dim(2);
    int width = shape.dim(3);
    int[] tops = starts(height);
    int[] lefts = starts(width);
    double[] scores = MaskedScores.of(network, input, answer, tops.length * lefts.length, (index, to, offset) -> {
      System.arraycopy(input.values(), 0, to, offset, input.values().length);
      int top = tops[index / lefts.length];
      int left = lefts[index % lefts.length];
      for (int c = 0; c < shape.dim(1); c++) {
        for (int y = top; y < Math.min(height, top + window); y++) {
          int from = offset + (c * height + y) * width;
          Arrays.fill(to, from + left, from + Math.min(width, left + window), 0);
        }
      }
    });
    double[] falls = new double[height * width];
    int[] covers = new int[height * width];
    for (int i = 0; i < scores.length; i++) {
      int top = tops[i / lefts.length];
      int left = lefts[i % lefts.length];
      for (int y = top; y < Math.min(height, top + window); y++) {
        for (int x = left; x < Math.min(width, left + window); x++) {
          falls[y * width + x] += answer.score() - scores[i];
          covers[y * width + x]++;
        }
      }
    }
    float[] map = new float[falls.length];
    for (int i = 0; i < map.length; i++) {
      map[i] = (float) (falls[i] / covers[i]);
    }
    return new Attribution(name(), Attribution.Kind.CONTRIBUTION, answer, Optional.empty(),
        new Tensor(Shape.of(height, width), map), Map.of());
  }

  /** The first pixels of windows that cover a side. */
  private int[] starts(int side) {
    int last = Math.max(0, side - window);
    int count = 1 + Math.ceilDiv(last, stride);
    return IntStream.range(0, count).map(i -> Math.min(last, i * stride)).toArray();
  }
}
