package dev.fovea.cpu.vector.nchw16c;

import dev.fovea.cpu.kernel.DirectConv;
import dev.fovea.cpu.vector.microkernel.Lanes;
import dev.fovea.cpu.vector.microkernel.Tile16c;

/**
 * Cost model: what a convolution costs approximately with each algorithm of {@link DirectConv16c}, {@link SmallMapConv16c} and
 * {@link FewFiltersConv16c}, in multiply-adds of one vector. All algorithms give the same bits.
 */
final class ConvCosts {
  /**
   * A multiply-add of strided positions; and if all filters fit one vector, so that each bounds check serves only one
   * multiply-add.
   */
  private static final double STRIDED = 1.2;

  private static final double STRIDED_SINGLE_VECTOR = 1.7;

  /** The overhead factor of {@link SmallMapConv16c}, which loads and stores the sums at each element of the window. */
  private static final double ELEMENT_OVERHEAD = 1.2;

  /** Copying a block into a panel, and interleaving one value of an NCHW image with those of the other channels. */
  private static final int COPY_BLOCK = 5;

  private static final int INTERLEAVE_ELEMENT = 2;

  /** Copying a vector of positions for one tap. */
  private static final int COPY_TAP_VECTOR = 2;

  /** The overhead of a class of positions, for each tile of filters. */
  private static final int PER_CLASS = 1000;

  private final DirectConv conv;
  private final int images;
  private final int vectors;
  private final int tiles;

  ConvCosts(DirectConv conv, int images) {
    this.conv = conv;
    this.images = images;
    vectors = Math.ceilDiv(conv.filters(), Lanes.COUNT);
    tiles = Math.ceilDiv(vectors, Tile16c.MAX_VECTORS);
  }

  /** {@link DirectConv16c}, one class of positions after the other. */
  double byClasses() {
    double sum = 0;
    for (int r = 0; r < conv.rows().classCount(); r++) {
      for (int c = 0; c < conv.columns().classCount(); c++) {
        long taps = (long) conv.channels() * conv.rows().taps(r).size() * conv.columns().taps(c).size();
        int positions = images * conv.rows().positions(r).length * conv.columns().positions(c).length;
        sum += taps * roundUp(positions, 4) * vectors * stridedCost() + PER_CLASS * tiles;
      }
    }
    return sum;
  }

  /** {@link SmallMapConv16c}, one element of the window after the other. */
  double byElements() {
    double sum = 0;
    int[] columnReaders = conv.columns().readerCounts();
    for (int rowReaders : conv.rows().readerCounts()) {
      for (int readers : columnReaders) {
        sum += roundUp(images * rowReaders * readers, 4);
      }
    }
    return sum * conv.channels() * vectors * stridedCost() * ELEMENT_OVERHEAD;
  }

  /**
   * {@link DirectConv16c}, with all positions of an image in one class, that of a {@link WindowPanel}: a lower bound, for one
   * panel.
   */
  double byWindowPanel(WindowPanel panel) {
    int multiple = Tile16c.roundUp(1, Math.min(vectors, Tile16c.MAX_VECTORS));
    long sums = (long) conv.taps() * roundUp(conv.outH() * conv.outW(), multiple) * vectors;
    return (double) images * (sums + COPY_BLOCK * panel.copiedBlocks() + (long) INTERLEAVE_ELEMENT * panel.interleavedElements());
  }

  /** {@link FewFiltersConv16c}, with positions of a row in the lanes: the products, copying the input, and storing to NCHW16c. */
  double byRowVectors() {
    int unit = Tile16c.MAX_VECTORS
        * (conv.taps() * (FewFiltersConv16c.MAX_FILTERS + COPY_TAP_VECTOR) + FewFiltersConv16c.MAX_FILTERS * Lanes.COUNT);
    return (double) images * FewFiltersConv16c.unitsPerImage(conv) * unit;
  }

  private double stridedCost() {
    return vectors == 1 ? STRIDED_SINGLE_VECTOR : STRIDED;
  }

  private static long roundUp(int positions, int multiple) {
    return (long) Math.ceilDiv(positions, multiple) * multiple;
  }
}
