package dev.fovea.cpu.vector.winograd;

import static dev.fovea.cpu.kernel.Winograd.PATCH;
import static dev.fovea.cpu.kernel.Winograd.TILE;

import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Winograd;
import dev.fovea.cpu.vector.microkernel.Lanes;
import java.util.Arrays;

/**
 * Transforms tiles of maps in NCHW16c to the 36 points and back, a block of 16 channels at a time. Outside the maps all values are
 * zero. {@code pointStep} is the stride of the points, in floats.
 */
final class WinogradTiles {
  private static final int BLOCK = Layout.BLOCK;
  private static final int START = Layout.CACHE_LINE_START;

  private final Winograd plan;
  private final float[] patch = new float[START + Winograd.POINTS * BLOCK];
  private final float[] half = new float[START + Winograd.POINTS * BLOCK];

  WinogradTiles(Winograd plan) {
    this.plan = plan;
  }

  /** Transforms a tile's patch of the block of channels that begins at {@code map} to its points. */
  void inputs(float[] x, int map, int tile, float[] points, int to, int pointStep) {
    int top = plan.row(tile) - plan.top();
    int left = plan.column(tile) - plan.left();
    float[] from = x;
    int at = map + (top * plan.inW() + left) * BLOCK;
    int rowStride = plan.inW() * BLOCK;
    if (top < 0 || left < 0 || top + PATCH > plan.inH() || left + PATCH > plan.inW()) {
      copyPadded(x, map, plan.inH(), plan.inW(), top, left, PATCH);
      from = patch;
      at = START;
      rowStride = PATCH * BLOCK;
    }
    for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
      for (int c = 0; c < PATCH; c += 2) {
        WinogradTransforms.inputs(from, at + c * BLOCK + lane, rowStride, half, START + c * PATCH * BLOCK + lane, BLOCK);
      }
      for (int r = 0; r < PATCH; r += 2) {
        WinogradTransforms.inputs(half, START + r * BLOCK + lane, PATCH * BLOCK, points, to + r * PATCH * pointStep + lane,
            pointStep);
      }
    }
  }

  /** Transforms a tile of output gradients to its points. */
  void gradients(float[] dy, int map, int tile, float[] points, int to, int pointStep) {
    int top = plan.row(tile);
    int left = plan.column(tile);
    float[] from = dy;
    int at = map + (top * plan.outW() + left) * BLOCK;
    int rowStride = plan.outW() * BLOCK;
    if (top + TILE > plan.outH() || left + TILE > plan.outW()) {
      copyPadded(dy, map, plan.outH(), plan.outW(), top, left, TILE);
      from = patch;
      at = START;
      rowStride = TILE * BLOCK;
    }
    for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
      for (int c = 0; c < TILE; c++) {
        WinogradTransforms.gradients(from, at + c * BLOCK + lane, rowStride, half, START + c * BLOCK + lane, TILE * BLOCK);
      }
      for (int r = 0; r < PATCH; r++) {
        WinogradTransforms.gradients(half, START + r * TILE * BLOCK + lane, BLOCK, points, to + r * PATCH * pointStep + lane,
            pointStep);
      }
    }
  }

  /** Transforms a tile's points to its outputs in the block of channels that begins at {@code map}, with or without a bias. */
  void outputs(float[] points, int from, int pointStep, float[] bias, float[] y, int map, int tile) {
    int rows = Math.min(TILE, plan.outH() - plan.row(tile));
    int columns = Math.min(TILE, plan.outW() - plan.column(tile));
    for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
      for (int c = 0; c < PATCH; c++) {
        WinogradTransforms.outputs(points, from + c * pointStep + lane, PATCH * pointStep, half, START + c * BLOCK + lane,
            PATCH * BLOCK);
      }
      for (int r = 0; r < rows; r++) {
        WinogradTransforms.outputs(half, START + r * PATCH * BLOCK + lane, BLOCK, patch, START + r * TILE * BLOCK + lane, BLOCK);
      }
    }
    for (int r = 0; r < rows; r++) {
      int to = map + ((plan.row(tile) + r) * plan.outW() + plan.column(tile)) * BLOCK;
      int at = START + r * TILE * BLOCK;
      if (bias.length == 0) {
        System.arraycopy(patch, at, y, to, columns * BLOCK);
      } else {
        for (int k = 0; k < columns * BLOCK; k += Lanes.COUNT) {
          Lanes.load(patch, at + k).add(Lanes.load(bias, k % BLOCK)).intoArray(y, to + k);
        }
      }
    }
  }

  /** Copies a square that extends over the map's edge, padded with zeros. */
  private void copyPadded(float[] x, int map, int height, int width, int top, int left, int side) {
    Arrays.fill(patch, START, START + side * side * BLOCK, 0);
    int from = Math.max(0, -left);
    int to = Math.min(side, width - left);
    for (int r = Math.max(0, -top); r < side && top + r < height && from < to; r++) {
      System.arraycopy(
          x, map + ((top + r) * width + left + from) * BLOCK, patch, START + (r * side + from) * BLOCK, (to - from) * BLOCK);
    }
  }
}
