package dev.fovea.cpu.vector.nchw16c;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.vector.microkernel.Lanes;
import dev.fovea.cpu.vector.microkernel.OuterProductTile;
import dev.fovea.cpu.vector.microkernel.Scratch;
import dev.fovea.cpu.vector.packing.CoveredWindows;
import dev.fovea.cpu.vector.packing.FilterTile;
import dev.fovea.cpu.vector.packing.WeightUnpacking;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * What a convolution's weight receives from plain images, with filters in the lanes. Their channels are too few to fill a tile's rows,
 * so these are taps, each a channel with an element of the window. All windows lie inside the images, so that all places read alike. A
 * unit is a tile of filters with some taps; it goes through the images, some rows at a time so that these stay in the cache while the
 * taps go by.
 */
public final class WeightGradNchw {
  private static final int BLOCK = Layout.BLOCK;
  private static final int START = Layout.CACHE_LINE_START;

  /** Units enough to keep the threads equally busy. */
  private static final int MANY = 8;

  /** The most vectors of filters that rows apart take. */
  private static final int VECTORS = 2;

  private final Shape x;
  private final Shape dy;
  private final int channels;
  private final List<FilterTile> tiles;
  private final int slab;
  private final int slabs;
  private final int chunk;
  private final int strideH;

  /** Where each tap reads behind a place, and the places of a chunk. */
  private final int[] taps;

  private final int[] xPositions;
  private final int[] dyPositions;

  public WeightGradNchw(Window window, int groups, Shape x, Shape dy) {
    this.x = x;
    this.dy = dy;
    channels = x.dim(1) / groups;
    tiles = FilterTile.of(groups, dy.dim(1) / groups, VECTORS);
    strideH = window.strideH();
    CoveredWindows windows = new CoveredWindows(window, x, dy);
    taps = windows.taps(channels, 1);
    slab = Math.ceilDiv(Math.ceilDiv(taps.length * tiles.size(), MANY), OuterProductTile.MOST) * OuterProductTile.MOST;
    slabs = Math.ceilDiv(taps.length, slab);
    chunk = WeightGrad16c.rowsAtATime(dy);
    xPositions = windows.positions(chunk, 1);
    dyPositions = new int[xPositions.length];
    Arrays.setAll(dyPositions, position -> position * BLOCK);
  }

  /** Inputs: the images, and the outputs' gradients by channels. */
  public Kernel kernel() {
    return (in, out) -> Task.of(
        tiles.size() * slabs,
        (m, from, to) -> {
          Walk walk = new Walk(m, in, out);
          for (int unit = from; unit < to; unit++) {
            walk.unit(tiles.get(unit / slabs), unit % slabs * slab);
          }
        });
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

    Walk(Memory m, List<Address> in, Address out) {
      tile.numbers = m.array(in.get(0).array());
      tile.vectors = m.array(in.get(1).array());
      tile.sums = Scratch.floats(parts * slab * VECTORS * Lanes.COUNT);
      tile.numberPositions = xPositions;
      tile.vectorPositions = dyPositions;
      dw = m.array(out.array());
      dwAt = out.offset();
      xAt = in.get(0).offset();
      dyAt = in.get(1).offset();
    }

    void unit(FilterTile filters, int first) {
      int size = slab * filters.lanes();
      int end = Math.min(taps.length, first + slab);
      int map = dy.sizeFrom(2);
      int gradientSize = map * Layout.channelBlocks(dy) * BLOCK;
      Arrays.fill(tile.sums, START, START + parts * size, 0);
      tile.step = filters.step(map);
      for (int n = 0; n < images; n++) {
        int image = xAt + (n * x.dim(1) + filters.group() * channels) * x.sizeFrom(2);
        int gradient = dyAt + n * gradientSize + FilterTile.at(filters.first(), map);
        for (int row = 0; row < dy.dim(2); row += chunk) {
          int count = Math.min(chunk, dy.dim(2) - row) * dy.dim(3);
          for (int tap = first; tap < end; tap += OuterProductTile.MOST) {
            tile.sumsAt = START + n % BLOCK * size + (tap - first) * filters.lanes();
            int width = rows(tap, end);
            int from = image + row * strideH * x.dim(3);
            tile.strided(width, filters.vectors(), from, gradient + row * dy.dim(3) * BLOCK, count);
          }
        }
      }
      Lanes.tree(tile.sums, START, size, parts);
      int to = dwAt + filters.first() * taps.length + first;
      filterReturn.put(filters, tile.sums, START, end - first, dw, to, taps.length);
    }

    /** The next taps; behind the last it comes again. */
    private int rows(int tap, int end) {
      int width = OuterProductTile.width(end - tap);
      for (int i = 0; i < width; i++) {
        tile.rows[i] = taps[Math.min(tap + i, end - 1)];
      }
      return width;
    }
  }
}
