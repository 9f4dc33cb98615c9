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
 * What a convolution's weight receives, with filters in the lanes. A unit is a tile of filters with a slab of input channels and all
 * elements of the window; it goes through the images, some rows at a time so that these stay in the cache while the channels and the
 * elements go by.
 */
public final class WeightGrad16c {
  private static final int BLOCK = Layout.BLOCK;
  private static final int START = Layout.CACHE_LINE_START;

  /** About so many places at a time: what a tile of filters reads stays in the first caches while the slab's channels go by. */
  private static final int RUN = 448;

  /** The most channels of a slab, and the floats of a slab's sums of one image: an eighth of a second-level cache. */
  private static final int SLAB = 128;

  private static final int ROOM = 1 << 16;

  /** Units enough to keep the threads equally busy. */
  private static final int MANY = 8;

  private final Window window;
  private final int channels;
  private final int area;
  private final Shape x;
  private final Shape dy;
  private final boolean side;
  private final List<FilterTile> tiles;
  private final int slab;
  private final int channelSlabs;
  private final int chunk;
  private final WindowSpan[] rows;
  private final WindowSpan[] columns;
  private final int[][] xPositions;
  private final int[][] dyPositions;

  public WeightGrad16c(Window window, int groups, Shape x, Shape dy) {
    this.window = window;
    this.x = x;
    this.dy = dy;
    channels = x.dim(1) / groups;
    area = window.kernelH() * window.kernelW();
    side = groups == 1 || channels % OuterProductTile.MOST == 0;
    int filters = dy.dim(1) / groups;
    tiles = FilterTile.of(groups, filters, side && filters > 4 * Lanes.COUNT ? OuterProductTile.VECTORS : 2);
    int channelTiles = Math.ceilDiv(channels, OuterProductTile.MOST);
    int perElement = OuterProductTile.MOST * OuterProductTile.VECTORS * Lanes.COUNT;
    int most = Math.clamp(ROOM / (area * perElement), 1, SLAB / OuterProductTile.MOST);
    slab = Math.clamp((long) tiles.size() * channelTiles / MANY, 1, most) * OuterProductTile.MOST;
    channelSlabs = Math.ceilDiv(channels, slab);
    chunk = rowsAtATime(dy);
    rows = new WindowSpan[window.kernelH()];
    for (int k = 0; k < rows.length; k++) {
      rows[k] = WindowSpan.rows(window, k, x, dy);
    }
    columns = new WindowSpan[window.kernelW()];
    xPositions = new int[columns.length][];
    dyPositions = new int[columns.length][];
    for (int k = 0; k < columns.length; k++) {
      columns[k] = WindowSpan.columns(window, k, x, dy);
      positions(k);
    }
  }

  /** So many rows of a gradient stay in the cache while channels and elements, or taps, go by. */
  static int rowsAtATime(Shape dy) {
    return Math.clamp(RUN / dy.dim(3), 1, dy.dim(2));
  }

  /** The places of as many rows as go at a time, from the first row on. */
  private void positions(int element) {
    WindowSpan span = columns[element];
    int width = span.count();
    xPositions[element] = new int[chunk * width];
    dyPositions[element] = new int[chunk * width];
    for (int k = 0; k < chunk * width; k++) {
      int row = k / width;
      int column = span.from() + k % width;
      xPositions[element][k] = (row * window.strideH() * x.dim(3) + span.at(column)) * BLOCK;
      dyPositions[element][k] = (row * dy.dim(3) + column) * BLOCK;
    }
  }

  public Kernel kernel() {
    return (in, out) -> Task.of(tiles.size() * channelSlabs, (m, from, to) -> run(m, in, out, from, to));
  }

  private void run(Memory m, List<Address> in, Address out, int from, int to) {
    Walk walk = new Walk(m, in, out);
    for (int unit = from; unit < to; unit++) {
      walk.unit(tiles.get(unit / channelSlabs), unit % channelSlabs * slab);
    }
  }

  /** What one thread knows while it goes through its units. */
  private final class Walk {
    private final OuterProductTile tile = new OuterProductTile();
    private final WeightUnpacking filterReturn = new WeightUnpacking();
    private final int images = x.dim(0);
    private final int parts = Math.min(BLOCK, images);
    private final float[] dw;
    private final int dwAt;
    private final int xAt;
    private final int dyAt;
    private FilterTile filters = tiles.getFirst();

    Walk(Memory m, List<Address> in, Address out) {
      tile.numbers = m.array(in.get(0).array());
      tile.vectors = m.array(in.get(1).array());
      tile.sums = Scratch.floats((parts + 1) * slab * area * OuterProductTile.VECTORS * Lanes.COUNT);
      dw = m.array(out.array());
      dwAt = out.offset();
      xAt = in.get(0).offset();
      dyAt = in.get(1).offset();
    }

    void unit(FilterTile next, int first) {
      filters = next;
      tile.step = filters.step(dy.sizeFrom(2));
      int size = slab * area * filters.lanes();
      Arrays.fill(tile.sums, START, START + parts * size, 0);
      int end = Math.min(channels, first + slab);
      int xImage = x.sizeFrom(2) * Layout.channelBlocks(x) * BLOCK;
      int dyImage = dy.sizeFrom(2) * Layout.channelBlocks(dy) * BLOCK;
      int gradient = dyAt + FilterTile.at(filters.first(), dy.sizeFrom(2));
      for (int image = 0; image < images; image++) {
        for (int row = 0; row < dy.dim(2); row += chunk) {
          for (int channel = first; channel < end; channel += OuterProductTile.MOST) {
            int sums = START + image % BLOCK * size + (channel - first) * filters.lanes();
            rows(channel, row, xAt + image * xImage, gradient + image * dyImage, sums);
          }
        }
      }
      Lanes.tree(tile.sums, START, size, parts);
      int windows = area > 1 ? windows(START + parts * size) : START;
      int to = dwAt + (filters.first() * channels + first) * area;
      filterReturn.put(filters, tile.sums, windows, (end - first) * area, dw, to, channels * area);
    }

    /** Brings the sums, which lie by element and there by channel, into the order of the weights. */
    private int windows(int to) {
      int lanes = filters.lanes();
      for (int row = 0; row < slab * area; row++) {
        System.arraycopy(tile.sums, START + (row % area * slab + row / area) * lanes, tile.sums, to + row * lanes, lanes);
      }
      return to;
    }

    /** Some channels at some rows. */
    private void rows(int first, int row, int source, int gradient, int sums) {
      int count = Math.min(OuterProductTile.MOST, channels - first);
      int width = OuterProductTile.width(count);
      for (int i = 0; i < width; i++) {
        int channel = filters.group() * channels + first + Math.min(i, count - 1);
        tile.rows[i] = FilterTile.at(channel, x.sizeFrom(2));
      }
      for (int element = 0; element < area; element++) {
        tile.sumsAt = sums + element * slab * filters.lanes();
        element(element, row, width, source, gradient);
      }
    }

    private void element(int element, int row, int width, int source, int gradient) {
      WindowSpan span = rows[element / columns.length];
      int from = Math.max(row, span.from());
      int count = (Math.min(row + chunk, span.to()) - from) * columns[element % columns.length].count();
      if (count > 0) {
        tile.numberPositions = xPositions[element % columns.length];
        tile.vectorPositions = dyPositions[element % columns.length];
        int numbersAt = source + span.at(from) * x.dim(3) * BLOCK;
        int vectorsAt = gradient + from * dy.dim(3) * BLOCK;
        if (side) {
          tile.contiguous(filters.vectors(), numbersAt, vectorsAt, count);
        } else {
          tile.strided(width, filters.vectors(), numbersAt, vectorsAt, count);
        }
      }
    }
  }
}
