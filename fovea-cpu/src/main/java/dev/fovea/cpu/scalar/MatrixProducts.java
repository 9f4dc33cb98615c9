package dev.fovea.cpu.scalar;

import dev.fovea.cpu.kernel.Broadcast;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.tensor.Shape;
import java.util.Arrays;

/** Products of the matrices that two tensors hold, whose other axes broadcast mutually. A unit is one row of the result. */
final class MatrixProducts {
  private MatrixProducts() {}

  static Kernel of(Shape a, Shape b, Shape y) {
    int rows = y.dim(y.rank() - 2);
    int columns = y.dim(y.rank() - 1);
    int inner = a.dim(a.rank() - 1);
    Broadcast first = new Broadcast(leading(y), leading(a));
    Broadcast second = new Broadcast(leading(y), leading(b));
    return (in, out) -> Task.of(
        y.size() / columns,
        (m, from, to) -> {
          float[] x = m.array(in.get(0).array());
          float[] w = m.array(in.get(1).array());
          float[] sums = m.array(out.array());
          for (int row = from; row < to; row++) {
            int matrix = row / rows;
            int xAt = in.get(0).offset() + (first.indexOf(matrix) * rows + row % rows) * inner;
            int wAt = in.get(1).offset() + second.indexOf(matrix) * inner * columns;
            int at = out.offset() + row * columns;
            Arrays.fill(sums, at, at + columns, 0);
            for (int k = 0; k < inner; k++) {
              addRow(x[xAt + k], w, wAt + k * columns, sums, at, columns);
            }
          }
        });
  }

  private static void addRow(float factor, float[] w, int wAt, float[] sums, int at, int columns) {
    for (int i = 0; i < columns; i++) {
      sums[at + i] = Math.fma(factor, w[wAt + i], sums[at + i]);
    }
  }

  private static Shape leading(Shape x) {
    return new Shape(x.dims().subList(0, x.rank() - 2));
  }
}
