package dev.fovea.cpu.vector.plane;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/** Slices, concatenation, padding and cropping of maps in blocks of 16 lanes: contiguous ranges that are copied. */
public final class PlaneCopy {
  private static final int BLOCK = Layout.BLOCK;

  private PlaneCopy() {}

  /**
   * Whether channels {@code from} to {@code to} can be copied block by block: in NCHW16n always, in NCHW16c if they are whole
   * blocks.
   */
  public static boolean canSlice(Layout layout, Shape x, int from, int to) {
    return layout == Layout.NCHW16N || from % BLOCK == 0 && (to % BLOCK == 0 || to == x.dim(1));
  }

  /**
   * Whether the operands can be concatenated block by block: in NCHW16n always, in NCHW16c if all but the last fill their blocks.
   */
  public static boolean canConcat(Layout layout, List<Shape> in) {
    return layout == Layout.NCHW16N || in.subList(0, in.size() - 1).stream().allMatch(x -> x.dim(1) % BLOCK == 0);
  }

  /** The number of floats of {@code channels} channels of one image, or of one block of images. */
  private static int size(Layout layout, Shape x, int channels) {
    int planes = layout == Layout.NCHW16N ? channels : (channels + BLOCK - 1) / BLOCK;
    return planes * x.sizeFrom(2) * BLOCK;
  }

  private static int outer(Layout layout, Shape x) {
    return layout == Layout.NCHW16N ? Layout.imageBlocks(x) : x.dim(0);
  }

  /** A unit is one operand's part of an image, or of a block of images. */
  public static Kernel concat(Layout layout, List<Shape> in, Shape y) {
    int[] starts = new int[in.size() + 1];
    for (int k = 0; k < in.size(); k++) {
      starts[k + 1] = starts[k] + size(layout, y, in.get(k).dim(1));
    }
    return (operands, out) -> Task.of(
        outer(layout, y) * in.size(),
        (m, from, to) -> {
          for (int unit = from; unit < to; unit++) {
            int k = unit % in.size();
            int image = unit / in.size();
            int size = starts[k + 1] - starts[k];
            copy(m, operands.get(k), image * size, out, image * starts[in.size()] + starts[k], size);
          }
        });
  }

  /** Copies the channels from {@code from} on. A unit is an image, or a block of images. */
  public static Kernel channels(Layout layout, Shape x, Shape y, int from) {
    int step = size(layout, x, x.dim(1));
    int size = size(layout, y, y.dim(1));
    int start = size(layout, x, from);
    return (in, out) -> Task.of(
        outer(layout, y),
        (m, first, last) -> {
          for (int image = first; image < last; image++) {
            copy(m, in.getFirst(), image * step + start, out, image * size, size);
          }
        });
  }

  /**
   * Copies the window of each plane of x that begins at {@code top}, {@code left}; outside of x it is zero. A unit is a plane.
   * Serves NCHW too.
   */
  public static Kernel window(Layout layout, Shape x, Shape y, int top, int left) {
    int before = Math.clamp(-left, 0, y.dim(3));
    int after = Math.clamp(x.dim(3) - left, before, y.dim(3));
    int unit = layout == Layout.NCHW ? 1 : BLOCK;
    int rowFloats = y.dim(3) * unit;
    return (in, out) -> Task.of(
        layout == Layout.NCHW ? y.dim(0) * y.dim(1) : layout.planes(y),
        (m, from, to) -> {
          float[] target = m.array(out.array());
          for (int row = from * y.dim(2); row < to * y.dim(2); row++) {
            int at = out.offset() + row * rowFloats;
            int source = row % y.dim(2) + top;
            if (source < 0 || source >= x.dim(2)) {
              Arrays.fill(target, at, at + rowFloats, 0);
              continue;
            }
            Arrays.fill(target, at, at + before * unit, 0);
            int first = ((row / y.dim(2) * x.dim(2) + source) * x.dim(3) + left + before) * unit;
            copy(m, in.getFirst(), first, out, row * rowFloats + before * unit, (after - before) * unit);
            Arrays.fill(target, at + after * unit, at + rowFloats, 0);
          }
        });
  }

  private static void copy(Memory m, Address from, int at, Address to, int target, int size) {
    System.arraycopy(m.array(from.array()), from.offset() + at, m.array(to.array()), to.offset() + target, size);
  }
}
