package dev.fovea.cpu.kernel;

import dev.fovea.cpu.kernel.DirectConv.WeightStrides;
import dev.fovea.graph.Op;
import dev.fovea.graph.Precision;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.Optional;

/**
 * Convolution by 3x3 windows with 36 products where direct convolution has 144: Winograd's F(4x4, 3x3), Lavin and Gray 2016 (arXiv
 * 1509.09308). Tiles of 4x4 outputs read patches of 6x6 inputs. Patches, weights and outputs go through small fixed transforms;
 * between them is one matrix product for each of the 36 points. All kernels have the same transforms and the same order of sums, so
 * they give the same bits. These differ from the bits of direct convolution and are slightly less accurate.
 *
 * @param top rows of padding above the first patch, {@code left} columns of padding to its left; both may be negative
 * @param weightStrides how the weights are stored
 * @param flipped whether windows are read from their last element to their first, as the transposed convolution does
 */
public record Winograd(
    int channels,
    int filters,
    int inH,
    int inW,
    int outH,
    int outW,
    int top,
    int left,
    WeightStrides weightStrides,
    boolean flipped) {

  /** Outputs of a tile along one side. */
  public static final int TILE = 4;

  /** Inputs of a patch along one side. */
  public static final int PATCH = 6;

  /** Points of a transformed patch: one matrix product each. */
  public static final int POINTS = PATCH * PATCH;

  /** Elements of the window. */
  public static final int AREA = 9;

  /** With fewer channels the matrix products are too small to pay for the transforms. */
  private static final int MIN_CHANNELS = 16;

  /** Smaller maps have too few tiles to pay for weights four times as large. */
  private static final int MIN_POSITIONS = 64;

  /**
   * Whether it is faster than direct convolution; depends on the shape of one image, so that bits don't depend on the batch size.
   */
  static boolean isFaster(Precision precision, Window w, int groups, Shape x, Shape y) {
    return precision == Precision.FAST
        && groups == 1
        && w.kernelH() == 3 && w.kernelW() == 3
        && w.strideH() == 1 && w.strideW() == 1
        && w.dilationH() == 1 && w.dilationW() == 1
        && Math.min(x.dim(1), y.dim(1)) >= MIN_CHANNELS
        && Math.min(x.sizeFrom(2), y.sizeFrom(2)) >= MIN_POSITIONS
        && x.sizeFrom(1) + y.sizeFrom(1) > LayoutRule.MAX_CACHED;
  }

  /** The convolution in this form, if it is faster. */
  public static Optional<Winograd> of(Precision precision, Op.Conv op, Shape x, Shape y) {
    WeightStrides weights = new WeightStrides(0, x.dim(1) * AREA, AREA);
    return isFaster(precision, op.window(), op.groups(), x, y)
        ? Optional.of(of(x, y, op.window().top(), op.window().left(), weights, false))
        : Optional.empty();
  }

  /** The transposed convolution in this form: a convolution with flipped windows and padding {@code 2 - p}. */
  public static Optional<Winograd> of(Precision precision, Op.ConvTranspose op, Shape x, Shape y) {
    WeightStrides weights = new WeightStrides(0, AREA, y.dim(1) * AREA);
    return isFaster(precision, op.window(), op.groups(), x, y)
        ? Optional.of(of(x, y, 2 - op.window().top(), 2 - op.window().left(), weights, true))
        : Optional.empty();
  }

  /** The weight gradient in this form; it is stored as the convolution's weights are. */
  public static Optional<Winograd> of(Precision precision, Op.ConvWeightGrad op, Shape x, Shape dy) {
    WeightStrides weights = new WeightStrides(0, x.dim(1) * AREA, AREA);
    return isFaster(precision, op.window(), op.groups(), x, dy)
        ? Optional.of(of(x, dy, op.window().top(), op.window().left(), weights, false))
        : Optional.empty();
  }

  private static Winograd of(Shape x, Shape y, int top, int left, WeightStrides weights, boolean flipped) {
    return new Winograd(x.dim(1), y.dim(1), x.dim(2), x.dim(3), y.dim(2), y.dim(3), top, left, weights, flipped);
  }

  /** The tiles of a row of tiles. */
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

  /** The index of the weight of a filter, channel and window element. */
  public int weightAt(int filter, int channel, int element) {
    return filter * weightStrides.filter() + channel * weightStrides.channel() + (flipped ? AREA - 1 - element : element);
  }

  /** Multiply-adds of one image's matrix products. */
  public long work() {
    return (long) POINTS * tiles() * channels * filters;
  }
}
