package dev.fovea.cpu.vector.plane;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * Channels of one or several tensors in any order, in NCHW16n or NCHW16c: shuffles, and slices and concatenations that do not begin
 * at a block. A unit is a plane of the result.
 */
public final class ChannelGather {
  private static final int BLOCK = Layout.BLOCK;

  private static final int MAX_CHANNELS = 1 << 16;

  /** Positions that are copied for all lanes before the next ones, so that cache lines fetched for one lane serve the others. */
  private static final int RUN = 256;

  private final Layout layout;
  private final int inner;
  private final int channels;

  /** For each channel of the result the operand and its channel. */
  private final int[] operands;

  private final int[] sources;

  /** The planes of an image, or of a block of images, of each operand. */
  private final int[] planes;

  private ChannelGather(Layout layout, List<Shape> in, Shape y) {
    this.layout = layout;
    inner = y.sizeFrom(2);
    channels = y.dim(1);
    operands = new int[channels];
    sources = new int[channels];
    planes = in.stream().mapToInt(x -> layout == Layout.NCHW16N ? x.dim(1) : Layout.channelBlocks(x)).toArray();
  }

  /** Whether the table of the result's channels is short. */
  public static boolean isApplicable(Shape y) {
    return y.dim(1) <= MAX_CHANNELS;
  }

  public static Kernel of(Layout layout, Shape x, Shape y, List<Integer> indices) {
    ChannelGather gather = new ChannelGather(layout, List.of(x), y);
    Arrays.setAll(gather.sources, indices::get);
    return gather.kernel(y);
  }

  /** The channels from {@code from} on. */
  public static Kernel slice(Layout layout, Shape x, Shape y, int from) {
    ChannelGather gather = new ChannelGather(layout, List.of(x), y);
    Arrays.setAll(gather.sources, c -> from + c);
    return gather.kernel(y);
  }

  public static Kernel concat(Layout layout, List<Shape> in, Shape y) {
    ChannelGather gather = new ChannelGather(layout, in, y);
    int at = 0;
    for (int k = 0; k < in.size(); k++) {
      for (int c = 0; c < in.get(k).dim(1); c++, at++) {
        gather.operands[at] = k;
        gather.sources[at] = c;
      }
    }
    return gather.kernel(y);
  }

  private Kernel kernel(Shape y) {
    int perImage = layout == Layout.NCHW16N ? channels : Layout.channelBlocks(y);
    return (in, out) -> Task.of(
        layout.planes(y),
        (m, from, to) -> {
          for (int unit = from; unit < to; unit++) {
            int target = out.offset() + unit * inner * BLOCK;
            if (layout == Layout.NCHW16N) {
              plane(m, in, unit / perImage, unit % perImage, m.array(out.array()), target);
            } else {
              block(m, in, unit / perImage, unit % perImage, m.array(out.array()), target);
            }
          }
        });
  }

  private void plane(Memory m, List<Address> in, int image, int channel, float[] y, int to) {
    Address operand = in.get(operands[channel]);
    int plane = image * planes[operands[channel]] + sources[channel];
    System.arraycopy(m.array(operand.array()), operand.offset() + plane * inner * BLOCK, y, to, inner * BLOCK);
  }

  private void block(Memory m, List<Address> in, int image, int block, float[] y, int to) {
    for (int first = 0; first < inner; first += RUN) {
      int count = Math.min(RUN, inner - first);
      for (int lane = 0; lane < BLOCK; lane++) {
        int channel = block * BLOCK + lane;
        int at = to + first * BLOCK + lane;
        if (channel < channels) {
          Address operand = in.get(operands[channel]);
          int plane = image * planes[operands[channel]] + sources[channel] / BLOCK;
          int from = operand.offset() + (plane * inner + first) * BLOCK + sources[channel] % BLOCK;
          copy(m.array(operand.array()), from, y, at, count);
        } else {
          fill(y, at, count);
        }
      }
    }
  }

  private static void copy(float[] x, int at, float[] y, int to, int count) {
    for (int i = 0; i < count; i++) {
      y[to + i * BLOCK] = x[at + i * BLOCK];
    }
  }

  private static void fill(float[] y, int to, int count) {
    for (int i = 0; i < count; i++) {
      y[to + i * BLOCK] = 0;
    }
  }
}
