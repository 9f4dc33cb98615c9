package dev.fovea.explain.mask;

import dev.fovea.explain.Answer;
import dev.fovea.explain.Attribution;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.MaskedScores;
import dev.fovea.explain.Method;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.Map;
import java.util.Optional;

/**
 * The expected score over random masks, if a pixel is not hidden: Petsiuk, Das, Saenko 2018 (RISE, arXiv 1806.07421), equation 6. A mask
 * is a grid of {@code cells x cells} of zeros and ones, each one with probability one half, enlarged bilinearly by one cell more than
 * the image has, and shifted at random by up to a cell (section 3.2). It multiplies the normalised input, so that what is hidden has the
 * mean colour. The sum is divided by the sum of the masks instead of its expectation: how often a pixel happens to be visible would
 * otherwise show in the map. Masks are drawn in blocks in which any two cells are independent of each other exactly, and not only on
 * average (an orthogonal array of two levels: Plackett, Burman 1946, with random signs and columns): what a cell contributes then
 * does not show at the others, and a map needs half as many masks. Each mask alone is distributed as in the paper.
 */
public record Rise(int masks, int cells, long seed) implements Method {
  private static final double VISIBLE = 0.5;

  private static final int MAX_MASKS = 1_000_000;
  private static final int MAX_CELLS = 100;

  /** 2000 masks of 7 x 7 cells. */
  public Rise(long seed) {
    this(2000, 7, seed);
  }

  public Rise {
    if (masks < 1 || masks > MAX_MASKS || cells < 1 || cells > MAX_CELLS) {
      throw new FoveaException(
          "rise: expected 1 to " + MAX_MASKS + " masks and 1 to " + MAX_CELLS + " cells, got " + masks + " and "
              + cells);
    }
  }

  @Override
  public String name() {
    return "rise";
  }

  @Override
  public int passes(Explainer network) {
    return masks;
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
    int plane = height * width;
    float[] x = input.values();
    double[] scores = MaskedScores.of(network, input, answer, masks, (index, to, offset) -> {
      float[] mask = mask(index, height, width);
      for (int i = 0; i < x.length; i++) {
        to[offset + i] = x[i] * mask[i % plane];
      }
    });
    double[] sum = new double[plane];
    double[] visible = new double[plane];
    for (int m = 0; m < masks; m++) {
      float[] mask = mask(m, height, width);
      for (int i = 0; i < plane; i++) {
        sum[i] += scores[m] * mask[i];
        visible[i] += mask[i];
      }
    }
    float[] map = new float[plane];
    for (int i = 0; i < plane; i++) {
      map[i] = (float) (visible[i] == 0 ? 0 : sum[i] / visible[i]);
    }
    return new Attribution(name(), Attribution.Kind.EVIDENCE, answer, Optional.empty(), new Tensor(Shape.of(height, width), map),
        Map.of());
  }

  /** Depends on the seed and the index alone. */
  private float[] mask(int index, int height, int width) {
    Rng random = Rng.of(seed).at(name()).at(index);
    int cellHeight = Math.ceilDiv(height, cells);
    int cellWidth = Math.ceilDiv(width, cells);
    int side = cells + 1;
    float[] grid = grid(index, side * side);
    int down = random.at("down").below(0, cellHeight);
    int right = random.at("right").below(0, cellWidth);
    float[] mask = new float[height * width];
    for (int y = 0; y < height; y++) {
      double row = place(y + down, cellHeight, cells);
      int top = (int) row;
      double low = row - top;
      for (int x = 0; x < width; x++) {
        double column = place(x + right, cellWidth, cells);
        int left = (int) column;
        double far = column - left;
        int at = top * side + left;
        double upper = grid[at] * (1 - far) + grid[at + 1] * far;
        double lower = grid[at + side] * (1 - far) + grid[at + side + 1] * far;
        mask[y * width + x] = (float) (upper * (1 - low) + lower * low);
      }
    }
    return mask;
  }

  /**
   * Zeros and ones. The columns of a Hadamard matrix of Sylvester's kind, but for its first, are orthogonal, and so they are with other
   * signs: each block of masks takes some of them at random.
   */
  private float[] grid(int index, int count) {
    int order = Integer.highestOneBit(count) * 2;
    Rng block = Rng.of(seed).at(name()).at("block").at(index / order);
    int[] columns = block.at("columns").permutation(order - 1);
    float[] grid = new float[count];
    for (int i = 0; i < count; i++) {
      boolean odd = Integer.bitCount((index % order) & (columns[i] + 1)) % 2 == 1;
      grid[i] = odd == (block.uniform(i) < VISIBLE) ? 1 : 0;
    }
    return grid;
  }

  /** Where a pixel of the enlarged grid is between the centres of its cells, clamped at the border. */
  private static double place(int pixel, int cell, int cells) {
    return Math.clamp((pixel + 0.5) / cell - 0.5, 0, Math.nextDown((double) cells));
  }
}
