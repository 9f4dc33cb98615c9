package dev.fovea.cpu.kernel;

import dev.fovea.tensor.Shape;

/** Where an element of a tensor finds its partner in a smaller one that broadcasts onto it: axes aligned at the last. */
public final class Broadcast {
  private final int[] sizes;
  private final int[] strides;
  private final int run;

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
    run = Math.max(1, same);
  }

  /** How many elements that follow one another, from each multiple of this number on, have the same partner. */
  public int run() {
    return run;
  }

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
