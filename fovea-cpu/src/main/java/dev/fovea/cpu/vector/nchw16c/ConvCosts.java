package dev.fovea.cpu.vector.nchw16c;

import dev.fovea.cpu.kernel.DirectConv;
import dev.fovea.cpu.vector.microkernel.Lanes;
import dev.fovea.cpu.vector.microkernel.Tile16c;

/**
 * What a convolution costs in each of the ways that {@link DirectConv16c} and {@link SmallMapConv16c} have, about, in multiply-adds of
 * one vector. All ways give the same bits.
 */
final class ConvCosts {
  /** A multiply-add where places lie apart; and where all filters fit one vector, so that each place's check of the bounds serves but one. */
  private static final double APART = 1.2;

  private static final double APART_ALONE = 1.7;

  /** What a multiply-add costs more in {@link SmallMapConv16c}, since sums are read and written at each element of the window. */
  private static final double DEARER = 1.2;

  /** A block copied into a panel, and a number of a plain image that is brought beside those of its other channels. */
  private static final int COPY = 5;

  private static final int INTERLEAVE = 2;

  /** A vector of places copied for a tap. */
  private static final int TAP = 2;

  /** A class of places that read alike, for each tile of filters. */
  private static final int CLASS = 1000;

  private final DirectConv conv;
  private final int images;
  private final int vectors;
  private final int tiles;

  ConvCosts(DirectConv conv, int images) {
    this.conv = conv;
    this.images = images;
    vectors = Math.ceilDiv(conv.filters(), Lanes.COUNT);
    tiles = Math.ceilDiv(vectors, Tile16c.VECTORS);
  }

  /** Class by class of places that read alike. */
  double alike() {
    double sum = 0;
    for (int r = 0; r < conv.rows().classCount(); r++) {
      for (int c = 0; c < conv.columns().classCount(); c++) {
        long taps = (long) conv.channels() * conv.rows().taps(r).size() * conv.columns().taps(c).size();
        int positions = images * conv.rows().positions(r).length * conv.columns().positions(c).length;
        sum += taps * slots(positions, 4) * vectors * apart() + CLASS * tiles;
      }
    }
    return sum;
  }

  /** Element by element of the window. */
  double elements() {
    double sum = 0;
    int[] columnReaders = conv.columns().readerCounts();
    for (int rowReaders : conv.rows().readerCounts()) {
      for (int readers : columnReaders) {
        sum += slots(images * rowReaders * readers, 4);
      }
    }
    return sum * conv.channels() * vectors * apart() * DEARER;
  }

  /** All places of an image alike, in a copy of what they read: the least that it takes, in one panel. */
  double windows(WindowPanel panel) {
    int together = Tile16c.whole(1, Math.min(vectors, Tile16c.VECTORS));
    long sums = (long) conv.taps() * slots(conv.outH() * conv.outW(), together) * vectors;
    return (double) images * (sums + COPY * panel.blocks() + (long) INTERLEAVE * panel.interleavedNumbers());
  }

  /** Places of rows in the lanes, as {@link FewFiltersConv16c} has them: their products, copies of what they read, and the way back. */
  double rows() {
    int unit = Tile16c.VECTORS * (conv.taps() * (FewFiltersConv16c.MOST + TAP) + FewFiltersConv16c.MOST * Lanes.COUNT);
    return (double) images * FewFiltersConv16c.units(conv) * unit;
  }

  private double apart() {
    return vectors == 1 ? APART_ALONE : APART;
  }

  private static long slots(int positions, int together) {
    return (long) Math.ceilDiv(positions, together) * together;
  }
}
