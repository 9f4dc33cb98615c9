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
 * {@link Winograd} in NCHW16c. A unit is a block of tiles with a slab of filters: it transforms the tiles' patches, computes the
 * 36 matrix products with {@link Tile16c}, and transforms the products to outputs; all of it stays in the core's cache.
 */
public final class WinogradConv {
  private static final int BLOCK = Layout.BLOCK;

  /** Filters of a unit: enough that transforming the patches once for each slab costs little compared to the products. */
  private static final int SLAB_FILTERS = 128;

  /** The number of floats of a unit's points: one and a half times a second-level cache, since they are read point by point. */
  private static final int POINTS_FLOATS = 3 << 17;

  /** Floats of padding between points: with a power of two as stride all 36 would map to the same cache sets. */
  static final int POINT_PADDING = BLOCK;

  private final Winograd plan;
  private final int images;
  private final boolean bias;
  private final int lanes;
  private final int slabs;
  private final List<List<FilterTile>> tilesBySlab;
  private final int inBlocks;
  private final int outBlocks;
  private final int blockTiles;
  private final int blockCount;
  private final int[] tapOffsets;
  private final int[] weightRows;

  public WinogradConv(Winograd plan, int images, boolean bias) {
    this.plan = plan;
    this.images = images;
    this.bias = bias;
    List<FilterTile> filters = FilterTile.of(1, plan.filters(), Tile16c.MAX_VECTORS);
    lanes = lanes(filters);
    slabs = Math.ceilDiv(plan.filters(), SLAB_FILTERS);
    tilesBySlab = IntStream.range(0, slabs)
        .mapToObj(s -> filters.stream().filter(f -> f.firstChannel() / SLAB_FILTERS == s).toList()).toList();
    inBlocks = Math.ceilDiv(plan.channels(), BLOCK);
    outBlocks = Math.ceilDiv(plan.filters(), BLOCK);
    int tiles = images * plan.tiles();
    int fitting = POINTS_FLOATS / (POINTS * BLOCK * (inBlocks + Math.min(outBlocks, SLAB_FILTERS / BLOCK)));
    int wanted = Math.min(Math.clamp(fitting, 24, 192), Math.ceilDiv(tiles, Tile16c.MAX_POSITIONS) * Tile16c.MAX_POSITIONS);
    blockTiles = Math.max(1, wanted / Tile16c.MAX_POSITIONS) * Tile16c.MAX_POSITIONS;
    blockCount = Math.ceilDiv(tiles, blockTiles);
    tapOffsets = new int[plan.channels()];
    Arrays.setAll(tapOffsets, channel -> FilterTile.offset(channel, blockTiles));
    weightRows = new int[plan.channels()];
    Arrays.setAll(weightRows, channel -> channel);
  }

  private static int lanes(List<FilterTile> filters) {
    return filters.getLast().laneOffset() + filters.getLast().lanes();
  }

  /** The number of blocks of tiles, for each of which all transformed weights are read. */
  int blockCount() {
    return blockCount;
  }

  /** Inputs: the images, the weights packed by {@link #pack}, and the bias if there is one. */
  public EpilogueKernel kernel() {
    return (in, out, epilogue) -> Task.of(slabs * blockCount, (m, from, to) -> {
      Worker worker = new Worker(m, in, out, epilogue);
      for (int unit = from; unit < to; unit++) {
        worker.unit(unit / blockCount, unit % blockCount);
      }
    });
  }

  /** The state of one thread for its units. */
  private final class Worker {
    private final Memory m;
    private final Epilogue epilogue;
    private final Tile16c tile = new Tile16c();
    private final WinogradTiles transforms = new WinogradTiles(plan);
    private final int inputPointStride = inBlocks * blockTiles * BLOCK + POINT_PADDING;
    private final int outputPointStride = SLAB_FILTERS * blockTiles + POINT_PADDING;
    private final int points = Layout.CACHE_LINE_START;
    private final int products = points + POINTS * inputPointStride;
    private final float[] scratch = Scratch.floats(POINTS * (inputPointStride + outputPointStride));
    private final float[] x;
    private final float[] y;
    private final float[] biases;
    private final float[] blockBias;
    private final int xAt;
    private final int yAt;
    private final int weightsAt;
    private final int biasAt;
    private int transformedBlock = -1;

    Worker(Memory m, List<Address> in, Address out, Epilogue epilogue) {
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
      blockBias = new float[bias ? BLOCK : 0];
      tile.in = scratch;
      tile.out = scratch;
      tile.tapOffsets = tapOffsets;
      tile.weightRows = weightRows;
      tile.unrolledTaps = plan.channels() / 4 * 4;
      tile.contiguous = true;
      Arrays.fill(tile.initial, 0);
    }

    void unit(int slab, int block) {
      int first = block * blockTiles;
      int count = Math.min(blockTiles, images * plan.tiles() - first);
      if (transformedBlock != block) {
        inputs(first, count);
        transformedBlock = block;
      }
      List<FilterTile> own = tilesBySlab.get(slab);
      for (int point = 0; point < POINTS; point++) {
        for (FilterTile f : own) {
          multiply(point, f, slab * SLAB_FILTERS, count);
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
              scratch, points + (channels * blockTiles + k) * BLOCK, inputPointStride);
        }
      }
    }

    private void multiply(int point, FilterTile f, int firstOfSlab, int count) {
      int weight = weightsAt + point * pointStride(plan, lanes) + f.laneOffset() * plan.channels();
      int to = products + point * outputPointStride + FilterTile.offset(f.firstChannel() - firstOfSlab, blockTiles);
      tile.outStep = f.vectorStride(blockTiles);
      for (int k = 0; k < count; k += Tile16c.MAX_POSITIONS) {
        int width = Math.min(Tile16c.MAX_POSITIONS, count - k);
        for (int i = 0; i < Tile16c.roundUp(width); i++) {
          tile.inOffsets[i] = points + point * inputPointStride + (k + i) * BLOCK;
          tile.outOffsets[i] = to + (k + i) * BLOCK;
        }
        tile.run(width, f.vectors(), weight, false);
      }
    }

    private void outputs(int slab, int first, int count) {
      int map = plan.outH() * plan.outW() * BLOCK;
      int from = slab * SLAB_FILTERS / BLOCK;
      for (int channels = from; channels < Math.min(outBlocks, from + SLAB_FILTERS / BLOCK); channels++) {
        if (bias) {
          int filter = channels * BLOCK;
          System.arraycopy(biases, biasAt + filter, blockBias, 0, Math.min(BLOCK, plan.filters() - filter));
        }
        for (int k = 0; k < count; k++) {
          int image = (first + k) / plan.tiles();
          transforms.outputs(
              scratch, products + ((channels - from) * blockTiles + k) * BLOCK, outputPointStride,
              blockBias, y, yAt + (image * outBlocks + channels) * map, (first + k) % plan.tiles());
        }
        for (int k = 0; k < count;) {
          int image = (first + k) / plan.tiles();
          k += applyEpilogue(yAt + (image * outBlocks + channels) * map, (first + k) % plan.tiles(), count - k);
        }
      }
    }

    /** Applies the epilogue to the tiles of a row of tiles from this one on, and returns their number. */
    private int applyEpilogue(int map, int tile, int count) {
      int row = plan.row(tile);
      int tiles = Math.min(count, plan.tileColumns() - tile % plan.tileColumns());
      int columns = Math.min(tiles * TILE, plan.outW() - plan.column(tile));
      for (int r = row; r < Math.min(row + TILE, plan.outH()); r++) {
        epilogue.run(m, map + (r * plan.outW() + plan.column(tile)) * BLOCK, columns * BLOCK);
      }
      return tiles;
    }
  }

  /** The number of floats of the transformed weights. */
  public static long packedSize(Winograd plan) {
    return (long) POINTS * pointStride(plan, lanes(FilterTile.of(1, plan.filters(), Tile16c.MAX_VECTORS)));
  }

  /** The offset of the weights of a tile of filters at a point. */
  static int weightAt(Winograd plan, List<FilterTile> filters, int point, FilterTile f) {
    return point * pointStride(plan, lanes(filters)) + f.laneOffset() * plan.channels();
  }

  private static int pointStride(Winograd plan, int lanes) {
    return lanes * plan.channels() + POINT_PADDING;
  }

  /** Transforms the weights and packs them in the order of the products: by point, tile of filters, channel, filter. */
  public static Kernel pack(Winograd plan) {
    List<FilterTile> filters = FilterTile.of(1, plan.filters(), Tile16c.MAX_VECTORS);
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
    int pointStride = pointStride(plan, lanes);
    WeightPacking packing = new WeightPacking(w, plan.weightStrides().filter(), f, windows);
    int[] offsets = new int[Winograd.AREA];
    Arrays.setAll(offsets, e -> (plan.flipped() ? Winograd.AREA - 1 - e : e) * own);
    for (int channel = 0; channel < plan.channels(); channel++) {
      packing.pack(at + f.firstChannel() * plan.weightStrides().filter() + channel * plan.weightStrides().channel(), 0, offsets);
      int target = to + f.laneOffset() * plan.channels() + channel * own;
      for (int lane = 0; lane < own; lane += Lanes.COUNT) {
        for (int c = 0; c < 3; c++) {
          WinogradTransforms.weights(windows, c * own + lane, 3 * own, half, c * own + lane, 3 * own);
        }
        for (int r = 0; r < PATCH; r++) {
          WinogradTransforms.weights(half, r * 3 * own + lane, own, packed, target + r * PATCH * pointStride + lane, pointStride);
        }
      }
    }
  }
}
