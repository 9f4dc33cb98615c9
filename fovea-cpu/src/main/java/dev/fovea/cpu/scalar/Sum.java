package dev.fovea.cpu.scalar;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Broadcast;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.PartialSums;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.tensor.Shape;

/** Sums over axes. A sum over images has sixteen partial sums, see {@link PartialSums}; any other sum has one. */
final class Sum {
  private Sum() {}

  /** The sum over every axis along which {@code to} broadcasts. */
  static Kernel to(Shape x, Shape to) {
    boolean overImages = x.rank() > to.rank() || (x.rank() > 0 && to.dim(0) == 1);
    Broadcast map = new Broadcast(x, to);
    return (in, out) -> Task.of(1, (m, _, _) -> add(m, in.getFirst(), out, x, to.size(), map::indexOf, overImages));
  }

  /** {@code [N, C, ...]} to {@code [C]}. */
  static Kernel channels(Shape x) {
    int inner = x.sizeFrom(2);
    int channels = x.dim(1);
    return (in, out) -> Task.of(1, (m, _, _) -> add(m, in.getFirst(), out, x, channels, i -> i / inner % channels, true));
  }

  private interface Target {
    int of(int index);
  }

  private static void add(Memory m, Address in, Address out, Shape shape, int size, Target target, boolean overImages) {
    float[] x = m.array(in.array());
    float[] y = m.array(out.array());
    int lanes = overImages ? Layout.BLOCK : 1;
    float[] partial = new float[size * Layout.BLOCK];
    int perImage = shape.rank() == 0 ? 1 : shape.sizeFrom(1);
    for (int i = 0; i < shape.size(); i++) {
      partial[target.of(i) * Layout.BLOCK + i / perImage % lanes] += x[in.offset() + i];
    }
    for (int i = 0; i < size; i++) {
      y[out.offset() + i] = overImages ? PartialSums.tree(partial, i * Layout.BLOCK) : partial[i * Layout.BLOCK];
    }
  }
}
