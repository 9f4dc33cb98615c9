package dev.fovea.cpu.vector.winograd;

import static dev.fovea.cpu.kernel.Winograd.POINTS;

import dev.fovea.cpu.kernel.EpilogueKernel;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.kernel.Winograd;
import dev.fovea.cpu.vector.microkernel.Tile16c;

/**
 * The transforms of {@link Winograd} between the maps of all images and their 36 points, as separate steps. Each point stores
 * block after block of channels, and within a block tile after tile.
 *
 * @param channels the channels of the maps, which are the convolution's input or output
 */
public record WinogradMaps(Winograd plan, int images, int channels) {
  private static final int BLOCK = Layout.BLOCK;

  /** The maximum number of floats of a step's 36 points. */
  static final long MAX_FLOATS = 1L << 26;

  /** The number of tiles of all images. */
  int tiles() {
    return images * plan.tiles();
  }

  /** The number of tiles, padded to a multiple of what a call of the product's kernel computes. */
  int paddedTiles() {
    return Math.ceilDiv(tiles(), Tile16c.MAX_POSITIONS) * Tile16c.MAX_POSITIONS;
  }

  private int blocks() {
    return Math.ceilDiv(channels, BLOCK);
  }

  /** The number of floats from one point to the next. */
  int pointStride() {
    return blocks() * paddedTiles() * BLOCK + WinogradConv.POINT_PADDING;
  }

  /** The number of floats of all points. */
  public long size() {
    return (long) POINTS * (blocks() * (long) paddedTiles() * BLOCK + WinogradConv.POINT_PADDING);
  }

  /** Transforms the patches of the convolution's input to points. A unit is a block of channels of an image. */
  public Kernel patches() {
    int map = plan.inH() * plan.inW() * BLOCK;
    return transform(map, WinogradTiles::inputs);
  }

  /** Transforms the tiles of the output gradients to points. */
  public Kernel gradients() {
    int map = plan.outH() * plan.outW() * BLOCK;
    return transform(map, WinogradTiles::gradients);
  }

  /** The transform of one tile of a map to its points. */
  @FunctionalInterface
  private interface TileTransform {
    void apply(WinogradTiles tiles, float[] maps, int map, int tile, float[] points, int to, int pointStep);
  }

  private Kernel transform(int map, TileTransform transform) {
    return (in, out) -> Task.of(images * blocks(), (m, from, to) -> {
      WinogradTiles transforms = new WinogradTiles(plan);
      float[] maps = m.array(in.getFirst().array());
      float[] points = m.array(out.array());
      for (int unit = from; unit < to; unit++) {
        int source = in.getFirst().offset() + unit * map;
        int target = out.offset() + offset(unit);
        for (int tile = 0; tile < plan.tiles(); tile++) {
          transform.apply(transforms, maps, source, tile, points, target + tile * BLOCK, pointStride());
        }
      }
    });
  }

  /** The offset of the first tile of a block of channels of an image, at the first point. */
  private int offset(int unit) {
    return (unit % blocks() * paddedTiles() + unit / blocks() * plan.tiles()) * BLOCK;
  }

  /** Transforms products at the points to the convolution's output. Inputs: the products, and the bias if there is one. */
  public EpilogueKernel outputs(boolean bias) {
    int map = plan.outH() * plan.outW() * BLOCK;
    return (in, out, epilogue) -> Task.of(images * blocks(), (m, from, to) -> {
      WinogradTiles transforms = new WinogradTiles(plan);
      float[] products = m.array(in.getFirst().array());
      float[] y = m.array(out.array());
      float[] blockBias = new float[bias ? BLOCK : 0];
      for (int unit = from; unit < to; unit++) {
        if (bias) {
          int filter = unit % blocks() * BLOCK;
          System.arraycopy(m.array(in.get(1).array()), in.get(1).offset() + filter, blockBias, 0,
              Math.min(BLOCK, channels - filter));
        }
        int source = in.getFirst().offset() + offset(unit);
        int target = out.offset() + unit * map;
        for (int tile = 0; tile < plan.tiles(); tile++) {
          transforms.outputs(products, source + tile * BLOCK, pointStride(), blockBias, y, target, tile);
        }
        epilogue.run(m, target, map);
      }
    });
  }
}
