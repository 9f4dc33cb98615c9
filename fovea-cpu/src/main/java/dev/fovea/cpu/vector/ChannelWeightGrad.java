package dev.fovea.cpu.vector;

import dev.fovea.cpu.Binder;
import dev.fovea.cpu.Layout;
import dev.fovea.cpu.Memory;
import dev.fovea.cpu.Place;
import dev.fovea.cpu.Task;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * What a convolution's weight receives, with filters in the lanes. A unit is a tile of filters with a few input channels and all
 * elements of the window; it goes through the images, some rows at a time so that these stay in the cache for the next element.
 */
final class ChannelWeightGrad {
  private static final int BLOCK = Layout.BLOCK;
  private static final int START = Layout.LINE_START;

  /** About so many places at a time: with 48 channels of inputs and gradients they fill a tenth of a second-level cache. */
  private static final int RUN = 448;

  private final Window window;
  private final int channels;
  private final int area;
  private final Shape x;
  private final Shape dy;
  private final boolean plain;
  private final List<ChannelFilters> tiles;
  private final int channelTiles;
  private final int chunk;
  private final WindowSpan[] rows;
  private final WindowSpan[] columns;
  private final int[][] xPlaces;
  private final int[][] dyPlaces;

  ChannelWeightGrad(Window window, int groups, Shape x, Shape dy, Layout from) {
    this.window = window;
    this.x = x;
    this.dy = dy;
    this.plain = from == Layout.PLAIN;
    channels = x.dim(1) / groups;
    area = window.kernelH() * window.kernelW();
    tiles = ChannelFilters.of(groups, dy.dim(1) / groups, 2);
    channelTiles = Math.ceilDiv(channels, OuterTile.MOST);
    chunk = Math.clamp(RUN / dy.dim(3), 1, dy.dim(2));
    rows = new WindowSpan[window.kernelH()];
    for (int k = 0; k < rows.length; k++) {
      rows[k] = WindowSpan.rows(window, k, x, dy);
    }
    columns = new WindowSpan[window.kernelW()];
    xPlaces = new int[columns.length][];
    dyPlaces = new int[columns.length][];
    for (int k = 0; k < columns.length; k++) {
      columns[k] = WindowSpan.columns(window, k, x, dy);
      places(k);
    }
  }

  /** The places of as many rows as go at a time, from the first row on. */
  private void places(int element) {
    WindowSpan span = columns[element];
    int width = span.count();
    int unit = plain ? 1 : BLOCK;
    xPlaces[element] = new int[chunk * width];
    dyPlaces[element] = new int[chunk * width];
    for (int k = 0; k < chunk * width; k++) {
      int row = k / width;
      int column = span.from() + k % width;
      xPlaces[element][k] = (row * window.strideH() * x.dim(3) + span.at(column)) * unit;
      dyPlaces[element][k] = (row * dy.dim(3) + column) * BLOCK;
    }
  }

  Binder binder() {
    return (in, out) -> Task.of(tiles.size() * channelTiles, (m, from, to) -> run(m, in, out, from, to));
  }

  private void run(Memory m, List<Place> in, Place out, int from, int to) {
    Walk walk = new Walk(m, in, out);
    for (int unit = from; unit < to; unit++) {
      walk.unit(tiles.get(unit / channelTiles), unit % channelTiles * OuterTile.MOST);
    }
  }

  /** What one thread knows while it goes through its units. */
  private final class Walk {
    /** The floats of one element's sums. */
    private static final int SUMS = OuterTile.MOST * 2 * Lanes.COUNT;

    private final OuterTile tile = new OuterTile();
    private final float[] dw;
    private final int dwAt;
    private final int xAt;
    private final int dyAt;
    private final int images = x.dim(0);
    private ChannelFilters filters = tiles.getFirst();
    private int width;

    Walk(Memory m, List<Place> in, Place out) {
      tile.numbers = m.array(in.get(0).array());
      tile.vectors = m.array(in.get(1).array());
      tile.sums = new float[START + BLOCK * area * SUMS];
      dw = m.array(out.array());
      dwAt = out.offset();
      xAt = in.get(0).offset();
      dyAt = in.get(1).offset();
    }

    void unit(ChannelFilters next, int first) {
      filters = next;
      int count = Math.min(OuterTile.MOST, channels - first);
      width = OuterTile.width(count);
      for (int i = 0; i < width; i++) {
        int channel = filters.group() * channels + first + Math.min(i, count - 1);
        tile.rows[i] = plain ? channel * x.sizeFrom(2) : ChannelFilters.at(channel, x.sizeFrom(2));
      }
      tile.step = filters.step(dy.sizeFrom(2));
      Arrays.fill(tile.sums, START, START + Math.min(BLOCK, images) * area * SUMS, 0);
      int xImage = x.sizeFrom(2) * (plain ? x.dim(1) : Layout.channelBlocks(x) * BLOCK);
      int dyImage = dy.sizeFrom(2) * Layout.channelBlocks(dy) * BLOCK;
      int gradient = dyAt + ChannelFilters.at(filters.first(), dy.sizeFrom(2));
      for (int image = 0; image < images; image++) {
        for (int row = 0; row < dy.dim(2); row += chunk) {
          for (int element = 0; element < area; element++) {
            tile.sumsAt = START + (image % BLOCK * area + element) * SUMS;
            rows(element, row, xAt + image * xImage, gradient + image * dyImage);
          }
        }
      }
      put(first, count);
    }

    /** One element of the window at some rows. */
    private void rows(int element, int row, int source, int gradient) {
      WindowSpan span = rows[element / columns.length];
      int from = Math.max(row, span.from());
      int count = Math.min(row + chunk, span.to()) - from;
      if (count > 0) {
        tile.numberPlaces = xPlaces[element % columns.length];
        tile.vectorPlaces = dyPlaces[element % columns.length];
        tile.run(
            width,
            filters.vectors() == 2,
            source + span.at(from) * x.dim(3) * (plain ? 1 : BLOCK),
            gradient + from * dy.dim(3) * BLOCK,
            count * columns[element % columns.length].count());
      }
    }

    private void put(int first, int count) {
      float[] sums = tile.sums;
      Lanes.tree(sums, START, area * SUMS, Math.min(BLOCK, images));
      for (int filter = filters.from(); filter < filters.to(); filter++) {
        int to = dwAt + (filter * channels + first) * area;
        for (int at = filter - filters.first(); at < count * filters.lanes(); at += filters.lanes()) {
          for (int element = 0; element < area; element++) {
            dw[to++] = sums[START + element * SUMS + at];
          }
        }
      }
    }
  }
}
