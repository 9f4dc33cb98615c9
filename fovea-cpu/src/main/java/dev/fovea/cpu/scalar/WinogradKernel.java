package dev.fovea.cpu.scalar;

import static dev.fovea.cpu.kernel.Winograd.PATCH;
import static dev.fovea.cpu.kernel.Winograd.POINTS;
import static dev.fovea.cpu.kernel.Winograd.TILE;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.kernel.Winograd;
import java.util.List;

/** {@link Winograd}, one element at a time: the convolution, the transform of its weights, and its weight gradient. */
record WinogradKernel(Winograd plan, int images, boolean bias) {
  /** Filters whose gradients are summed in one pass over the tiles. */
  private static final int FILTER_BLOCK = 16;

  /** The floats of the transformed weights, {@code [36][filters][channels]}. */
  long packedSize() {
    return (long) POINTS * plan.filters() * plan.channels();
  }

  /** Transforms the weights; a unit is one filter. */
  Kernel pack() {
    int points = plan.filters() * plan.channels();
    return (in, out) -> Task.of(
        plan.filters(),
        (m, from, to) -> {
          float[] w = m.array(in.getFirst().array());
          float[] u = m.array(out.array());
          float[] window = new float[Winograd.AREA];
          float[] half = new float[PATCH * 3];
          for (int filter = from; filter < to; filter++) {
            for (int channel = 0; channel < plan.channels(); channel++) {
              for (int e = 0; e < window.length; e++) {
                window[e] = w[in.getFirst().offset() + plan.weightAt(filter, channel, e)];
              }
              for (int c = 0; c < 3; c++) {
                WinogradMath.weights(window, c, 3, half, c, 3);
              }
              int to0 = out.offset() + filter * plan.channels() + channel;
              for (int r = 0; r < PATCH; r++) {
                WinogradMath.weights(half, r * 3, 1, u, to0 + r * PATCH * points, points);
              }
            }
          }
        });
  }

  /** The convolution; inputs: images, transformed weights, and the bias if there is one. A unit is one tile of one image. */
  Kernel forward() {
    return (in, out) -> Task.of(images * plan.tiles(), (m, from, to) -> forward(m, in, out, from, to));
  }

  private void forward(Memory m, List<Address> in, Address out, int from, int to) {
    float[] x = m.array(in.get(0).array());
    float[] u = m.array(in.get(1).array());
    float[] y = m.array(out.array());
    int channels = plan.channels();
    Patches patches = new Patches(x, in.get(0).offset());
    float[] products = new float[POINTS];
    float[] half = new float[PATCH * TILE];
    float[] tile = new float[TILE * TILE];
    for (int unit = from; unit < to; unit++) {
      patches.read(unit);
      for (int filter = 0; filter < plan.filters(); filter++) {
        for (int p = 0; p < POINTS; p++) {
          float sum = 0;
          int at = in.get(1).offset() + (p * plan.filters() + filter) * channels;
          for (int c = 0; c < channels; c++) {
            sum = Math.fma(patches.points[p * channels + c], u[at + c], sum);
          }
          products[p] = sum;
        }
        for (int c = 0; c < PATCH; c++) {
          WinogradMath.outputs(products, c, PATCH, half, c, PATCH);
        }
        for (int r = 0; r < TILE; r++) {
          WinogradMath.outputs(half, r * PATCH, 1, tile, r * TILE, 1);
        }
        float start = bias ? m.array(in.get(2).array())[in.get(2).offset() + filter] : 0;
        write(tile, start, y, out.offset() + (unit / plan.tiles() * plan.filters() + filter) * plan.outH() * plan.outW(), unit);
      }
    }
  }

  private void write(float[] tile, float start, float[] y, int map, int unit) {
    int row = plan.row(unit % plan.tiles());
    int column = plan.column(unit % plan.tiles());
    for (int r = 0; r < TILE && row + r < plan.outH(); r++) {
      for (int c = 0; c < TILE && column + c < plan.outW(); c++) {
        float value = tile[r * TILE + c];
        y[map + (row + r) * plan.outW() + column + c] = bias ? value + start : value;
      }
    }
  }

  /** The weight gradient, from images and the outputs' gradients. A unit is a block of filters with all channels. */
  Kernel weightGrad() {
    return (in, out) -> Task.of(Math.ceilDiv(plan.filters(), FILTER_BLOCK), (m, from, to) -> {
      for (int unit = from; unit < to; unit++) {
        weightGrad(m, in, out, unit * FILTER_BLOCK, Math.min(plan.filters(), (unit + 1) * FILTER_BLOCK));
      }
    });
  }

  private void weightGrad(Memory m, List<Address> in, Address out, int first, int end) {
    int channels = plan.channels();
    Patches patches = new Patches(m.array(in.get(0).array()), in.get(0).offset());
    float[] dy = m.array(in.get(1).array());
    float[] tile = new float[TILE * TILE];
    float[] half = new float[PATCH * TILE];
    float[] gradient = new float[POINTS];
    float[] sums = new float[(end - first) * POINTS * channels];
    for (int unit = 0; unit < images * plan.tiles(); unit++) {
      patches.read(unit);
      for (int filter = first; filter < end; filter++) {
        read(dy, in.get(1).offset() + (unit / plan.tiles() * plan.filters() + filter) * plan.outH() * plan.outW(), unit, tile);
        for (int c = 0; c < TILE; c++) {
          WinogradMath.gradients(tile, c, TILE, half, c, TILE);
        }
        for (int r = 0; r < PATCH; r++) {
          WinogradMath.gradients(half, r * TILE, 1, gradient, r * PATCH, 1);
        }
        for (int p = 0; p < POINTS; p++) {
          int at = ((filter - first) * POINTS + p) * channels;
          for (int c = 0; c < channels; c++) {
            sums[at + c] = Math.fma(patches.points[p * channels + c], gradient[p], sums[at + c]);
          }
        }
      }
    }
    float[] dw = m.array(out.array());
    float[] columns = new float[3 * PATCH];
    for (int filter = first; filter < end; filter++) {
      for (int c = 0; c < channels; c++) {
        int at = (filter - first) * POINTS * channels + c;
        for (int k = 0; k < PATCH; k++) {
          WinogradMath.window(sums, at + k * channels, PATCH * channels, columns, k, PATCH);
        }
        for (int r = 0; r < 3; r++) {
          WinogradMath.window(columns, r * PATCH, 1, dw, out.offset() + plan.weightAt(filter, c, r * 3), 1);
        }
      }
    }
  }

  private void read(float[] dy, int map, int unit, float[] tile) {
    int row = plan.row(unit % plan.tiles());
    int column = plan.column(unit % plan.tiles());
    for (int r = 0; r < TILE; r++) {
      for (int c = 0; c < TILE; c++) {
        boolean inside = row + r < plan.outH() && column + c < plan.outW();
        tile[r * TILE + c] = inside ? dy[map + (row + r) * plan.outW() + column + c] : 0;
      }
    }
  }

  /** Reads the patches of a tile for all channels and transforms them to {@code points[36][channels]}. */
  private final class Patches {
    private final float[] x;
    private final int xAt;
    private final float[] patch = new float[POINTS];
    private final float[] half = new float[POINTS];
    final float[] points = new float[POINTS * plan.channels()];

    Patches(float[] x, int xAt) {
      this.x = x;
      this.xAt = xAt;
    }

    void read(int unit) {
      int top = plan.row(unit % plan.tiles()) - plan.top();
      int left = plan.column(unit % plan.tiles()) - plan.left();
      int channels = plan.channels();
      for (int channel = 0; channel < channels; channel++) {
        int map = xAt + (unit / plan.tiles() * channels + channel) * plan.inH() * plan.inW();
        for (int r = 0; r < PATCH; r++) {
          for (int c = 0; c < PATCH; c++) {
            boolean inside = top + r >= 0 && top + r < plan.inH() && left + c >= 0 && left + c < plan.inW();
            patch[r * PATCH + c] = inside ? x[map + (top + r) * plan.inW() + left + c] : 0;
          }
        }
        for (int c = 0; c < PATCH; c++) {
          WinogradMath.inputs(patch, c, PATCH, half, c, PATCH);
        }
        for (int r = 0; r < PATCH; r++) {
          WinogradMath.inputs(half, r * PATCH, 1, points, r * PATCH * channels + channel, channels);
        }
      }
    }
  }
}
