package dev.fovea.cpu.kernel;

import dev.fovea.tensor.Shape;

/** Maps an element of a tensor to its element of a smaller tensor that broadcasts onto it; axes are aligned at the last one. */
public final class Broadcast {
  private final int[] sizes;
  private final int[] strides;
  private final int runLength;

  public Broadcast(Shape from, Shape to) {
    sizes = new int[to.rank()];
    strides = new int[to.rank()];
    int stride = 1;
    int same = 1;
    for (int t = to.rank() - 1, f = from.rank() - 1; t >= 0; t--, f--) {
      sizes[t] = from.dim(f);
      strides[t] = to.dim(t) == 1 ? 0 : stride;
      same *= stride == 1 && to.dim(t) == 1 ? sizes[t] : 1;
      stride *= to.dim(t);
    }
    for (int f = from.rank() - to.rank() - 1; f >= 0 && stride == 1; f--) {
      same *= from.dim(f);
    }
    runLength = Math.max(1, same);
  }

  /** Consecutive elements, from each multiple of this length on, that map to the same element. */
  public int runLength() {
    return runLength;
  }

  /** The index in the smaller tensor for an index in the larger one. */
  public int indexOf(int index) {
    int rest = index;
    int at = 0;
    for (int axis = sizes.length - 1; axis >= 0; axis--) {
      at += rest % sizes[axis] * strides[axis];
      rest /= sizes[axis];
    }
    return at;
  }
}
