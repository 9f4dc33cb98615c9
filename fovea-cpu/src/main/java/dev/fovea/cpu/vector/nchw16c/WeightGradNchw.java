package dev.fovea.cpu.vector.nchw16c;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.vector.microkernel.Lanes;
import dev.fovea.cpu.vector.microkernel.OuterProductTile;
import dev.fovea.cpu.vector.microkernel.Scratch;
import dev.fovea.cpu.vector.packing.FilterTile;
import dev.fovea.cpu.vector.packing.ValidWindows;
import dev.fovea.cpu.vector.packing.WeightUnpacking;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * The weight gradient of a convolution of NCHW images, with filters in the lanes. The images have too few channels to fill a
 * tile's rows, so rows are taps, each a channel and an element of the window. All windows are inside the images, so that all
 * positions are of one class. A unit is a tile of filters with some taps. It goes through the images some rows at a time, which
 * stay in the cache during the loop over taps.
 */
public final class WeightGradNchw {
  private static final int BLOCK = Layout.BLOCK;
  private static final int START = Layout.CACHE_LINE_START;

  /** The number of units that balances the load of the threads. */
  private static final int TARGET_UNITS = 8;

  /** The maximum number of vectors of filters for strided rows. */
  private static final int MAX_VECTORS = 2;

  private final Shape x;
  private final Shape dy;
  private final int channels;
  private final List<FilterTile> tiles;
  private final int slab;
  private final int slabs;
  private final int chunkRows;
  private final int strideH;

  /** The offset of each tap from a position, and the offsets of a chunk's positions. */
  private final int[] tapOffsets;

  private final int[] xOffsets;
  private final int[] dyOffsets;

  public WeightGradNchw(Window window, int groups, Shape x, Shape dy) {
    this.x = x;
    this.dy = dy;
    channels = x.dim(1) / groups;
    tiles = FilterTile.of(groups, dy.dim(1) / groups, MAX_VECTORS);
    strideH = window.strideH();
    ValidWindows windows = new ValidWindows(window, x, dy);
    tapOffsets = windows.tapOffsets(channels, 1);
    slab = Math.ceilDiv(Math.ceilDiv(tapOffsets.length * tiles.size(), TARGET_UNITS), OuterProductTile.MAX_ROWS)
        * OuterProductTile.MAX_ROWS;
    slabs = Math.ceilDiv(tapOffsets.length, slab);
    chunkRows = WeightGrad16c.rowsAtATime(dy);
    xOffsets = windows.offsets(chunkRows, 1);
    dyOffsets = new int[xOffsets.length];
    Arrays.setAll(dyOffsets, position -> position * BLOCK);
  }

  /** Inputs: the images in NCHW, and the output gradients in NCHW16c. */
  public Kernel kernel() {
    return (in, out) -> Task.of(
        tiles.size() * slabs,
        (m, from, to) -> {
          Worker worker = new Worker(m, in, out);
          for (int unit = from; unit < to; unit++) {
            worker.unit(tiles.get(unit / slabs), unit % slabs * slab);
          }
        });
  }

  /** The state of one thread for its units. */
  private final class Worker {
    private final OuterProductTile tile = new OuterProductTile();
    private final WeightUnpacking unpacking = new WeightUnpacking();
    private final int images = x.dim(0);
    private final int partials = Math.min(BLOCK, images);
    private final float[] dw;
    private final int dwAt;
    private final int xAt;
    private final int dyAt;

    Worker(Memory m, List<Address> in, Address out) {
      tile.scalars = m.array(in.get(0).array());
      tile.vectors = m.array(in.get(1).array());
      tile.sums = Scratch.floats(partials * slab * MAX_VECTORS * Lanes.COUNT);
      tile.scalarOffsets = xOffsets;
      tile.vectorOffsets = dyOffsets;
      dw = m.array(out.array());
      dwAt = out.offset();
      xAt = in.get(0).offset();
      dyAt = in.get(1).offset();
    }

    void unit(FilterTile filters, int first) {
      int size = slab * filters.lanes();
      int end = Math.min(tapOffsets.length, first + slab);
      int map = dy.sizeFrom(2);
      int gradientSize = map * Layout.channelBlocks(dy) * BLOCK;
      Arrays.fill(tile.sums, START, START + partials * size, 0);
      tile.vectorStep = filters.vectorStride(map);
      for (int n = 0; n < images; n++) {
        int image = xAt + (n * x.dim(1) + filters.group() * channels) * x.sizeFrom(2);
        int gradient = dyAt + n * gradientSize + FilterTile.offset(filters.firstChannel(), map);
        for (int row = 0; row < dy.dim(2); row += chunkRows) {
          int count = Math.min(chunkRows, dy.dim(2) - row) * dy.dim(3);
          for (int tap = first; tap < end; tap += OuterProductTile.MAX_ROWS) {
            tile.sumsOffset = START + n % BLOCK * size + (tap - first) * filters.lanes();
            int width = setRows(tap, end);
            int from = image + row * strideH * x.dim(3);
            tile.strided(width, filters.vectors(), from, gradient + row * dy.dim(3) * BLOCK, count);
          }
        }
      }
      Lanes.tree(tile.sums, START, size, partials);
      int to = dwAt + filters.firstChannel() * tapOffsets.length + first;
      unpacking.unpack(filters, tile.sums, START, end - first, dw, to, tapOffsets.length);
    }

    /** Sets the rows to the next taps and returns their number; the last tap is repeated. */
    private int setRows(int tap, int end) {
      int width = OuterProductTile.width(end - tap);
      for (int i = 0; i < width; i++) {
        tile.rowOffsets[i] = tapOffsets[Math.min(tap + i, end - 1)];
      }
      return width;
    }
  }
}
