package dev.fovea.cpu.vector.nchw16n;

import static dev.fovea.cpu.vector.microkernel.Lanes.broadcast;
import static dev.fovea.cpu.vector.microkernel.Lanes.load;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Broadcast;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.PartialSums;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.vector.microkernel.Lanes;
import dev.fovea.graph.Op;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.List;

/**
 * Sum and product with a second operand that all images share, dropout, and sums over images, in NCHW16n. A unit is a block of
 * images.
 */
public final class Broadcast16n {
  private static final int BLOCK = Layout.BLOCK;

  private Broadcast16n() {}

  /** Whether the second operand is the same for every image. */
  public static boolean isShared(Shape x, Shape other) {
    return other.rank() < x.rank() || (other.rank() > 0 && other.dim(0) == 1);
  }

  public static Kernel add(Shape x, Shape other) {
    int[] operandIndex = operandIndices(x, other);
    return (in, out) -> Task.of(Layout.imageBlocks(x), (m, from, to) -> add(m, in, out, operandIndex, from, to));
  }

  private static void add(Memory m, List<Address> in, Address out, int[] operandIndex, int from, int to) {
    float[] a = m.array(in.get(0).array());
    float[] b = m.array(in.get(1).array());
    float[] y = m.array(out.array());
    for (int block = from; block < to; block++) {
      for (int r = 0; r < operandIndex.length; r++) {
        float value = b[in.get(1).offset() + operandIndex[r]];
        int at = (block * operandIndex.length + r) * BLOCK;
        for (int lane = at; lane < at + BLOCK; lane += Lanes.COUNT) {
          load(a, in.get(0).offset() + lane).add(value).intoArray(y, out.offset() + lane);
        }
      }
    }
  }

  public static Kernel mul(Shape x, Shape other) {
    int[] operandIndex = operandIndices(x, other);
    return (in, out) -> Task.of(Layout.imageBlocks(x), (m, from, to) -> mul(m, in, out, operandIndex, from, to));
  }

  private static void mul(Memory m, List<Address> in, Address out, int[] operandIndex, int from, int to) {
    float[] a = m.array(in.get(0).array());
    float[] b = m.array(in.get(1).array());
    float[] y = m.array(out.array());
    for (int block = from; block < to; block++) {
      for (int r = 0; r < operandIndex.length; r++) {
        float value = b[in.get(1).offset() + operandIndex[r]];
        int at = (block * operandIndex.length + r) * BLOCK;
        for (int lane = at; lane < at + BLOCK; lane += Lanes.COUNT) {
          load(a, in.get(0).offset() + lane).mul(value).intoArray(y, out.offset() + lane);
        }
      }
    }
  }

  /** For each element of an image the index of the element of the smaller operand that broadcasts onto it. */
  public static int[] operandIndices(Shape x, Shape other) {
    Broadcast map = new Broadcast(x, other);
    int[] operandIndex = new int[x.sizeFrom(1)];
    for (int i = 0; i < operandIndex.length; i++) {
      operandIndex[i] = map.indexOf(i);
    }
    return operandIndex;
  }

  public static Kernel dropout(Op.Dropout op, Shape shape) {
    int size = shape.sizeFrom(1);
    float scale = (float) (1 / (1 - (double) op.rate()));
    return (in, out) -> Task.of(
        Layout.imageBlocks(shape),
        (m, from, to) -> {
          Rng random = m.random().at(op.name());
          float[] mask = new float[BLOCK];
          float[] x = m.array(in.getFirst().array());
          float[] y = m.array(out.array());
          for (int block = from; block < to; block++) {
            for (int r = 0; r < size; r++) {
              for (int lane = 0; lane < BLOCK; lane++) {
                // the element's index in NCHW: the mask must not depend on the layout
                mask[lane] = random.uniform((long) (block * BLOCK + lane) * size + r) < op.rate() ? 0 : scale;
              }
              int at = (block * size + r) * BLOCK;
              for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
                load(x, in.getFirst().offset() + at + lane)
                    .mul(load(mask, lane))
                    .intoArray(y, out.offset() + at + lane);
              }
            }
          }
        });
  }

  /**
   * The sum over the images and over all axes that the result lacks. A unit is one element of the result.
   *
   * @param targets for each element of an image the index of the element of the result to which it is added
   * @param size the number of elements of the result
   */
  public static Kernel sumTo(Shape x, int[] targets, int size) {
    int perImage = targets.length;
    int[][] sources = new int[size][];
    int[] counts = new int[size];
    for (int t : targets) {
      counts[t]++;
    }
    for (int i = 0; i < size; i++) {
      sources[i] = new int[counts[i]];
    }
    for (int r = perImage - 1; r >= 0; r--) {
      sources[targets[r]][--counts[targets[r]]] = r;
    }
    return (in, out) -> Task.of(size, (m, from, to) -> sum(m, in.getFirst(), out, x, sources, from, to));
  }

  private static void sum(Memory m, Address in, Address out, Shape shape, int[][] sources, int from, int to) {
    float[] x = m.array(in.array());
    float[] y = m.array(out.array());
    float[] partial = new float[BLOCK];
    int images = shape.dim(0);
    int size = shape.sizeFrom(1);
    for (int unit = from; unit < to; unit++) {
      for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
        var sum = broadcast(0);
        for (int block = 0; block * BLOCK < images; block++) {
          int at = in.offset() + block * size * BLOCK + lane;
          var valid = Lanes.SPECIES.indexInRange(block * BLOCK + lane, images);
          for (int r : sources[unit]) {
            sum = sum.add(load(x, at + r * BLOCK), valid);
          }
        }
        sum.intoArray(partial, lane);
      }
      y[out.offset() + unit] = PartialSums.tree(partial, 0);
    }
  }
}
