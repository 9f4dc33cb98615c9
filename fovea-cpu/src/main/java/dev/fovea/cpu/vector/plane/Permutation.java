package dev.fovea.cpu.vector.plane;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.vector.microkernel.Lanes;
import dev.fovea.cpu.vector.packing.Transpose;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Transposition of tensors in NCHW, and between maps in NCHW16c and channels-last order, where a block of channels is contiguous in
 * both.
 */
public final class Permutation {
  private static final int BLOCK = Layout.BLOCK;

  /** The sizes of the result's axes, after axes that stay neighbours are joined, with their strides in x and in y. */
  private final int[] sizes;

  private final int[] from;
  private final int[] to;

  /** The axis that is contiguous in x. */
  private final int source;

  private Permutation(Shape x, List<Integer> perm) {
    List<int[]> axes = new ArrayList<>();
    for (int axis : perm) {
      int stride = x.sizeFrom(axis + 1);
      int[] last = axes.isEmpty() ? new int[] {1, -1} : axes.getLast();
      if (last[1] == stride * x.dim(axis)) {
        last[0] *= x.dim(axis);
        last[1] = stride;
      } else if (x.dim(axis) > 1) {
        axes.add(new int[] {x.dim(axis), stride});
      }
    }
    sizes = axes.stream().mapToInt(axis -> axis[0]).toArray();
    from = axes.stream().mapToInt(axis -> axis[1]).toArray();
    to = new int[sizes.length];
    int stride = 1;
    for (int axis = sizes.length - 1; axis >= 0; axis--) {
      to[axis] = stride;
      stride *= sizes[axis];
    }
    source = IntStream.range(0, from.length).filter(axis -> from[axis] == 1).findFirst().orElse(0);
  }

  /** Both tensors are in NCHW. */
  public static Kernel of(Shape x, List<Integer> perm) {
    Permutation p = new Permutation(x, perm);
    int last = p.sizes.length - 1;
    if (last < 0 || p.source == last) {
      int run = last < 0 ? 1 : p.sizes[last];
      int[] outer = IntStream.range(0, Math.max(0, last)).toArray();
      return (in, out) -> Task.of(
          x.size() / run,
          (m, first, end) -> {
            for (int unit = first; unit < end; unit++) {
              int at = p.index(unit, outer, p.from);
              System.arraycopy(m.array(in.getFirst().array()), in.getFirst().offset() + at, m.array(out.array()),
                  out.offset() + unit * run, run);
            }
          });
    }
    int[] outer = IntStream.range(0, last).filter(axis -> axis != p.source).toArray();
    int strips = Math.ceilDiv(p.sizes[p.source], BLOCK);
    return (in, out) -> Task.of(
        x.size() / p.sizes[last] / p.sizes[p.source] * strips,
        (m, first, end) -> {
          Transpose transpose = new Transpose();
          for (int unit = first; unit < end; unit++) {
            p.strip(m, in.getFirst(), out, unit / strips, unit % strips * BLOCK, outer, transpose);
          }
        });
  }

  /** The offset of that index of some axes, counted with the last one fastest. */
  private int index(int index, int[] axes, int[] strides) {
    int rest = index;
    int at = 0;
    for (int i = axes.length - 1; i >= 0; i--) {
      at += rest % sizes[axes[i]] * strides[axes[i]];
      rest /= sizes[axes[i]];
    }
    return at;
  }

  /** Transposes a strip of up to 16 elements that are contiguous in x, at all positions of the axis that is contiguous in y. */
  private void strip(Memory m, Address in, Address out, int index, int begin, int[] outer, Transpose transpose) {
    float[] x = m.array(in.array());
    float[] y = m.array(out.array());
    int last = sizes.length - 1;
    int stride = from[last];
    int step = to[source];
    int width = Math.min(BLOCK, sizes[source] - begin);
    int xAt = in.offset() + index(index, outer, from) + begin;
    int yAt = out.offset() + index(index, outer, to) + begin * step;
    int squares = width == BLOCK ? sizes[last] / Lanes.COUNT * Lanes.COUNT : 0;
    for (int row = 0; row < squares; row += Lanes.COUNT) {
      for (int column = 0; column < BLOCK; column += Lanes.COUNT) {
        transpose.square(x, xAt + row * stride + column, stride, y, yAt + column * step + row, step);
      }
    }
    for (int row = squares; row < sizes[last]; row++) {
      for (int column = 0; column < width; column++) {
        y[yAt + column * step + row] = x[xAt + row * stride + column];
      }
    }
  }

  /** Whether the channels, axis 1, become the last axis, and the others keep their order. */
  public static boolean isChannelsLast(List<Integer> perm) {
    return perm.size() > 2 && perm.getLast() == 1 && perm.getFirst() == 0
        && IntStream.range(1, perm.size() - 1).allMatch(axis -> perm.get(axis) == axis + 1);
  }

  /** The inverse of that. */
  public static boolean isChannelsFirst(List<Integer> perm) {
    return perm.size() > 2 && perm.getFirst() == 0 && perm.get(1) == perm.size() - 1
        && IntStream.range(2, perm.size()).allMatch(axis -> perm.get(axis) == axis - 1);
  }

  /** From NCHW16c to channels last in NCHW. A unit is a position of an image. */
  public static Kernel toChannelsLast(Shape maps) {
    return channels(maps, true);
  }

  /** From channels last in NCHW to NCHW16c. A unit is a position of an image. */
  public static Kernel fromChannelsLast(Shape maps) {
    return channels(maps, false);
  }

  private static Kernel channels(Shape maps, boolean toRows) {
    int channels = maps.dim(1);
    int inner = maps.sizeFrom(2);
    int blocks = Layout.channelBlocks(maps);
    return (in, out) -> Task.of(
        maps.dim(0) * inner,
        (m, from, to) -> {
          float[] x = m.array(in.getFirst().array());
          float[] y = m.array(out.array());
          for (int unit = from; unit < to; unit++) {
            int row = (toRows ? out : in.getFirst()).offset() + unit * channels;
            int map = (toRows ? in.getFirst() : out).offset() + (unit / inner * blocks * inner + unit % inner) * BLOCK;
            for (int block = 0; block < blocks; block++) {
              int count = Math.min(BLOCK, channels - block * BLOCK);
              int at = map + block * inner * BLOCK;
              if (toRows) {
                System.arraycopy(x, at, y, row + block * BLOCK, count);
              } else {
                System.arraycopy(x, row + block * BLOCK, y, at, count);
                Arrays.fill(y, at + count, at + BLOCK, 0);
              }
            }
          }
        });
  }
}
