package dev.fovea.cpu.scalar;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Transposition, and gathering along an axis and its adjoints. */
final class Indexing {
  private Indexing() {}

  /** A unit is one row of the result's last axis. */
  static Kernel transpose(Shape x, Shape y, List<Integer> perm) {
    int rank = y.rank();
    int[] strides = new int[rank];
    Arrays.setAll(strides, axis -> x.sizeFrom(perm.get(axis) + 1));
    int columns = rank == 0 ? 1 : y.dim(rank - 1);
    int stride = rank == 0 ? 1 : strides[rank - 1];
    return (in, out) -> Task.of(
        y.size() / columns,
        (m, from, to) -> {
          float[] a = m.array(in.getFirst().array());
          float[] b = m.array(out.array());
          for (int row = from; row < to; row++) {
            int source = in.getFirst().offset();
            int rest = row;
            for (int axis = rank - 2; axis >= 0; axis--) {
              source += rest % y.dim(axis) * strides[axis];
              rest /= y.dim(axis);
            }
            int target = out.offset() + row * columns;
            for (int i = 0; i < columns; i++) {
              b[target + i] = a[source + i * stride];
            }
          }
        });
  }

  /** A unit is one slice of the result at one index of the outer axes. */
  static Kernel gather(Shape x, Shape y, int axis, List<Integer> indices) {
    int[] sources = indices.stream().mapToInt(Integer::intValue).toArray();
    int inner = y.sizeFrom(axis + 1);
    return (in, out) -> Task.of(
        y.size() / inner,
        (m, from, to) -> {
          float[] a = m.array(in.getFirst().array());
          float[] b = m.array(out.array());
          for (int unit = from; unit < to; unit++) {
            int source = unit / sources.length * x.dim(axis) + sources[unit % sources.length];
            System.arraycopy(a, in.getFirst().offset() + source * inner, b, out.offset() + unit * inner, inner);
          }
        });
  }

  /** Adds in the order of the indices. A unit is one slice of the result at one index of the outer axes. */
  static Kernel gatherGrad(Shape dy, Shape dx, int axis, List<Integer> indices) {
    int inner = dx.sizeFrom(axis + 1);
    int size = dx.dim(axis);
    List<List<Integer>> positions = Stream.generate(() -> (List<Integer>) new ArrayList<Integer>()).limit(size).toList();
    for (int k = 0; k < indices.size(); k++) {
      positions.get(indices.get(k)).add(k);
    }
    int[][] sources = positions.stream().map(of -> of.stream().mapToInt(Integer::intValue).toArray()).toArray(int[][]::new);
    return (in, out) -> Task.of(
        dx.size() / inner,
        (m, from, to) -> {
          float[] a = m.array(in.getFirst().array());
          float[] b = m.array(out.array());
          for (int unit = from; unit < to; unit++) {
            int target = out.offset() + unit * inner;
            Arrays.fill(b, target, target + inner, 0);
            for (int k : sources[unit % size]) {
              int source = in.getFirst().offset() + (unit / size * dy.dim(axis) + k) * inner;
              for (int i = 0; i < inner; i++) {
                b[target + i] += a[source + i];
              }
            }
          }
        });
  }

  /** An index outside x becomes the nearest inside. A unit is one index of the outer axes. */
  static Kernel gatherElements(Shape x, Shape y, int axis) {
    int inner = y.sizeFrom(axis + 1);
    return (in, out) -> Task.of(
        y.size() / y.sizeFrom(axis),
        (m, from, to) -> {
          float[] a = m.array(in.get(0).array());
          float[] b = m.array(out.array());
          for (int i = from * y.sizeFrom(axis); i < to * y.sizeFrom(axis); i++) {
            b[out.offset() + i] = a[in.get(0).offset() + element(m, in.get(1), i, y, x, axis, inner)];
          }
        });
  }

  /** Inputs indices and dy; adds in the order of dy's elements along the axis. A unit is one index of the outer axes. */
  static Kernel gatherElementsGrad(Shape dy, Shape dx, int axis) {
    int inner = dx.sizeFrom(axis + 1);
    return (in, out) -> Task.of(
        dx.size() / dx.sizeFrom(axis),
        (m, from, to) -> {
          float[] a = m.array(in.get(1).array());
          float[] b = m.array(out.array());
          Arrays.fill(b, out.offset() + from * dx.sizeFrom(axis), out.offset() + to * dx.sizeFrom(axis), 0);
          for (int i = from * dy.sizeFrom(axis); i < to * dy.sizeFrom(axis); i++) {
            b[out.offset() + element(m, in.get(0), i, dy, dx, axis, inner)] += a[in.get(1).offset() + i];
          }
        });
  }

  /** The index in x of the element that element i of y, at an index read from memory, belongs to. */
  private static int element(Memory m, Address indices, int i, Shape y, Shape x, int axis, int inner) {
    int index = (int) m.array(indices.array())[indices.offset() + i];
    int outer = i / inner / y.dim(axis);
    return (outer * x.dim(axis) + Math.clamp(index, 0, x.dim(axis) - 1)) * inner + i % inner;
  }
}
