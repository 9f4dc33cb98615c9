package dev.fovea.cpu.vector.winograd;

import static dev.fovea.cpu.kernel.Winograd.POINTS;

import dev.fovea.cpu.kernel.EpilogueKernel;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.kernel.Winograd;
import dev.fovea.cpu.vector.microkernel.Tile16c;

/**
 * The maps of all images on their way to the 36 points of {@link Winograd} and back, as steps of their own. At a point lies block after
 * block of channels, there tile after tile.
 *
 * @param channels of the maps: the convolution's input or its output
 */
public record WinogradMaps(Winograd plan, int images, int channels) {
  private static final int BLOCK = Layout.BLOCK;

  /** The most floats that a step's 36 points may take. */
  static final long MOST = 1L << 26;

  /** The tiles of all images. */
  int tiles() {
    return images * plan.tiles();
  }

  /** So many tiles that products may take a whole number of calls. */
  int room() {
    return Math.ceilDiv(tiles(), Tile16c.MOST) * Tile16c.MOST;
  }

  private int blocks() {
    return Math.ceilDiv(channels, BLOCK);
  }

  /** Floats from one point to the next. */
  int point() {
    return blocks() * room() * BLOCK + WinogradConv.APART;
  }

  /** The floats of all points. */
  public long size() {
    return (long) POINTS * (blocks() * (long) room() * BLOCK + WinogradConv.APART);
  }

  /** Patches of the convolution's input to their points. A unit is a block of channels of an image. */
  public Kernel patches() {
    int map = plan.inH() * plan.inW() * BLOCK;
    return transform(map, WinogradTiles::inputs);
  }

  /** Tiles of the gradients of the convolution's output to their points. */
  public Kernel gradients() {
    int map = plan.outH() * plan.outW() * BLOCK;
    return transform(map, WinogradTiles::gradients);
  }

  /** How a tile of a map goes to its points. */
  @FunctionalInterface
  private interface Way {
    void go(WinogradTiles tiles, float[] maps, int map, int tile, float[] points, int to, int pointStep);
  }

  private Kernel transform(int map, Way way) {
    return (in, out) -> Task.of(images * blocks(), (m, from, to) -> {
      WinogradTiles transforms = new WinogradTiles(plan);
      float[] maps = m.array(in.getFirst().array());
      float[] points = m.array(out.array());
      for (int unit = from; unit < to; unit++) {
        int source = in.getFirst().offset() + unit * map;
        int target = out.offset() + at(unit);
        for (int tile = 0; tile < plan.tiles(); tile++) {
          way.go(transforms, maps, source, tile, points, target + tile * BLOCK, point());
        }
      }
    });
  }

  /** Where the first tile of a block of channels of an image lies at the first point. */
  private int at(int unit) {
    return (unit % blocks() * room() + unit / blocks() * plan.tiles()) * BLOCK;
  }

  /** Products at the points to the convolution's output, with its bias if there is one. Inputs: those, and the bias. */
  public EpilogueKernel outputs(boolean bias) {
    int map = plan.outH() * plan.outW() * BLOCK;
    return (in, out, epilogue) -> Task.of(images * blocks(), (m, from, to) -> {
      WinogradTiles transforms = new WinogradTiles(plan);
      float[] products = m.array(in.getFirst().array());
      float[] y = m.array(out.array());
      float[] start = new float[bias ? BLOCK : 0];
      for (int unit = from; unit < to; unit++) {
        if (bias) {
          int filter = unit % blocks() * BLOCK;
          System.arraycopy(m.array(in.get(1).array()), in.get(1).offset() + filter, start, 0, Math.min(BLOCK, channels - filter));
        }
        int source = in.getFirst().offset() + at(unit);
        int target = out.offset() + unit * map;
        for (int tile = 0; tile < plan.tiles(); tile++) {
          transforms.outputs(products, source + tile * BLOCK, point(), start, y, target, tile);
        }
        epilogue.run(m, target, map);
      }
    });
  }
}
