package dev.fovea.cpu.kernel;

import dev.fovea.cpu.kernel.DirectConv.Weights;
import dev.fovea.graph.Op;
import dev.fovea.graph.Precision;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.Optional;

/**
 * Convolution by 3x3 windows with 36 products where the definition has 144: Winograd's F(4x4, 3x3), Lavin and Gray 2016 (arXiv
 * 1509.09308). Tiles of 4x4 outputs read patches of 6x6 inputs; patches, weights and outputs go through small fixed transforms, and in
 * between stands one matrix product for each of the 36 points. All kernels transform and sum alike, so they give the same bits; they
 * are not the bits of the definition, and a little less exact.
 *
 * @param top how far the first patch begins above the input, {@code left} beside it; both may be negative
 * @param weights where the weights lie
 * @param turned whether windows are read from their last element on, as the transpose does
 */
public record Winograd(
    int channels, int filters, int inH, int inW, int outH, int outW, int top, int left, Weights weights, boolean turned) {

  /** Outputs of a tile along one side. */
  public static final int TILE = 4;

  /** Inputs of a patch along one side. */
  public static final int PATCH = 6;

  /** Products of a tile: one matrix product each. */
  public static final int POINTS = PATCH * PATCH;

  /** Elements of the window. */
  public static final int AREA = 9;

  /** Fewer channels leave too little to sum for what the transforms cost. */
  private static final int LEAST_CHANNELS = 16;

  /** Smaller maps cut too few tiles to make up for weights four times as large. */
  private static final int LEAST_PLACES = 64;

  /** Whether the definition's sums are worth replacing; by the shape of one image alone, so that the bits know no batch. */
  static boolean suits(Precision precision, Window w, int groups, Shape x, Shape y) {
    return precision == Precision.FAST
        && groups == 1
        && w.kernelH() == 3 && w.kernelW() == 3
        && w.strideH() == 1 && w.strideW() == 1
        && w.dilationH() == 1 && w.dilationW() == 1
        && Math.min(x.dim(1), y.dim(1)) >= LEAST_CHANNELS
        && Math.min(x.sizeFrom(2), y.sizeFrom(2)) >= LEAST_PLACES
        && x.sizeFrom(1) + y.sizeFrom(1) > LayoutRule.CACHED;
  }

  /** The convolution in this form, where that is worth it. */
  public static Optional<Winograd> of(Precision precision, Op.Conv op, Shape x, Shape y) {
    Weights weights = new Weights(0, x.dim(1) * AREA, AREA);
    return suits(precision, op.window(), op.groups(), x, y)
        ? Optional.of(of(x, y, op.window().top(), op.window().left(), weights, false))
        : Optional.empty();
  }

  /** The transposed convolution in this form: a convolution with turned windows and the rest of the padding. */
  public static Optional<Winograd> of(Precision precision, Op.ConvTranspose op, Shape x, Shape y) {
    Weights weights = new Weights(0, AREA, y.dim(1) * AREA);
    return suits(precision, op.window(), op.groups(), x, y)
        ? Optional.of(of(x, y, 2 - op.window().top(), 2 - op.window().left(), weights, true))
        : Optional.empty();
  }

  /** The weight's gradient in this form; its weights lie as the convolution's. */
  public static Optional<Winograd> of(Precision precision, Op.ConvWeightGrad op, Shape x, Shape dy) {
    Weights weights = new Weights(0, x.dim(1) * AREA, AREA);
    return suits(precision, op.window(), op.groups(), x, dy)
        ? Optional.of(of(x, dy, op.window().top(), op.window().left(), weights, false))
        : Optional.empty();
  }

  private static Winograd of(Shape x, Shape y, int top, int left, Weights weights, boolean turned) {
    return new Winograd(x.dim(1), y.dim(1), x.dim(2), x.dim(3), y.dim(2), y.dim(3), top, left, weights, turned);
  }

  /** The tiles side by side. */
  public int tileColumns() {
    return Math.ceilDiv(outW, TILE);
  }

  /** The tiles of an image, row by row. */
  public int tiles() {
    return Math.ceilDiv(outH, TILE) * tileColumns();
  }

  /** The first output row of a tile. */
  public int row(int tile) {
    return tile / tileColumns() * TILE;
  }

  /** The first output column of a tile. */
  public int column(int tile) {
    return tile % tileColumns() * TILE;
  }

  /** Where the weight of a filter's element for a channel lies. */
  public int weightAt(int filter, int channel, int element) {
    return filter * weights.filter() + channel * weights.channel() + (turned ? AREA - 1 - element : element);
  }

  /** Multiply-adds of one image's matrix products. */
  public long work() {
    return (long) POINTS * tiles() * channels * filters;
  }
}
