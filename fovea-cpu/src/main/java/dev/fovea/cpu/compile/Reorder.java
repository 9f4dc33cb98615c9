package dev.fovea.cpu.compile;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.tensor.Shape;

/**
 * Copies a tensor from one layout to another; padding lanes become zero. A unit is one block: 16 images of one channel, or 16
 * channels of one image. Maps of one pixel are plain rows in both NCHW and NCHW16c.
 */
final class Reorder {
  private static final int BLOCK = Layout.BLOCK;

  /**
   * Positions that are copied for all lanes before the next ones, so that cache lines fetched for one lane still serve the others.
   */
  private static final int RUN = 256;

  private static final float[] ZERO = {0};

  private final Layout from;
  private final Layout to;
  private final int images;
  private final int channels;
  private final int inner;
  private final boolean rows;
  private final boolean overImages;

  private Reorder(Layout from, Layout to, Shape shape) {
    this.from = from;
    this.to = to;
    images = shape.dim(0);
    boolean blocked = from == Layout.NCHW16C || to == Layout.NCHW16C;
    rows = blocked && shape.sizeFrom(2) == 1;
    channels = blocked && !rows ? shape.dim(1) : 1;
    inner = shape.sizeFrom(blocked && !rows ? 2 : 1);
    overImages = from == Layout.NCHW16N || to == Layout.NCHW16N;
  }

  static Kernel between(Layout from, Layout to, Shape shape) {
    Reorder reorder = new Reorder(from, to, shape);
    int copiedChannels = to == Layout.NCHW16C && !reorder.rows ? reorder.channelBlocks() * BLOCK : reorder.channels;
    int units = reorder.overImages ? Layout.imageBlocks(shape) * copiedChannels : reorder.images * reorder.channelBlocks();
    return (in, out) -> Task.of(
        units,
        (m, first, end) -> {
          for (int unit = first; unit < end; unit++) {
            reorder.unit(m, in.getFirst(), out, unit, copiedChannels);
          }
        });
  }

  private int channelBlocks() {
    return (channels + BLOCK - 1) / BLOCK;
  }

  private void unit(Memory m, Address in, Address out, int unit, int copiedChannels) {
    float[] x = m.array(in.array());
    float[] y = m.array(out.array());
    // the rows of maps of one pixel count as a single channel
    int lanes = rows && !overImages ? 1 : BLOCK;
    for (int first = 0; first < inner; first += RUN) {
      int count = Math.min(RUN, inner - first);
      for (int lane = 0; lane < lanes; lane++) {
        int image = overImages ? unit / copiedChannels * BLOCK + lane : unit / channelBlocks();
        int channel = overImages ? unit % copiedChannels : unit % channelBlocks() * BLOCK + lane;
        int target = out.offset() + at(to, image, channel, first);
        if (image < images && channel < channels) {
          copy(x, in.offset() + at(from, image, channel, first), stride(from), y, target, stride(to), count);
        } else if (image < images ? to == Layout.NCHW16C && !rows : to == Layout.NCHW16N) {
          copy(ZERO, 0, 0, y, target, stride(to), count);
        }
      }
    }
  }

  /** A loop for each pair of strides: as constants they let the compiler eliminate bounds checks, which take half the time. */
  private static void copy(float[] x, int at, int stride, float[] y, int to, int toStride, int count) {
    if (stride == 1 && toStride == BLOCK) {
      for (int i = 0; i < count; i++) {
        y[to + i * BLOCK] = x[at + i];
      }
    } else if (stride == BLOCK && toStride == 1) {
      for (int i = 0; i < count; i++) {
        y[to + i] = x[at + i * BLOCK];
      }
    } else {
      for (int i = 0; i < count; i++) {
        y[to + i * toStride] = x[at + i * stride];
      }
    }
  }

  private int at(Layout layout, int image, int channel, int position) {
    return switch (layout) {
      case NCHW -> (image * channels + channel) * inner + position;
      case NCHW16N -> ((image / BLOCK * channels + channel) * inner + position) * BLOCK + image % BLOCK;
      case NCHW16C -> rows
          ? image * ((inner + BLOCK - 1) / BLOCK * BLOCK) + position
          : ((image * channelBlocks() + channel / BLOCK) * inner + position) * BLOCK + channel % BLOCK;
    };
  }

  private int stride(Layout layout) {
    return layout == Layout.NCHW || (layout == Layout.NCHW16C && rows) ? 1 : BLOCK;
  }
}
