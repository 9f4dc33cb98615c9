package dev.fovea.cpu.vector.nchw16c;

import static dev.fovea.cpu.vector.microkernel.Lanes.load;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Broadcast;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.vector.microkernel.Lanes;
import dev.fovea.graph.Op;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * Sum and product with one value per map, dropout, and sums over maps and images, in NCHW16c. A unit is a block of channels of one
 * image, or, of sums over images, of all.
 */
public final class Broadcast16c {
  private static final int BLOCK = Layout.BLOCK;

  private Broadcast16c() {}

  /** Whether the second operand has a single value for each map. */
  public static boolean isPerMap(Shape x, Shape other) {
    int ahead = x.rank() - other.rank();
    for (int axis = Math.max(2, ahead); axis < x.rank(); axis++) {
      if (other.dim(axis - ahead) != 1) {
        return false;
      }
    }
    return x.rank() > 1;
  }

  public static Kernel add(Shape x, Shape other) {
    BlockOperand operand = new BlockOperand(x, other);
    return (in, out) -> Task.of(Layout.NCHW16C.planes(x), (m, from, to) -> add(m, in, out, operand, from, to));
  }

  private static void add(Memory m, List<Address> in, Address out, BlockOperand operand, int from, int to) {
    float[] a = m.array(in.get(0).array());
    float[] y = m.array(out.array());
    float[] values = new float[BLOCK];
    int plane = operand.inner * BLOCK;
    for (int unit = from; unit < to; unit++) {
      operand.load(m.array(in.get(1).array()), in.get(1).offset(), unit, values);
      for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
        FloatVector value = load(values, lane);
        for (int at = unit * plane + lane; at < (unit + 1) * plane; at += BLOCK) {
          load(a, in.get(0).offset() + at).add(value).intoArray(y, out.offset() + at);
        }
      }
    }
  }

  public static Kernel mul(Shape x, Shape other) {
    BlockOperand operand = new BlockOperand(x, other);
    return (in, out) -> Task.of(Layout.NCHW16C.planes(x), (m, from, to) -> mul(m, in, out, operand, from, to));
  }

  private static void mul(Memory m, List<Address> in, Address out, BlockOperand operand, int from, int to) {
    float[] a = m.array(in.get(0).array());
    float[] y = m.array(out.array());
    float[] values = new float[BLOCK];
    int plane = operand.inner * BLOCK;
    for (int unit = from; unit < to; unit++) {
      operand.load(m.array(in.get(1).array()), in.get(1).offset(), unit, values);
      for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
        FloatVector value = load(values, lane);
        for (int at = unit * plane + lane; at < (unit + 1) * plane; at += BLOCK) {
          load(a, in.get(0).offset() + at).mul(value).intoArray(y, out.offset() + at);
        }
      }
    }
  }

  /** The values of the second operand, which is in NCHW, for a block of maps. */
  private static final class BlockOperand {
    final int channels;
    final int blocks;
    final int inner;
    final Broadcast map;

    BlockOperand(Shape x, Shape other) {
      channels = x.dim(1);
      blocks = Layout.channelBlocks(x);
      inner = x.sizeFrom(2);
      map = new Broadcast(x, other);
    }

    void load(float[] from, int offset, int unit, float[] values) {
      for (int lane = 0; lane < BLOCK; lane++) {
        int channel = unit % blocks * BLOCK + lane;
        values[lane] = channel < channels ? from[offset + map.indexOf((unit / blocks * channels + channel) * inner)] : 0;
      }
    }
  }

  public static Kernel dropout(Op.Dropout op, Shape shape) {
    int channels = shape.dim(1);
    int blocks = Layout.channelBlocks(shape);
    int inner = shape.sizeFrom(2);
    float scale = (float) (1 / (1 - (double) op.rate()));
    return (in, out) -> Task.of(
        shape.dim(0) * blocks,
        (m, from, to) -> {
          Rng random = m.random().at(op.name());
          float[] mask = new float[BLOCK];
          float[] x = m.array(in.getFirst().array());
          float[] y = m.array(out.array());
          for (int unit = from; unit < to; unit++) {
            int first = unit % blocks * BLOCK;
            for (int position = 0; position < inner; position++) {
              for (int lane = 0; lane < Math.min(BLOCK, channels - first); lane++) {
                long index = ((long) unit / blocks * channels + first + lane) * inner + position;
                mask[lane] = random.uniform(index) < op.rate() ? 0 : scale;
              }
              int at = (unit * inner + position) * BLOCK;
              for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
                load(x, in.getFirst().offset() + at + lane).mul(load(mask, lane)).intoArray(y, out.offset() + at + lane);
              }
            }
          }
        });
  }

  /** Sums {@code [N, C, ...]} to one value per channel. */
  public static Kernel sum(Shape x) {
    return (in, out) -> Task.of(Layout.channelBlocks(x), (m, from, to) -> sum(m, in.getFirst(), out, x, from, to));
  }

  private static void sum(Memory m, Address in, Address out, Shape shape, int from, int to) {
    float[] x = m.array(in.array());
    float[] y = m.array(out.array());
    float[] partial = new float[BLOCK * BLOCK];
    int plane = shape.sizeFrom(2) * BLOCK;
    for (int unit = from; unit < to; unit++) {
      Arrays.fill(partial, 0);
      for (int image = 0; image < shape.dim(0); image++) {
        int first = in.offset() + (image * Layout.channelBlocks(shape) + unit) * plane;
        for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
          int slot = image % BLOCK * BLOCK + lane;
          FloatVector sum = load(partial, slot);
          for (int at = first + lane; at < first + plane; at += BLOCK) {
            sum = sum.add(load(x, at));
          }
          sum.intoArray(partial, slot);
        }
      }
      Lanes.tree(partial, 0, BLOCK, BLOCK);
      int channels = Math.min(BLOCK, shape.dim(1) - unit * BLOCK);
      System.arraycopy(partial, 0, y, out.offset() + unit * BLOCK, channels);
    }
  }
}
