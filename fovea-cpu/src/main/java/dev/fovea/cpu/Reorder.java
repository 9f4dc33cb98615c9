package dev.fovea.cpu;

import dev.fovea.tensor.Shape;

/** Kernels that carry a tensor from one layout to another; spare lanes become zero. */
final class Reorder {
  private static final int BLOCK = Layout.BLOCK;

  private Reorder() {}

  static Binder between(Layout from, Layout to, Shape shape) {
    int images = shape.dim(0);
    int size = shape.sizeFrom(1);
    int blocks = Layout.blocks(shape);
    return (in, out) -> {
      Place source = in.getFirst();
      if (to == Layout.LANES) {
        return Task.of(blocks, (m, a, b) -> toLanes(m, source, stride(from, shape), out, a, b, images, size));
      }
      if (from == Layout.LANES) {
        return Task.of(blocks, (m, a, b) -> fromLanes(m, source, out, stride(to, shape), a, b, images, size));
      }
      return Task.of(images, (m, a, b) -> rows(m, source, stride(from, shape), out, stride(to, shape), size, a, b));
    };
  }

  /** The floats from one image to the next, where images do not lie in lanes. */
  private static int stride(Layout layout, Shape shape) {
    return layout == Layout.ROWS ? Layout.rowStride(shape) : shape.sizeFrom(1);
  }

  private static void toLanes(Memory m, Place in, int stride, Place out, int from, int to, int images, int size) {
    float[] x = m.array(in.array());
    float[] y = m.array(out.array());
    for (int block = from; block < to; block++) {
      int valid = Math.min(BLOCK, images - block * BLOCK);
      int base = out.offset() + block * size * BLOCK;
      for (int lane = 0; lane < BLOCK; lane++) {
        int row = in.offset() + (block * BLOCK + lane) * stride;
        for (int i = 0; i < size; i++) {
          y[base + i * BLOCK + lane] = lane < valid ? x[row + i] : 0;
        }
      }
    }
  }

  private static void fromLanes(Memory m, Place in, Place out, int stride, int from, int to, int images, int size) {
    float[] x = m.array(in.array());
    float[] y = m.array(out.array());
    for (int block = from; block < to; block++) {
      int valid = Math.min(BLOCK, images - block * BLOCK);
      int base = in.offset() + block * size * BLOCK;
      for (int lane = 0; lane < valid; lane++) {
        int row = out.offset() + (block * BLOCK + lane) * stride;
        for (int i = 0; i < size; i++) {
          y[row + i] = x[base + i * BLOCK + lane];
        }
      }
    }
  }

  private static void rows(Memory m, Place in, int inStride, Place out, int outStride, int size, int from, int to) {
    for (int row = from; row < to; row++) {
      System.arraycopy(m.array(in.array()), in.offset() + row * inStride, m.array(out.array()), out.offset() + row * outStride,
          size);
    }
  }
}
