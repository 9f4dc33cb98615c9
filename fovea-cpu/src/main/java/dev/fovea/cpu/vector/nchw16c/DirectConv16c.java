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
 * Convolution and its transpose in NCHW16c: {@link DirectConv} with {@link Tile16c}. Output positions that read the same taps form
 * a class, in all rows and images. A unit is a panel of positions of one class, for a tile of filters. The input is in NCHW16c, or
 * in NCHW if it has few channels.
 */
public final class DirectConv16c {
  private static final int BLOCK = Layout.BLOCK;

  /** The maximum number of floats of a position in a tile. */
  private static final int TILE_FLOATS = Tile16c.MAX_VECTORS * Lanes.COUNT;

  /** The maximum number of positions of a unit, and of the floats that they read: a quarter of a second-level cache. */
  private static final int MAX_PANEL_POSITIONS = 6 * Tile16c.MAX_POSITIONS;

  private static final int MAX_PANEL_FLOATS = 1 << 17;

  /**
   * Contiguous maps of at least this many positions are read in place; smaller ones are copied, so that panels can extend over
   * images.
   */
  private static final int MIN_CONTIGUOUS = 512;

  /**
   * The number of units that balances the load of the threads, unless units would have fewer than {@link #MIN_POSITIONS}
   * positions.
   */
  private static final int TARGET_UNITS = 16;

  private static final int MIN_POSITIONS = Tile16c.roundUp(1);

  private final DirectConv conv;
  private final int images;
  private final boolean bias;
  private final boolean nchw;
  private final List<PositionClass> classes = new ArrayList<>();
  private final List<FilterTile> tiles;
  private final int panels;

  /** The maximum number of positions of a panel, and of its floats if it is copied. */
  private final int maxPositions;

  private final int panelFloats;

  /** Whether the outer loop is over tiles, whose weights then stay in the cache, or over panels: whichever reads less memory. */
  private final boolean tilesOutside;

  public DirectConv16c(DirectConv conv, int images, boolean bias, Layout from) {
    this.conv = conv;
    this.images = images;
    this.bias = bias;
    this.nchw = from == Layout.NCHW;
    this.tiles = FilterTile.of(conv.groups(), conv.filters(), Tile16c.MAX_VECTORS);
    if (usesWindowPanels(conv, images, nchw)) {
      classes.add(windowPanelClass());
    } else {
      addClasses();
    }
    panels = classes.stream().mapToInt(c -> c.panels(images)).sum();
    maxPositions = classes.stream()
        .mapToInt(c -> c.access() == PositionClass.Access.CONTIGUOUS ? 2 * c.panelSize() : c.panelSize()).max().orElseThrow()
        + Tile16c.MAX_POSITIONS;
    panelFloats = classes.stream()
        .flatMap(c -> c.taps().stream())
        .mapToInt(r -> r.panel().size())
        .max()
        .orElse(0);
    long read = (long) images * conv.inSize();
    long weights = packedSize(conv);
    tilesOutside =
        (panelFloats > 0 ? 2 * read * tiles.size() : read > MAX_PANEL_FLOATS ? read * tiles.size() : read) + weights
            < read + weights * panels;
  }

  /** The cost of the cheaper variant. */
  static double cost(DirectConv conv, int images, boolean nchw) {
    ConvCosts costs = new ConvCosts(conv, images);
    return usesWindowPanels(conv, images, nchw) ? costs.byWindowPanel(panel(conv, nchw, conv.outH())) : costs.byClasses();
  }

  /** Whether window panels, in which all positions are of one class, are applicable and cheaper than computing class by class. */
  private static boolean usesWindowPanels(DirectConv conv, int images, boolean nchw) {
    if (conv.area() == 1 || conv.outH() * conv.outW() < MIN_POSITIONS || !WindowPanel.fits(conv, nchw)) {
      return false;
    }
    ConvCosts costs = new ConvCosts(conv, images);
    return fits(panel(conv, nchw, minRows(conv)))
        && costs.byWindowPanel(panel(conv, nchw, conv.outH())) < costs.byClasses();
  }

  private static boolean fits(WindowPanel panel) {
    return panel.copiedBlocks() * BLOCK <= MAX_PANEL_FLOATS;
  }

  private static WindowPanel panel(DirectConv conv, boolean nchw, int rows) {
    return new WindowPanel(conv, nchw, 0, rows);
  }

  /** The minimum number of rows of a window panel: it then has enough positions, and few rows are copied into two panels. */
  private static int minRows(DirectConv conv) {
    int window = Math.ceilDiv(conv.rows().kernelSize(), conv.rows().stride());
    return Math.min(conv.outH(), Math.max(window, 2 * Math.ceilDiv(MIN_POSITIONS, conv.outW())));
  }

  /** All positions in one class. If the weights do not fit the cache there are fewer panels, each of which reads them again. */
  private PositionClass windowPanelClass() {
    int min = minRows(conv);
    int fitting = min;
    while (fitting < conv.outH() && fits(panel(conv, nchw, fitting + 1))) {
      fitting++;
    }
    int units = packedSize(conv) > MAX_PANEL_FLOATS ? TARGET_UNITS / 2 : TARGET_UNITS;
    int rows = Math.clamp(Math.ceilDiv(images * conv.outH() * tiles.size(), units), min, fitting);
    PositionClass.InputTaps[] taps = new PositionClass.InputTaps[BLOCK];
    Arrays.fill(taps, PositionClass.InputTaps.of(PositionClass.NO_TAPS, PositionClass.Access.WINDOW_PANEL, rows));
    for (int group = 0; group < conv.groups(); group++) {
      int lane = firstLane(group);
      if (taps[lane].panel().size() == 0) {
        taps[lane] = PositionClass.InputTaps.of(new WindowPanel(conv, nchw, lane, rows));
      }
    }
    int[] all = IntStream.range(0, conv.outH()).toArray();
    int[] columns = IntStream.range(0, conv.outW()).toArray();
    return new PositionClass(all, columns, PositionClass.Access.WINDOW_PANEL, List.of(taps), rows * columns.length, 0);
  }

  private void addClasses() {
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
        PositionClass.Access access = access(rows.length * columns.length);
        int panelSize = panelSize((access == PositionClass.Access.CONTIGUOUS ? 1 : images) * rows.length * columns.length);
        List<PositionClass.InputTaps> taps = new ArrayList<>();
        for (DirectConv.Taps[][] table : tables) {
          taps.add(PositionClass.InputTaps.of(table == null ? PositionClass.NO_TAPS : table[r][c], access, panelSize));
        }
        PositionClass positionClass = new PositionClass(rows, columns, access, taps, panelSize, count);
        classes.add(positionClass);
        count += positionClass.panels(images);
      }
    }
  }

  /** Larger windows than 1x1 are not copied tap by tap, since the copies cost as much as they save. */
  private PositionClass.Access access(int positions) {
    if (conv.area() > 1) {
      return PositionClass.Access.STRIDED;
    }
    boolean whole = !nchw && conv.inH() * conv.inW() == positions;
    return whole && positions >= MIN_CONTIGUOUS ? PositionClass.Access.CONTIGUOUS : PositionClass.Access.TAP_PANEL;
  }

  private int panelSize(int positions) {
    int max = Math.clamp(MAX_PANEL_FLOATS / (conv.groups() * conv.channels()), MIN_POSITIONS, MAX_PANEL_POSITIONS);
    return Tile16c
        .roundUp(Math.clamp(Math.ceilDiv(positions * tiles.size(), TARGET_UNITS), MIN_POSITIONS, max) - MIN_POSITIONS + 1);
  }

  private DirectConv.Taps[][] tables(int lane) {
    int map = conv.inH() * conv.inW();
    return nchw ? conv.tables(1) : conv.tables(BLOCK, channel -> FilterTile.offset(lane + channel, map));
  }

  /** The lane of a group's first channel. */
  private int firstLane(int group) {
    return nchw ? 0 : group * conv.channels() % BLOCK;
  }

  /** Inputs: the images, the weights packed by {@link #pack}, and the bias if there is one. */
  public Kernel kernel() {
    // a vector with lanes of two groups is written twice, in parts: an epilogue cannot follow the first write
    boolean shared = tiles.stream().anyMatch(tile -> tile.sharesLanes(conv.groups() * conv.filters()));
    EpilogueKernel kernel =
        (in, out, epilogue) -> Task.of(panels * tiles.size(), (m, from, to) -> run(m, in, out, epilogue, from, to));
    return shared ? (in, out) -> kernel.bind(in, out, Epilogue.NONE) : kernel;
  }

  private void run(Memory m, List<Address> in, Address out, Epilogue epilogue, int from, int to) {
    Worker worker = new Worker(m, in, out, epilogue);
    for (int unit = from; unit < to; unit++) {
      int panel = tilesOutside ? unit % panels : unit / tiles.size();
      worker.unit(panel, tiles.get(tilesOutside ? unit / panels : unit % tiles.size()));
    }
  }

  /** The state of one thread for its units. */
  private final class Worker {
    private final Memory m;
    private final Epilogue epilogue;
    private final Tile16c tile = new Tile16c();
    private final float[] x;
    private final float[] y;
    private final float[] biases;
    private final float[] scratch;
    private final int scratchSums = Layout.CACHE_LINE_START;
    private final int panelOffset = scratchSums + Tile16c.MAX_POSITIONS * TILE_FLOATS;
    private final int[] inOffsets = new int[maxPositions];
    private final int[] outOffsets = new int[maxPositions];
    private final int inStride = nchw ? 1 : BLOCK;
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
    private int currentPanel = -1;
    private int count;

    Worker(Memory m, List<Address> in, Address out, Epilogue epilogue) {
      this.m = m;
      this.epilogue = epilogue;
      scratch = Scratch.floats(Tile16c.MAX_POSITIONS * TILE_FLOATS + panelFloats);
      x = m.array(in.get(0).array());
      tile.weights = m.array(in.get(1).array());
      y = m.array(out.array());
      biases = bias ? m.array(in.get(2).array()) : scratch;
      int channels = conv.groups() * conv.channels();
      inImage = inMap * (nchw ? channels : Math.ceilDiv(channels, BLOCK) * BLOCK);
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
      PositionClass positionClass = classes.get(k);
      PositionClass.InputTaps taps = positionClass.taps().get(firstLane(next.group()));
      if (currentPanel != panel || filters.group() != next.group()) {
        count = positionClass.positionCount(images, panel);
        setPositions(positionClass, positionClass.firstPosition(panel), next.group());
        if (positionClass.copied()) {
          copy(positionClass, taps.panel(), positionClass.firstPosition(panel), next.group());
        }
        currentPanel = panel;
      }
      setFilters(next);
      tile.contiguous = positionClass.access() != PositionClass.Access.STRIDED;
      tile.in = positionClass.copied() ? scratch : x;
      // a small panel at the end of an image takes the smallest calls: a larger one would overlap more positions than it has
      int perCall = positionClass.endsWithImage() && count < Tile16c.MAX_POSITIONS ? MIN_POSITIONS : Tile16c.MAX_POSITIONS;
      // a block's weights are read once for all positions, unless the sums are in scratch memory, which holds those of one call
      int perBlock = shared ? perCall : count;
      for (int begin = 0; begin < count; begin += perBlock) {
        int end = Math.min(count, begin + perBlock);
        for (int block = 0; block < taps.blocks().size(); block++) {
          setTaps(taps.blocks().get(block));
          for (int at = begin; at < end; at += perCall) {
            int width = Math.min(perCall, end - at);
            // no call reads beyond the last position of an image: some positions before are computed again instead
            int first = positionClass.endsWithImage() ? Math.min(at, count - Tile16c.roundUp(width, filters.vectors())) : at;
            addTaps(first, at, at + width, block > 0, block == taps.blocks().size() - 1);
          }
        }
      }
    }

    private void setTaps(PositionClass.TapBlock block) {
      tile.tapOffsets = block.offsets();
      tile.weightRows = block.weightRows();
      tile.unrolledTaps = block.unrolled();
    }

    /** Copies the input into the panel, from which the positions then read. */
    private void copy(PositionClass positionClass, Panel panel, int first, int group) {
      switch (panel) {
        case TapPanel taps -> taps.fill(x, inOffsets, Tile16c.roundUp(count), scratch, panelOffset);
        case WindowPanel windows -> {
          int width = positionClass.columns().length;
          int image = groupOffset(group) + first / positionClass.positions() * inImage;
          windows.fill(x, image, first % positionClass.positions() / width, count / width, scratch, panelOffset);
        }
      }
      for (int i = 0; i < count; i++) {
        inOffsets[i] = panelOffset + i * BLOCK;
      }
    }

    /** The offset of a group's first channel. */
    private int groupOffset(int group) {
      int channel = group * conv.channels();
      return inAt + (nchw ? channel * inMap : channel / BLOCK * inMap * BLOCK);
    }

    /** Sets the offsets of a panel's positions; the last one is repeated, since tiles compute a fixed number of positions. */
    private void setPositions(PositionClass positionClass, int first, int group) {
      int source = groupOffset(group);
      int[] columns = positionClass.columns();
      int column = first % columns.length;
      int row = first / columns.length % positionClass.rows().length;
      int image = first / positionClass.positions();
      for (int i = 0; i < count; column = 0) {
        int h = positionClass.rows()[row];
        int fromRow = source + image * inImage + conv.rows().base(h) * conv.inW() * inStride;
        int toRow = outAt + image * outImage + h * conv.outW() * BLOCK;
        for (; column < columns.length && i < count; column++, i++) {
          inOffsets[i] = fromRow + conv.columns().base(columns[column]) * inStride;
          outOffsets[i] = toRow + columns[column] * BLOCK;
        }
        if (++row == positionClass.rows().length) {
          row = 0;
          image++;
        }
      }
      int whole = Math.ceilDiv(count, Tile16c.MAX_POSITIONS) * Tile16c.MAX_POSITIONS;
      Arrays.fill(inOffsets, count, whole, inOffsets[count - 1]);
      Arrays.fill(outOffsets, count, whole, outOffsets[count - 1]);
    }

    private void setFilters(FilterTile next) {
      filters = next;
      shared = next.sharesLanes(conv.groups() * conv.filters());
      Arrays.fill(tile.initial, 0);
      if (bias) {
        System.arraycopy(biases, biasAt + next.ownFrom(), tile.initial, next.ownFrom() - next.firstChannel(),
            next.ownTo() - next.ownFrom());
      }
      tile.out = shared ? scratch : y;
      tile.outStep = shared ? Lanes.COUNT : next.vectorStride(outMap);
    }

    /**
     * Adds a block of taps to the sums from {@code own} up to {@code end}. Positions before {@code own} are stored at the
     * address of the first own one, which then overwrites them.
     */
    private void addTaps(int first, int own, int end, boolean accumulate, boolean last) {
      int target = FilterTile.offset(filters.firstChannel(), outMap);
      for (int i = 0; i < Tile16c.MAX_POSITIONS; i++) {
        tile.inOffsets[i] = inOffsets[first + i];
        tile.outOffsets[i] = shared ? scratchSums + i * TILE_FLOATS : target + outOffsets[Math.max(own, first + i)];
      }
      tile.run(end - first, filters.vectors(), weightsAt + filters.laneOffset() * conv.taps(), accumulate);
      if (last && shared) {
        copyOwn(own, end, own - first);
      } else if (last) {
        tile.applyEpilogue(m, epilogue, own - first, end - first, filters.vectors());
      }
    }

    private void copyOwn(int first, int end, int at) {
      for (int i = first; i < end; i++) {
        for (int channel = filters.ownFrom(); channel < filters.ownTo(); channel++) {
          y[outOffsets[i] + FilterTile.offset(channel, outMap)] =
              scratch[scratchSums + (at + i - first) * TILE_FLOATS + channel - filters.firstChannel()];
        }
      }
    }
  }

  /** The number of floats of the packed weights. */
  public static long packedSize(DirectConv conv) {
    FilterTile last = FilterTile.of(conv.groups(), conv.filters(), Tile16c.MAX_VECTORS).getLast();
    return (long) (last.laneOffset() + last.lanes()) * conv.taps();
  }

  /** Packs the weights in the order in which {@link Tile16c} reads them: tile by tile, tap by tap, lane by lane. */
  public static Kernel pack(DirectConv conv) {
    List<FilterTile> tiles = FilterTile.of(conv.groups(), conv.filters(), Tile16c.MAX_VECTORS);
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
    WeightPacking packing = new WeightPacking(w, at.filter(), tile, packed);
    int from = source + tile.group() * at.group() + (tile.firstChannel() - tile.group() * conv.filters()) * at.filter();
    boolean perCall = at.channel() == conv.area();
    for (int first = 0; first < conv.channels(); first += BLOCK) {
      int count = Math.min(BLOCK, conv.channels() - first);
      int to = target + (tile.laneOffset() * conv.taps()) + first * conv.area() * tile.lanes();
      int[] offsets = new int[perCall ? count * conv.area() : conv.area()];
      Arrays.setAll(offsets, k -> (k % conv.area() * count + k / conv.area()) * tile.lanes());
      for (int c = 0; c < (perCall ? 1 : count); c++) {
        packing.pack(from + (first + c) * at.channel(), to + c * tile.lanes(), offsets);
      }
    }
  }
}
