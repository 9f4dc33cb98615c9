package dev.fovea.cpu.vector.winograd;

import static dev.fovea.cpu.kernel.Winograd.PATCH;
import static dev.fovea.cpu.kernel.Winograd.POINTS;
import static dev.fovea.cpu.kernel.Winograd.TILE;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Epilogue;
import dev.fovea.cpu.kernel.EpilogueKernel;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.kernel.Winograd;
import dev.fovea.cpu.vector.microkernel.Lanes;
import dev.fovea.cpu.vector.microkernel.Scratch;
import dev.fovea.cpu.vector.microkernel.Tile16c;
import dev.fovea.cpu.vector.packing.FilterTile;
import dev.fovea.cpu.vector.packing.WeightPacking;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * {@link Winograd} with channels in the lanes. A unit is a block of tiles with a slab of filters: it transforms the tiles' patches,
 * makes the 36 matrix products with {@link Tile16c}, and transforms what comes out; all of it stays in the core's cache.
 */
public final class WinogradConv {
  private static final int BLOCK = Layout.BLOCK;

  /** Filters of a unit: enough that patches transformed once for each slab cost little beside the products. */
  private static final int SLAB = 128;

  /** The floats that a unit's points should fill: one and a half times a second-level cache, since they are read point by point. */
  private static final int ROOM = 3 << 17;

  /** Points lie so many floats more apart than needed: a power of two would put all 36 into the same lines of the cache. */
  static final int APART = BLOCK;

  private final Winograd plan;
  private final int images;
  private final boolean bias;
  private final int lanes;
  private final int slabs;
  private final List<List<FilterTile>> bySlab;
  private final int inBlocks;
  private final int outBlocks;
  private final int block;
  private final int blocks;
  private final int[] distances;
  private final int[] numbers;

  public WinogradConv(Winograd plan, int images, boolean bias) {
    this.plan = plan;
    this.images = images;
    this.bias = bias;
    List<FilterTile> filters = FilterTile.of(1, plan.filters(), Tile16c.VECTORS);
    lanes = lanes(filters);
    slabs = Math.ceilDiv(plan.filters(), SLAB);
    bySlab = IntStream.range(0, slabs).mapToObj(s -> filters.stream().filter(f -> f.first() / SLAB == s).toList()).toList();
    inBlocks = Math.ceilDiv(plan.channels(), BLOCK);
    outBlocks = Math.ceilDiv(plan.filters(), BLOCK);
    int tiles = images * plan.tiles();
    int most = ROOM / (POINTS * BLOCK * (inBlocks + Math.min(outBlocks, SLAB / BLOCK)));
    int wanted = Math.min(Math.clamp(most, 24, 192), Math.ceilDiv(tiles, Tile16c.MOST) * Tile16c.MOST);
    block = Math.max(1, wanted / Tile16c.MOST) * Tile16c.MOST;
    blocks = Math.ceilDiv(tiles, block);
    distances = new int[plan.channels()];
    Arrays.setAll(distances, channel -> FilterTile.at(channel, block));
    numbers = new int[plan.channels()];
    Arrays.setAll(numbers, channel -> channel);
  }

  private static int lanes(List<FilterTile> filters) {
    return filters.getLast().row() + filters.getLast().lanes();
  }

  /** Blocks of tiles: so often are all transformed weights read. */
  int blocks() {
    return blocks;
  }

  /** Inputs: the images, the weights as {@link #pack} leaves them, and the bias if there is one. */
  public EpilogueKernel kernel() {
    return (in, out, epilogue) -> Task.of(slabs * blocks, (m, from, to) -> {
      Walk walk = new Walk(m, in, out, epilogue);
      for (int unit = from; unit < to; unit++) {
        walk.unit(unit / blocks, unit % blocks);
      }
    });
  }

  /** What one thread knows while it goes through its units. */
  private final class Walk {
    private final Memory m;
    private final Epilogue epilogue;
    private final Tile16c tile = new Tile16c();
    private final WinogradTiles transforms = new WinogradTiles(plan);
    private final int pointIn = inBlocks * block * BLOCK + APART;
    private final int pointOut = SLAB * block + APART;
    private final int points = Layout.CACHE_LINE_START;
    private final int products = points + POINTS * pointIn;
    private final float[] scratch = Scratch.floats(POINTS * (pointIn + pointOut));
    private final float[] x;
    private final float[] y;
    private final float[] biases;
    private final float[] start;
    private final int xAt;
    private final int yAt;
    private final int weightsAt;
    private final int biasAt;
    private int transformed = -1;

    Walk(Memory m, List<Address> in, Address out, Epilogue epilogue) {
      this.m = m;
      this.epilogue = epilogue;
      x = m.array(in.get(0).array());
      xAt = in.get(0).offset();
      tile.weights = m.array(in.get(1).array());
      weightsAt = in.get(1).offset();
      y = m.array(out.array());
      yAt = out.offset();
      biases = bias ? m.array(in.get(2).array()) : scratch;
      biasAt = bias ? in.get(2).offset() : 0;
      start = new float[bias ? BLOCK : 0];
      tile.in = scratch;
      tile.out = scratch;
      tile.distances = distances;
      tile.numbers = numbers;
      tile.fours = plan.channels() / 4 * 4;
      tile.contiguous = true;
      Arrays.fill(tile.start, 0);
    }

    void unit(int slab, int part) {
      int first = part * block;
      int count = Math.min(block, images * plan.tiles() - first);
      if (transformed != part) {
        inputs(first, count);
        transformed = part;
      }
      List<FilterTile> own = bySlab.get(slab);
      for (int point = 0; point < POINTS; point++) {
        for (FilterTile f : own) {
          multiply(point, f, slab * SLAB, count);
        }
      }
      outputs(slab, first, count);
    }

    private void inputs(int first, int count) {
      int map = plan.inH() * plan.inW() * BLOCK;
      for (int channels = 0; channels < inBlocks; channels++) {
        for (int k = 0; k < count; k++) {
          int image = (first + k) / plan.tiles();
          transforms.inputs(
              x, xAt + (image * inBlocks + channels) * map, (first + k) % plan.tiles(),
              scratch, points + (channels * block + k) * BLOCK, pointIn);
        }
      }
    }

    private void multiply(int point, FilterTile f, int firstOfSlab, int count) {
      int weight = weightsAt + point * point(plan, lanes) + f.row() * plan.channels();
      int to = products + point * pointOut + FilterTile.at(f.first() - firstOfSlab, block);
      tile.outStep = f.step(block);
      for (int k = 0; k < count; k += Tile16c.MOST) {
        int width = Math.min(Tile16c.MOST, count - k);
        for (int i = 0; i < Tile16c.whole(width); i++) {
          tile.positions[i] = points + point * pointIn + (k + i) * BLOCK;
          tile.targets[i] = to + (k + i) * BLOCK;
        }
        tile.run(width, f.vectors(), weight, false);
      }
    }

    private void outputs(int slab, int first, int count) {
      int map = plan.outH() * plan.outW() * BLOCK;
      int from = slab * SLAB / BLOCK;
      for (int channels = from; channels < Math.min(outBlocks, from + SLAB / BLOCK); channels++) {
        if (bias) {
          int filter = channels * BLOCK;
          System.arraycopy(biases, biasAt + filter, start, 0, Math.min(BLOCK, plan.filters() - filter));
        }
        for (int k = 0; k < count; k++) {
          int image = (first + k) / plan.tiles();
          transforms.outputs(
              scratch, products + ((channels - from) * block + k) * BLOCK, pointOut,
              start, y, yAt + (image * outBlocks + channels) * map, (first + k) % plan.tiles());
        }
        for (int k = 0; k < count;) {
          int image = (first + k) / plan.tiles();
          k += epilogue(yAt + (image * outBlocks + channels) * map, (first + k) % plan.tiles(), count - k);
        }
      }
    }

    /** Finishes a map's tiles from this one on that lie side by side; how many that were. */
    private int epilogue(int map, int tile, int count) {
      int row = plan.row(tile);
      int tiles = Math.min(count, plan.tileColumns() - tile % plan.tileColumns());
      int columns = Math.min(tiles * TILE, plan.outW() - plan.column(tile));
      for (int r = row; r < Math.min(row + TILE, plan.outH()); r++) {
        epilogue.run(m, map + (r * plan.outW() + plan.column(tile)) * BLOCK, columns * BLOCK);
      }
      return tiles;
    }
  }

  /** The floats of the transformed weights. */
  public static long packedSize(Winograd plan) {
    return (long) POINTS * point(plan, lanes(FilterTile.of(1, plan.filters(), Tile16c.VECTORS)));
  }

  /** Where a tile of filters has its weights of a point. */
  static int weightAt(Winograd plan, List<FilterTile> filters, int point, FilterTile f) {
    return point * point(plan, lanes(filters)) + f.row() * plan.channels();
  }

  private static int point(Winograd plan, int lanes) {
    return lanes * plan.channels() + APART;
  }

  /** Transforms the weights, and lays them as the products read them: point by point, tile of filters, channel, filter. */
  public static Kernel pack(Winograd plan) {
    List<FilterTile> filters = FilterTile.of(1, plan.filters(), Tile16c.VECTORS);
    return (in, out) -> Task.of(
        filters.size(),
        (m, from, to) -> {
          for (FilterTile f : filters.subList(from, to)) {
            pack(plan, f, lanes(filters), m.array(in.getFirst().array()), in.getFirst().offset(), m.array(out.array()),
                out.offset());
          }
        });
  }

  private static void pack(Winograd plan, FilterTile f, int lanes, float[] w, int at, float[] packed, int to) {
    int own = f.lanes();
    float[] windows = new float[Winograd.AREA * own];
    float[] half = new float[PATCH * 3 * own];
    int point = point(plan, lanes);
    WeightPacking filters = new WeightPacking(w, plan.weightStrides().filter(), f, windows);
    int[] offsets = new int[Winograd.AREA];
    Arrays.setAll(offsets, e -> (plan.flipped() ? Winograd.AREA - 1 - e : e) * own);
    for (int channel = 0; channel < plan.channels(); channel++) {
      filters.turn(at + f.first() * plan.weightStrides().filter() + channel * plan.weightStrides().channel(), 0, offsets);
      int target = to + f.row() * plan.channels() + channel * own;
      for (int lane = 0; lane < own; lane += Lanes.COUNT) {
        for (int c = 0; c < 3; c++) {
          WinogradTransforms.weights(windows, c * own + lane, 3 * own, half, c * own + lane, 3 * own);
        }
        for (int r = 0; r < PATCH; r++) {
          WinogradTransforms.weights(half, r * 3 * own + lane, own, packed, target + r * PATCH * point + lane, point);
        }
      }
    }
  }
}
