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
import dev.fovea.cpu.vector.packing.WeightUnpacking;
import dev.fovea.cpu.vector.packing.WindowSpan;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * The weight gradient of a convolution in NCHW16c, with filters in the lanes. A unit is a tile of filters with a slab of input
 * channels and all elements of the window. It goes through the images some rows at a time, which stay in the cache during the
 * loops over channels and elements.
 */
public final class WeightGrad16c {
  private static final int BLOCK = Layout.BLOCK;
  private static final int START = Layout.CACHE_LINE_START;

  /**
   * About this many positions at a time: what a tile of filters reads of them stays in the first-level cache for all channels of a
   * slab.
   */
  private static final int CHUNK_POSITIONS = 448;

  /** The maximum number of channels of a slab, and of floats of its sums for one image: an eighth of a second-level cache. */
  private static final int MAX_SLAB = 128;

  private static final int MAX_SLAB_FLOATS = 1 << 16;

  /** The number of units that balances the load of the threads. */
  private static final int TARGET_UNITS = 8;

  private final Window window;
  private final int channels;
  private final int area;
  private final Shape x;
  private final Shape dy;
  private final boolean contiguousRows;
  private final List<FilterTile> tiles;
  private final int slab;
  private final int channelSlabs;
  private final int chunkRows;
  private final WindowSpan[] rows;
  private final WindowSpan[] columns;
  private final int[][] xOffsets;
  private final int[][] dyOffsets;

  public WeightGrad16c(Window window, int groups, Shape x, Shape dy) {
    this.window = window;
    this.x = x;
    this.dy = dy;
    channels = x.dim(1) / groups;
    area = window.kernelH() * window.kernelW();
    contiguousRows = groups == 1 || channels % OuterProductTile.MAX_ROWS == 0;
    int filters = dy.dim(1) / groups;
    tiles = FilterTile.of(groups, filters, contiguousRows && filters > 4 * Lanes.COUNT ? OuterProductTile.MAX_VECTORS : 2);
    int channelTiles = Math.ceilDiv(channels, OuterProductTile.MAX_ROWS);
    int perElement = OuterProductTile.MAX_ROWS * OuterProductTile.MAX_VECTORS * Lanes.COUNT;
    int maxSlabTiles = Math.clamp(MAX_SLAB_FLOATS / (area * perElement), 1, MAX_SLAB / OuterProductTile.MAX_ROWS);
    slab = Math.clamp((long) tiles.size() * channelTiles / TARGET_UNITS, 1, maxSlabTiles) * OuterProductTile.MAX_ROWS;
    channelSlabs = Math.ceilDiv(channels, slab);
    chunkRows = rowsAtATime(dy);
    rows = new WindowSpan[window.kernelH()];
    for (int k = 0; k < rows.length; k++) {
      rows[k] = WindowSpan.rows(window, k, x, dy);
    }
    columns = new WindowSpan[window.kernelW()];
    xOffsets = new int[columns.length][];
    dyOffsets = new int[columns.length][];
    for (int k = 0; k < columns.length; k++) {
      columns[k] = WindowSpan.columns(window, k, x, dy);
      columnOffsets(k);
    }
  }

  /** The number of rows of a gradient that stay in the cache during the loops over channels and elements, or over taps. */
  static int rowsAtATime(Shape dy) {
    return Math.clamp(CHUNK_POSITIONS / dy.dim(3), 1, dy.dim(2));
  }

  /** Computes the offsets of the positions of a chunk of rows, relative to its first row, for one column of the window. */
  private void columnOffsets(int element) {
    WindowSpan span = columns[element];
    int width = span.count();
    xOffsets[element] = new int[chunkRows * width];
    dyOffsets[element] = new int[chunkRows * width];
    for (int k = 0; k < chunkRows * width; k++) {
      int row = k / width;
      int column = span.from() + k % width;
      xOffsets[element][k] = (row * window.strideH() * x.dim(3) + span.inputPosition(column)) * BLOCK;
      dyOffsets[element][k] = (row * dy.dim(3) + column) * BLOCK;
    }
  }

  public Kernel kernel() {
    return (in, out) -> Task.of(tiles.size() * channelSlabs, (m, from, to) -> run(m, in, out, from, to));
  }

  private void run(Memory m, List<Address> in, Address out, int from, int to) {
    Worker worker = new Worker(m, in, out);
    for (int unit = from; unit < to; unit++) {
      worker.unit(tiles.get(unit / channelSlabs), unit % channelSlabs * slab);
    }
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
    private FilterTile filters = tiles.getFirst();

    Worker(Memory m, List<Address> in, Address out) {
      tile.scalars = m.array(in.get(0).array());
      tile.vectors = m.array(in.get(1).array());
      tile.sums = Scratch.floats((partials + 1) * slab * area * OuterProductTile.MAX_VECTORS * Lanes.COUNT);
      dw = m.array(out.array());
      dwAt = out.offset();
      xAt = in.get(0).offset();
      dyAt = in.get(1).offset();
    }

    void unit(FilterTile next, int first) {
      filters = next;
      tile.vectorStep = filters.vectorStride(dy.sizeFrom(2));
      int size = slab * area * filters.lanes();
      Arrays.fill(tile.sums, START, START + partials * size, 0);
      int end = Math.min(channels, first + slab);
      int xImage = x.sizeFrom(2) * Layout.channelBlocks(x) * BLOCK;
      int dyImage = dy.sizeFrom(2) * Layout.channelBlocks(dy) * BLOCK;
      int gradient = dyAt + FilterTile.offset(filters.firstChannel(), dy.sizeFrom(2));
      for (int image = 0; image < images; image++) {
        for (int row = 0; row < dy.dim(2); row += chunkRows) {
          for (int channel = first; channel < end; channel += OuterProductTile.MAX_ROWS) {
            int sums = START + image % BLOCK * size + (channel - first) * filters.lanes();
            rows(channel, row, xAt + image * xImage, gradient + image * dyImage, sums);
          }
        }
      }
      Lanes.tree(tile.sums, START, size, partials);
      int reorder = area > 1 ? reorder(START + partials * size) : START;
      int to = dwAt + (filters.firstChannel() * channels + first) * area;
      unpacking.unpack(filters, tile.sums, reorder, (end - first) * area, dw, to, channels * area);
    }

    /** Reorders the sums, which are stored by element and within an element by channel, to the order of the weights. */
    private int reorder(int to) {
      int lanes = filters.lanes();
      for (int row = 0; row < slab * area; row++) {
        System.arraycopy(tile.sums, START + (row % area * slab + row / area) * lanes, tile.sums, to + row * lanes, lanes);
      }
      return to;
    }

    /** Adds the products of some channels at some rows. */
    private void rows(int first, int row, int source, int gradient, int sums) {
      int count = Math.min(OuterProductTile.MAX_ROWS, channels - first);
      int width = OuterProductTile.width(count);
      for (int i = 0; i < width; i++) {
        int channel = filters.group() * channels + first + Math.min(i, count - 1);
        tile.rowOffsets[i] = FilterTile.offset(channel, x.sizeFrom(2));
      }
      for (int element = 0; element < area; element++) {
        tile.sumsOffset = sums + element * slab * filters.lanes();
        element(element, row, width, source, gradient);
      }
    }

    private void element(int element, int row, int width, int source, int gradient) {
      WindowSpan span = rows[element / columns.length];
      int from = Math.max(row, span.from());
      int count = (Math.min(row + chunkRows, span.to()) - from) * columns[element % columns.length].count();
      if (count > 0) {
        tile.scalarOffsets = xOffsets[element % columns.length];
        tile.vectorOffsets = dyOffsets[element % columns.length];
        int scalarsAt = source + span.inputPosition(from) * x.dim(3) * BLOCK;
        int vectorsAt = gradient + from * dy.dim(3) * BLOCK;
        if (contiguousRows) {
          tile.contiguous(filters.vectors(), scalarsAt, vectorsAt, count);
        } else {
          tile.strided(width, filters.vectors(), scalarsAt, vectorsAt, count);
        }
      }
    }
  }
}
