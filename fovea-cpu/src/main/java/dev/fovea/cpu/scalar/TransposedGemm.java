package dev.fovea.cpu.scalar;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.graph.Op;
import dev.fovea.tensor.Shape;
import java.util.List;

/** The matrix product with a transposed first operand: the weight gradient of a fully connected layer. A unit is a row. */
final class TransposedGemm {
  private TransposedGemm() {}

  static Kernel kernel(Op.Gemm op, Shape a, Shape b, Shape out) {
    return (in, y) -> Task.of(out.dim(0), (m, from, to) -> run(m, in, y, op, a, b, out, from, to));
  }

  private static void run(Memory m, List<Address> in, Address out, Op.Gemm op, Shape a, Shape b, Shape shape, int from, int to) {
    float[] x = m.array(in.get(0).array());
    float[] w = m.array(in.get(1).array());
    float[] y = m.array(out.array());
    int inner = a.dim(0);
    int columns = shape.dim(1);
    for (int row = from; row < to; row++) {
      for (int column = 0; column < columns; column++) {
        float sum = in.size() == 3 ? m.array(in.get(2).array())[in.get(2).offset() + column] : 0;
        for (int k = 0; k < inner; k++) {
          int other = op.transB() ? column * b.dim(1) + k : k * b.dim(1) + column;
          sum = Math.fma(w[in.get(1).offset() + other], x[in.get(0).offset() + k * a.dim(1) + row], sum);
        }
        y[out.offset() + row * columns + column] = sum;
      }
    }
  }
}
