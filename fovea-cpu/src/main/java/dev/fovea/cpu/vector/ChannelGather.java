package dev.fovea.cpu.vector;

import dev.fovea.cpu.Binder;
import dev.fovea.cpu.Carrier;
import dev.fovea.cpu.Gather;
import dev.fovea.cpu.Layout;
import dev.fovea.cpu.Memory;
import dev.fovea.cpu.Place;
import dev.fovea.cpu.Tail;
import dev.fovea.cpu.Task;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Convolution and its transpose with channels in the lanes: {@link Gather} with {@link ChannelTile}. The output's places that read
 * alike form a class, whatever row or image they are in, and are computed a few at a time. A unit is such a few places of a tile of
 * filters; the input lies by channels, or plain where it has few of them.
 */
final class ChannelGather {
  private static final int BLOCK = Layout.BLOCK;

  /** The most floats that a place has in a tile. */
  private static final int SPAN = ChannelTile.VECTORS * Lanes.COUNT;

  private final Gather gather;
  private final int images;
  private final boolean bias;
  private final boolean plain;
  private final List<Alike> classes = new ArrayList<>();
  private final List<ChannelFilters> tiles;
  private final int units;

  /**
   * Places that read alike: these rows and columns of all images. Distances are by the lane of a group's first channel.
   *
   * @param fours how many of the first taps come in fours, by the same
   * @param firstUnit the units of the classes before
   */
  private record Alike(int[] rows, int[] columns, int[][] distances, int[] numbers, int[] fours, int firstUnit) {
    int places() {
      return rows.length * columns.length;
    }
  }

  ChannelGather(Gather gather, int images, boolean bias, Layout from) {
    this.gather = gather;
    this.images = images;
    this.bias = bias;
    this.plain = from == Layout.PLAIN;
    this.tiles = ChannelFilters.of(gather.groups(), gather.filters(), ChannelTile.VECTORS);
    Gather.Taps[][][] tables = new Gather.Taps[BLOCK][][];
    for (int group = 0; group < gather.groups(); group++) {
      int lane = firstLane(group);
      tables[lane] = tables[lane] == null ? tables(lane) : tables[lane];
    }
    int count = 0;
    for (int r = 0; r < gather.rows().classes(); r++) {
      for (int c = 0; c < gather.columns().classes(); c++) {
        int[][] distances = new int[BLOCK][];
        int[] numbers = {};
        int[] fours = new int[BLOCK];
        for (int lane = 0; lane < BLOCK; lane++) {
          if (tables[lane] != null) {
            distances[lane] = tables[lane][r][c].distances();
            numbers = tables[lane][r][c].numbers();
            fours[lane] = tables[lane][r][c].inFours();
          }
        }
        Alike alike = new Alike(gather.rows().members(r), gather.columns().members(c), distances, numbers, fours, count);
        classes.add(alike);
        count += Math.ceilDiv(images * alike.places(), ChannelTile.MOST);
      }
    }
    units = count;
  }

  private Gather.Taps[][] tables(int lane) {
    int map = gather.inH() * gather.inW();
    return plain ? gather.tables(1) : gather.tables(BLOCK, channel -> ChannelFilters.at(lane + channel, map));
  }

  /** The lane in which a group's channels begin. */
  private int firstLane(int group) {
    return plain ? 0 : group * gather.channels() % BLOCK;
  }

  /** Inputs: the images, the weights as {@link #pack} leaves them, and the bias if there is one. */
  Binder binder() {
    // where a vector holds lanes of two groups it is written twice, by halves: nothing can follow the first
    boolean shared = tiles.stream().anyMatch(tile -> tile.shared(gather.groups() * gather.filters()));
    Carrier carrier = (in, out, tail) -> Task.of(tiles.size() * units, (m, from, to) -> run(m, in, out, tail, from, to));
    return shared ? (in, out) -> carrier.bind(in, out, Tail.NONE) : carrier;
  }

  private void run(Memory m, List<Place> in, Place out, Tail tail, int from, int to) {
    Walk walk = new Walk(m, in, out, tail);
    for (int unit = from; unit < to;) {
      int first = unit / units * units;
      int end = Math.min(to, first + units);
      walk.filters(tiles.get(unit / units));
      for (int k = 0; k < classes.size(); k++) {
        int next = k + 1 < classes.size() ? classes.get(k + 1).firstUnit : units;
        for (; unit < Math.min(end, first + next); unit++) {
          walk.unit(classes.get(k), unit - first - classes.get(k).firstUnit);
        }
      }
    }
  }

  /** What one thread knows while it goes through its units. */
  private final class Walk {
    private final Memory m;
    private final Tail tail;
    private final ChannelTile tile = new ChannelTile();
    private final float[] y;
    private final float[] biases;
    private final float[] edge = new float[ChannelTile.MOST * SPAN];
    private final int[] to = new int[ChannelTile.MOST];
    private final int inUnit = plain ? 1 : BLOCK;
    private final int inMap = gather.inH() * gather.inW();
    private final int outMap = gather.outH() * gather.outW();
    private final int inImage;
    private final int outImage;
    private final int inAt;
    private final int weightsAt;
    private final int biasAt;
    private final int outAt;
    private ChannelFilters filters = tiles.getFirst();
    private boolean shared;

    Walk(Memory m, List<Place> in, Place out, Tail tail) {
      this.m = m;
      this.tail = tail;
      tile.in = m.array(in.get(0).array());
      tile.weights = m.array(in.get(1).array());
      y = m.array(out.array());
      biases = bias ? m.array(in.get(2).array()) : edge;
      int channels = gather.groups() * gather.channels();
      inImage = inMap * (plain ? channels : Math.ceilDiv(channels, BLOCK) * BLOCK);
      outImage = outMap * Math.ceilDiv(gather.groups() * gather.filters(), BLOCK) * BLOCK;
      inAt = in.get(0).offset();
      weightsAt = in.get(1).offset();
      biasAt = bias ? in.get(2).offset() : 0;
      outAt = out.offset();
    }

    void filters(ChannelFilters next) {
      filters = next;
      shared = next.shared(gather.groups() * gather.filters());
      Arrays.fill(tile.start, 0);
      if (bias) {
        System.arraycopy(biases, biasAt + next.from(), tile.start, next.from() - next.first(), next.to() - next.from());
      }
      tile.out = shared ? edge : y;
      tile.outStep = shared ? Lanes.COUNT : next.step(outMap);
    }

    void unit(Alike alike, int number) {
      int group = filters.group();
      tile.distances = alike.distances[firstLane(group)];
      tile.numbers = alike.numbers;
      tile.fours = alike.fours[firstLane(group)];
      int channel = group * gather.channels();
      int source = inAt + (plain ? channel * inMap : channel / BLOCK * inMap * BLOCK);
      int target = outAt + ChannelFilters.at(filters.first(), outMap);
      int first = number * ChannelTile.MOST;
      int count = Math.min(ChannelTile.MOST, images * alike.places() - first);
      int column = first % alike.columns.length;
      int row = first / alike.columns.length % alike.rows.length;
      int image = first / alike.places();
      for (int i = 0; i < count; i++) {
        int h = alike.rows[row];
        int v = alike.columns[column];
        tile.places[i] = source + image * inImage + (gather.rows().base(h) * gather.inW() + gather.columns().base(v)) * inUnit;
        to[i] = target + image * outImage + (h * gather.outW() + v) * BLOCK;
        tile.targets[i] = shared ? i * SPAN : to[i];
        if (++column == alike.columns.length) {
          column = 0;
          if (++row == alike.rows.length) {
            row = 0;
            image++;
          }
        }
      }
      tile.run(count, filters.vectors(), weightsAt + filters.row() * gather.taps());
      if (shared) {
        copyOwn(count);
      } else {
        tile.finish(m, tail, count, filters.vectors());
      }
    }

    private void copyOwn(int count) {
      int start = ChannelFilters.at(filters.first(), outMap);
      for (int i = 0; i < count; i++) {
        for (int channel = filters.from(); channel < filters.to(); channel++) {
          y[to[i] + ChannelFilters.at(channel, outMap) - start] = edge[i * SPAN + channel - filters.first()];
        }
      }
    }
  }

  /** The floats of the packed weights. */
  static long packedSize(Gather gather) {
    ChannelFilters last = ChannelFilters.of(gather.groups(), gather.filters(), ChannelTile.VECTORS).getLast();
    return (long) (last.row() + last.lanes()) * gather.taps();
  }

  /** Brings the weights into the order in which {@link ChannelTile} reads them: tile by tile, tap by tap, lane by lane. */
  static Binder pack(Gather gather) {
    List<ChannelFilters> tiles = ChannelFilters.of(gather.groups(), gather.filters(), ChannelTile.VECTORS);
    return (in, out) -> Task.of(
        tiles.size(),
        (m, from, to) -> {
          for (ChannelFilters tile : tiles.subList(from, to)) {
            pack(gather, tile, m.array(in.getFirst().array()), in.getFirst().offset(), m.array(out.array()), out.offset());
          }
        });
  }

  private static void pack(Gather gather, ChannelFilters tile, float[] w, int source, float[] packed, int target) {
    Gather.Weights at = gather.weights();
    FilterTurn filters = new FilterTurn(w, at.filter(), tile, packed);
    int from = source + tile.group() * at.group() + (tile.first() - tile.group() * gather.filters()) * at.filter();
    boolean together = at.channel() == gather.area();
    for (int first = 0; first < gather.channels(); first += BLOCK) {
      int count = Math.min(BLOCK, gather.channels() - first);
      int to = target + (tile.row() * gather.taps()) + first * gather.area() * tile.lanes();
      int[] offsets = new int[together ? count * gather.area() : gather.area()];
      Arrays.setAll(offsets, k -> (k % gather.area() * count + k / gather.area()) * tile.lanes());
      for (int c = 0; c < (together ? 1 : count); c++) {
        filters.turn(from + (first + c) * at.channel(), to + c * tile.lanes(), offsets);
      }
    }
  }
}
