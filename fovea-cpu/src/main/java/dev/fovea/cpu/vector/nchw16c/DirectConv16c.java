package dev.fovea.cpu.vector.nchw16c;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.DirectConv;
import dev.fovea.cpu.kernel.Epilogue;
import dev.fovea.cpu.kernel.EpilogueKernel;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.vector.microkernel.Lanes;
import dev.fovea.cpu.vector.microkernel.Scratch;
import dev.fovea.cpu.vector.microkernel.Tile16c;
import dev.fovea.cpu.vector.packing.FilterTile;
import dev.fovea.cpu.vector.packing.WeightPacking;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Convolution and its transpose with channels in the lanes: {@link DirectConv} with {@link Tile16c}. The output's places that read
 * alike form a class, whatever row or image they are in. A unit is a panel of such places of a tile of filters. The input lies by
 * channels, or plain where it has few of them.
 */
public final class DirectConv16c {
  private static final int BLOCK = Layout.BLOCK;

  /** The most floats that a place has in a tile. */
  private static final int SPAN = Tile16c.VECTORS * Lanes.COUNT;

  /** The most places of a unit, and the most numbers that they read: a quarter of a second-level cache. */
  private static final int PANEL = 6 * Tile16c.MOST;

  private static final int ROOM = 1 << 17;

  /** Places of a map that are read where they lie if they lie side by side; what fewer read is copied, so that a panel goes on in the next image. */
  private static final int DIRECT = 512;

  /** Units enough to keep the threads equally busy; a unit has at least {@link #LEAST} places. */
  private static final int MANY = 16;

  private static final int LEAST = Tile16c.whole(1);

  private final DirectConv conv;
  private final int images;
  private final boolean bias;
  private final boolean plain;
  private final List<PositionClass> classes = new ArrayList<>();
  private final List<FilterTile> tiles;
  private final int panels;

  /** The places of the largest panel, and its floats. */
  private final int most;

  private final int room;

  /** Whether a tile's weights stay in the cache while places go by, or a panel's numbers while tiles do: what reads less memory. */
  private final boolean tilesOutside;

  public DirectConv16c(DirectConv conv, int images, boolean bias, Layout from) {
    this.conv = conv;
    this.images = images;
    this.bias = bias;
    this.plain = from == Layout.NCHW;
    this.tiles = FilterTile.of(conv.groups(), conv.filters(), Tile16c.VECTORS);
    if (windows(conv, images, plain)) {
      classes.add(windows());
    } else {
      classes();
    }
    panels = classes.stream().mapToInt(c -> c.panels(images)).sum();
    most = classes.stream().mapToInt(c -> c.way() == PositionClass.Way.DIRECT ? 2 * c.panel() : c.panel()).max().orElseThrow()
        + Tile16c.MOST;
    room = classes.stream()
        .flatMap(c -> c.reads().stream())
        .mapToInt(r -> r.copy().size())
        .max()
        .orElse(0);
    long read = (long) images * conv.inSize();
    long weights = packedSize(conv);
    tilesOutside =
        (room > 0 ? 2 * read * tiles.size() : read > ROOM ? read * tiles.size() : read) + weights < read + weights * panels;
  }

  /** What it costs in the best way it has. */
  static double cost(DirectConv conv, int images, boolean plain) {
    ConvCosts costs = new ConvCosts(conv, images);
    return windows(conv, images, plain) ? costs.windows(panel(conv, plain, conv.outH())) : costs.alike();
  }

  /** Whether all places read alike in copies of what windows of more than one element reach, and that is less than class by class. */
  private static boolean windows(DirectConv conv, int images, boolean plain) {
    if (conv.area() == 1 || conv.outH() * conv.outW() < LEAST || !WindowPanel.fits(conv, plain)) {
      return false;
    }
    ConvCosts costs = new ConvCosts(conv, images);
    return fits(panel(conv, plain, leastRows(conv)))
        && costs.windows(panel(conv, plain, conv.outH())) < costs.alike();
  }

  private static boolean fits(WindowPanel panel) {
    return panel.blocks() * BLOCK <= ROOM;
  }

  private static WindowPanel panel(DirectConv conv, boolean plain, int rows) {
    return new WindowPanel(conv, plain, 0, rows);
  }

  /** With so many rows a panel that shares an image equally with others has places enough, and few rows are copied for two panels. */
  private static int leastRows(DirectConv conv) {
    int window = Math.ceilDiv(conv.rows().kernelSize(), conv.rows().stride());
    return Math.min(conv.outH(), Math.max(window, 2 * Math.ceilDiv(LEAST, conv.outW())));
  }

  /** All places in one class; where the weights fill a cache they go by for fewer panels. */
  private PositionClass windows() {
    int least = leastRows(conv);
    int fitting = least;
    while (fitting < conv.outH() && fits(panel(conv, plain, fitting + 1))) {
      fitting++;
    }
    int many = packedSize(conv) > ROOM ? MANY / 2 : MANY;
    int rows = Math.clamp(Math.ceilDiv(images * conv.outH() * tiles.size(), many), least, fitting);
    PositionClass.Reads[] reads = new PositionClass.Reads[BLOCK];
    Arrays.fill(reads, PositionClass.Reads.of(PositionClass.NOTHING, PositionClass.Way.WINDOWS, rows));
    for (int group = 0; group < conv.groups(); group++) {
      int lane = firstLane(group);
      if (reads[lane].copy().size() == 0) {
        reads[lane] = PositionClass.Reads.of(new WindowPanel(conv, plain, lane, rows));
      }
    }
    int[] all = IntStream.range(0, conv.outH()).toArray();
    int[] columns = IntStream.range(0, conv.outW()).toArray();
    return new PositionClass(all, columns, PositionClass.Way.WINDOWS, List.of(reads), rows * columns.length, 0);
  }

  private void classes() {
    DirectConv.Taps[][][] tables = new DirectConv.Taps[BLOCK][][];
    for (int group = 0; group < conv.groups(); group++) {
      int lane = firstLane(group);
      tables[lane] = tables[lane] == null ? tables(lane) : tables[lane];
    }
    int count = 0;
    for (int r = 0; r < conv.rows().classCount(); r++) {
      for (int c = 0; c < conv.columns().classCount(); c++) {
        int[] rows = conv.rows().positions(r);
        int[] columns = conv.columns().positions(c);
        PositionClass.Way way = way(rows.length * columns.length);
        int panel = panel((way == PositionClass.Way.DIRECT ? 1 : images) * rows.length * columns.length);
        List<PositionClass.Reads> reads = new ArrayList<>();
        for (DirectConv.Taps[][] table : tables) {
          reads.add(PositionClass.Reads.of(table == null ? PositionClass.NOTHING : table[r][c], way, panel));
        }
        PositionClass alike = new PositionClass(rows, columns, way, reads, panel, count);
        classes.add(alike);
        count += alike.panels(images);
      }
    }
  }

  /** Windows of more than one element would be copied tap by tap, which costs what it brings. */
  private PositionClass.Way way(int positions) {
    if (conv.area() > 1) {
      return PositionClass.Way.APART;
    }
    boolean whole = !plain && conv.inH() * conv.inW() == positions;
    return whole && positions >= DIRECT ? PositionClass.Way.DIRECT : PositionClass.Way.TAPS;
  }

  private int panel(int positions) {
    int most = Math.clamp(ROOM / (conv.groups() * conv.channels()), LEAST, PANEL);
    return Tile16c.whole(Math.clamp(Math.ceilDiv(positions * tiles.size(), MANY), LEAST, most) - LEAST + 1);
  }

  private DirectConv.Taps[][] tables(int lane) {
    int map = conv.inH() * conv.inW();
    return plain ? conv.tables(1) : conv.tables(BLOCK, channel -> FilterTile.at(lane + channel, map));
  }

  /** The lane in which a group's channels begin. */
  private int firstLane(int group) {
    return plain ? 0 : group * conv.channels() % BLOCK;
  }

  /** Inputs: the images, the weights as {@link #pack} leaves them, and the bias if there is one. */
  public Kernel kernel() {
    // where a vector holds lanes of two groups it is written twice, by halves: nothing can follow the first
    boolean shared = tiles.stream().anyMatch(tile -> tile.shared(conv.groups() * conv.filters()));
    EpilogueKernel carrier =
        (in, out, epilogue) -> Task.of(panels * tiles.size(), (m, from, to) -> run(m, in, out, epilogue, from, to));
    return shared ? (in, out) -> carrier.bind(in, out, Epilogue.NONE) : carrier;
  }

  private void run(Memory m, List<Address> in, Address out, Epilogue epilogue, int from, int to) {
    Walk walk = new Walk(m, in, out, epilogue);
    for (int unit = from; unit < to; unit++) {
      int panel = tilesOutside ? unit % panels : unit / tiles.size();
      walk.unit(panel, tiles.get(tilesOutside ? unit / panels : unit % tiles.size()));
    }
  }

  /** What one thread knows while it goes through its units. */
  private final class Walk {
    private final Memory m;
    private final Epilogue epilogue;
    private final Tile16c tile = new Tile16c();
    private final float[] x;
    private final float[] y;
    private final float[] biases;
    private final float[] scratch;
    private final int edge = Layout.CACHE_LINE_START;
    private final int copy = edge + Tile16c.MOST * SPAN;
    private final int[] from = new int[most];
    private final int[] to = new int[most];
    private final int inUnit = plain ? 1 : BLOCK;
    private final int inMap = conv.inH() * conv.inW();
    private final int outMap = conv.outH() * conv.outW();
    private final int inImage;
    private final int outImage;
    private final int inAt;
    private final int weightsAt;
    private final int biasAt;
    private final int outAt;
    private FilterTile filters = tiles.getFirst();
    private boolean shared;
    private int known = -1;
    private int count;

    Walk(Memory m, List<Address> in, Address out, Epilogue epilogue) {
      this.m = m;
      this.epilogue = epilogue;
      scratch = Scratch.floats(Tile16c.MOST * SPAN + room);
      x = m.array(in.get(0).array());
      tile.weights = m.array(in.get(1).array());
      y = m.array(out.array());
      biases = bias ? m.array(in.get(2).array()) : scratch;
      int channels = conv.groups() * conv.channels();
      inImage = inMap * (plain ? channels : Math.ceilDiv(channels, BLOCK) * BLOCK);
      outImage = outMap * Math.ceilDiv(conv.groups() * conv.filters(), BLOCK) * BLOCK;
      inAt = in.get(0).offset();
      weightsAt = in.get(1).offset();
      biasAt = bias ? in.get(2).offset() : 0;
      outAt = out.offset();
    }

    void unit(int panel, FilterTile next) {
      int k = classes.size() - 1;
      while (classes.get(k).firstPanel() > panel) {
        k--;
      }
      PositionClass alike = classes.get(k);
      PositionClass.Reads reads = alike.reads().get(firstLane(next.group()));
      if (known != panel || filters.group() != next.group()) {
        count = alike.count(images, panel);
        positions(alike, alike.first(panel), next.group());
        if (alike.copied()) {
          copy(alike, reads.copy(), alike.first(panel), next.group());
        }
        known = panel;
      }
      filters(next);
      tile.contiguous = alike.way() != PositionClass.Way.APART;
      tile.in = alike.copied() ? scratch : x;
      // a panel that ends with an image and has few places cannot take some once more but by the fewest that go together
      int together = alike.endsWithImage() && count < Tile16c.MOST ? LEAST : Tile16c.MOST;
      // a part's weights are read once for all places, unless sums lie in the scratch memory, which holds those of one call
      int span = shared ? together : count;
      for (int begin = 0; begin < count; begin += span) {
        int end = Math.min(count, begin + span);
        for (int part = 0; part < reads.parts().size(); part++) {
          taps(reads.parts().get(part));
          for (int at = begin; at < end; at += together) {
            int width = Math.min(together, end - at);
            // behind the last place of an image lies something else: rather some places before it once more
            int first = alike.endsWithImage() ? Math.min(at, count - Tile16c.whole(width, filters.vectors())) : at;
            sums(first, at, at + width, part > 0, part == reads.parts().size() - 1);
          }
        }
      }
    }

    private void taps(PositionClass.Part part) {
      tile.distances = part.distances();
      tile.numbers = part.numbers();
      tile.fours = part.fours();
    }

    /** Fills the panel, from which the places then read. */
    private void copy(PositionClass alike, Panel panel, int first, int group) {
      switch (panel) {
        case TapPanel taps -> taps.fill(x, from, Tile16c.whole(count), scratch, copy);
        case WindowPanel windows -> {
          int width = alike.columns().length;
          int image = source(group) + first / alike.positions() * inImage;
          windows.fill(x, image, first % alike.positions() / width, count / width, scratch, copy);
        }
      }
      for (int i = 0; i < count; i++) {
        from[i] = copy + i * BLOCK;
      }
    }

    /** Where a group's channels begin. */
    private int source(int group) {
      int channel = group * conv.channels();
      return inAt + (plain ? channel * inMap : channel / BLOCK * inMap * BLOCK);
    }

    /** Where the places of a panel read and write; behind the last it comes again, since tiles compute a whole number. */
    private void positions(PositionClass alike, int first, int group) {
      int source = source(group);
      int[] columns = alike.columns();
      int column = first % columns.length;
      int row = first / columns.length % alike.rows().length;
      int image = first / alike.positions();
      for (int i = 0; i < count; column = 0) {
        int h = alike.rows()[row];
        int fromRow = source + image * inImage + conv.rows().base(h) * conv.inW() * inUnit;
        int toRow = outAt + image * outImage + h * conv.outW() * BLOCK;
        for (; column < columns.length && i < count; column++, i++) {
          from[i] = fromRow + conv.columns().base(columns[column]) * inUnit;
          to[i] = toRow + columns[column] * BLOCK;
        }
        if (++row == alike.rows().length) {
          row = 0;
          image++;
        }
      }
      int whole = Math.ceilDiv(count, Tile16c.MOST) * Tile16c.MOST;
      Arrays.fill(from, count, whole, from[count - 1]);
      Arrays.fill(to, count, whole, to[count - 1]);
    }

    private void filters(FilterTile next) {
      filters = next;
      shared = next.shared(conv.groups() * conv.filters());
      Arrays.fill(tile.start, 0);
      if (bias) {
        System.arraycopy(biases, biasAt + next.from(), tile.start, next.from() - next.first(), next.to() - next.from());
      }
      tile.out = shared ? scratch : y;
      tile.outStep = shared ? Lanes.COUNT : next.step(outMap);
    }

    /** Adds a part to the sums from {@code own} up to {@code end}. What comes of the places before goes where the first is stored over it. */
    private void sums(int first, int own, int end, boolean goesOn, boolean last) {
      int target = FilterTile.at(filters.first(), outMap);
      for (int i = 0; i < Tile16c.MOST; i++) {
        tile.positions[i] = from[first + i];
        tile.targets[i] = shared ? edge + i * SPAN : target + to[Math.max(own, first + i)];
      }
      tile.run(end - first, filters.vectors(), weightsAt + filters.row() * conv.taps(), goesOn);
      if (last && shared) {
        copyOwn(own, end, own - first);
      } else if (last) {
        tile.finish(m, epilogue, own - first, end - first, filters.vectors());
      }
    }

    private void copyOwn(int first, int end, int at) {
      for (int i = first; i < end; i++) {
        for (int channel = filters.from(); channel < filters.to(); channel++) {
          y[to[i] + FilterTile.at(channel, outMap)] = scratch[edge + (at + i - first) * SPAN + channel - filters.first()];
        }
      }
    }
  }

  /** The floats of the packed weights. */
  public static long packedSize(DirectConv conv) {
    FilterTile last = FilterTile.of(conv.groups(), conv.filters(), Tile16c.VECTORS).getLast();
    return (long) (last.row() + last.lanes()) * conv.taps();
  }

  /** Brings the weights into the order in which {@link Tile16c} reads them: tile by tile, tap by tap, lane by lane. */
  public static Kernel pack(DirectConv conv) {
    List<FilterTile> tiles = FilterTile.of(conv.groups(), conv.filters(), Tile16c.VECTORS);
    return (in, out) -> Task.of(
        tiles.size(),
        (m, from, to) -> {
          for (FilterTile tile : tiles.subList(from, to)) {
            pack(conv, tile, m.array(in.getFirst().array()), in.getFirst().offset(), m.array(out.array()), out.offset());
          }
        });
  }

  private static void pack(DirectConv conv, FilterTile tile, float[] w, int source, float[] packed, int target) {
    DirectConv.WeightStrides at = conv.weightStrides();
    WeightPacking filters = new WeightPacking(w, at.filter(), tile, packed);
    int from = source + tile.group() * at.group() + (tile.first() - tile.group() * conv.filters()) * at.filter();
    boolean together = at.channel() == conv.area();
    for (int first = 0; first < conv.channels(); first += BLOCK) {
      int count = Math.min(BLOCK, conv.channels() - first);
      int to = target + (tile.row() * conv.taps()) + first * conv.area() * tile.lanes();
      int[] offsets = new int[together ? count * conv.area() : conv.area()];
      Arrays.setAll(offsets, k -> (k % conv.area() * count + k / conv.area()) * tile.lanes());
      for (int c = 0; c < (together ? 1 : count); c++) {
        filters.turn(from + (first + c) * at.channel(), to + c * tile.lanes(), offsets);
      }
    }
  }
}
