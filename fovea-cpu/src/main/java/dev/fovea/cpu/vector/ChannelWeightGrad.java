package dev.fovea.cpu.vector;

import static dev.fovea.cpu.vector.Lanes.load;

import dev.fovea.cpu.Binder;
import dev.fovea.cpu.Layout;
import dev.fovea.cpu.Memory;
import dev.fovea.cpu.Place;
import dev.fovea.cpu.Task;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * What a convolution's weight receives, with filters in the lanes. A unit is a tile of filters with a few input channels and all
 * elements of the window; it goes through the images, some rows at a time so that these stay in the cache for the next element.
 */
final class ChannelWeightGrad {
  private static final int BLOCK = Layout.BLOCK;

  /** About so many places at a time: their inputs and gradients fill half of a usual second-level cache's share. */
  private static final int RUN = 448;

  private final int channels;
  private final int area;
  private final Shape x;
  private final Shape dy;
  private final boolean plain;
  private final List<ChannelFilters> tiles;
  private final int channelTiles;
  private final int chunk;
  private final Span[] rows;
  private final Span[] columns;
  private final int[][] xPlaces;
  private final int[][] dyPlaces;

  /** The places along an axis of the output at which an element of the window reads inside the picture; {@code in}: where at 0. */
  private record Span(int from, int to, int in) {
    static Span of(int in, int stride, int size, int places) {
      int from = 0;
      int to = places;
      while (from < to && in + from * stride < 0) {
        from++;
      }
      while (to > from && in + (to - 1) * stride >= size) {
        to--;
      }
      return new Span(from, to, in);
    }
  }

  private final int rowStep;

  ChannelWeightGrad(Window window, int groups, Shape x, Shape dy, Layout from) {
    this.x = x;
    this.dy = dy;
    this.plain = from == Layout.PLAIN;
    channels = x.dim(1) / groups;
    area = window.kernelH() * window.kernelW();
    tiles = ChannelFilters.of(groups, dy.dim(1) / groups);
    channelTiles = Math.ceilDiv(channels, ChannelGradTile.MOST);
    chunk = Math.clamp(RUN / dy.dim(3), 1, dy.dim(2));
    rowStep = window.strideH();
    rows = new Span[window.kernelH()];
    for (int k = 0; k < rows.length; k++) {
      rows[k] = Span.of(window.rowOf(0) + k * window.dilationH(), window.strideH(), x.dim(2), dy.dim(2));
    }
    columns = new Span[window.kernelW()];
    xPlaces = new int[columns.length][];
    dyPlaces = new int[columns.length][];
    for (int k = 0; k < columns.length; k++) {
      columns[k] = Span.of(window.columnOf(0) + k * window.dilationW(), window.strideW(), x.dim(3), dy.dim(3));
      places(k, window);
    }
  }

  /** The places of as many rows as go at a time, from the first row on. */
  private void places(int element, Window window) {
    Span span = columns[element];
    int width = span.to - span.from;
    int unit = plain ? 1 : BLOCK;
    xPlaces[element] = new int[chunk * width];
    dyPlaces[element] = new int[chunk * width];
    for (int k = 0; k < chunk * width; k++) {
      int row = k / width;
      int column = span.from + k % width;
      xPlaces[element][k] = (row * window.strideH() * x.dim(3) + span.in + column * window.strideW()) * unit;
      dyPlaces[element][k] = (row * dy.dim(3) + column) * BLOCK;
    }
  }

  Binder binder() {
    return (in, out) -> Task.of(tiles.size() * channelTiles, (m, from, to) -> run(m, in, out, from, to));
  }

  private void run(Memory m, List<Place> in, Place out, int from, int to) {
    ChannelGradTile tile = new ChannelGradTile();
    tile.x = m.array(in.get(0).array());
    tile.dy = m.array(in.get(1).array());
    tile.sums = new float[BLOCK * area * ChannelGradTile.MOST * 2 * Lanes.COUNT];
    for (int unit = from; unit < to; unit++) {
      ChannelFilters filters = tiles.get(unit / channelTiles);
      int first = unit % channelTiles * ChannelGradTile.MOST;
      int count = Math.min(ChannelGradTile.MOST, channels - first);
      Arrays.fill(tile.sums, 0, Math.min(BLOCK, x.dim(0)) * area * ChannelGradTile.width(count) * filters.lanes(), 0);
      sum(tile, filters, first, count, in);
      put(tile, filters, first, count, m.array(out.array()), out.offset());
    }
  }

  private void sum(ChannelGradTile tile, ChannelFilters filters, int first, int count, List<Place> in) {
    int xMap = x.sizeFrom(2);
    int dyMap = dy.sizeFrom(2);
    int width = ChannelGradTile.width(count);
    for (int i = 0; i < width; i++) {
      int channel = filters.group() * channels + first + Math.min(i, count - 1);
      tile.channels[i] = plain ? channel * xMap : ChannelFilters.at(channel, xMap);
    }
    tile.dyStep = filters.step(dyMap);
    int xImage = xMap * (plain ? x.dim(1) : Layout.channelBlocks(x) * BLOCK);
    int dyImage = dyMap * Layout.channelBlocks(dy) * BLOCK;
    int dyAt = in.get(1).offset() + ChannelFilters.at(filters.first(), dyMap);
    int sums = width * filters.lanes();
    for (int image = 0; image < x.dim(0); image++) {
      for (int row = 0; row < dy.dim(2); row += chunk) {
        for (int element = 0; element < area; element++) {
          tile.sumsAt = (image % BLOCK * area + element) * sums;
          rows(tile, filters.vectors(), element, row, in.get(0).offset() + image * xImage, dyAt + image * dyImage);
        }
      }
    }
  }

  /** One element of the window at the rows of a chunk. */
  private void rows(ChannelGradTile tile, int vectors, int element, int row, int xAt, int dyAt) {
    Span span = rows[element / columns.length];
    int column = element % columns.length;
    int from = Math.max(row, span.from);
    int count = Math.min(row + chunk, span.to) - from;
    if (count <= 0) {
      return;
    }
    tile.xPlaces = xPlaces[column];
    tile.dyPlaces = dyPlaces[column];
    tile.run(
        ChannelGradTile.width(0),
        vectors,
        xAt + (span.in + from * rowStep) * x.dim(3) * (plain ? 1 : BLOCK),
        dyAt + from * dy.dim(3) * BLOCK,
        count * (columns[column].to - columns[column].from));
  }

  private void put(ChannelGradTile tile, ChannelFilters filters, int first, int count, float[] dw, int offset) {
    int lanes = filters.lanes();
    int image = area * ChannelGradTile.width(count) * lanes;
    float[] result = new float[lanes];
    for (int element = 0; element < area; element++) {
      for (int i = 0; i < count; i++) {
        int at = (element * ChannelGradTile.width(count) + i) * lanes;
        for (int lane = 0; lane < lanes; lane += Lanes.COUNT) {
          tree(tile.sums, at + lane, image).intoArray(result, lane);
        }
        for (int filter = filters.from(); filter < filters.to(); filter++) {
          dw[offset + (filter * channels + first + i) * area + element] = result[filter - filters.first()];
        }
      }
    }
  }

  /** {@link dev.fovea.cpu.Sums#tree} on vectors. */
  private static FloatVector tree(float[] sums, int at, int step) {
    return load(sums, at);
  }
}
