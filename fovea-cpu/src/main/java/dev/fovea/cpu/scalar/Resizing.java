package dev.fovea.cpu.scalar;

import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.ResizeAxis;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.graph.Op;
import dev.fovea.tensor.Shape;
import java.util.Arrays;

/** Interpolation to another size and its adjoint. A unit is one plane. */
record Resizing(int planes, ResizeAxis rows, ResizeAxis columns) {

  static Resizing of(Op.Interpolation how, Shape x, Shape y) {
    return new Resizing(
        x.dim(0) * x.dim(1), ResizeAxis.of(how, x.dim(2), y.dim(2)), ResizeAxis.of(how, x.dim(3), y.dim(3)));
  }

  Kernel forward() {
    return (in, out) -> Task.of(
        planes,
        (m, from, to) -> {
          float[] x = m.array(in.getFirst().array());
          float[] y = m.array(out.array());
          for (int row = from * rows.size(); row < to * rows.size(); row++) {
            int plane = in.getFirst().offset() + row / rows.size() * rows.in() * columns.in();
            int position = row % rows.size();
            int above = plane + rows.first()[position] * columns.in();
            int below = plane + rows.second()[position] * columns.in();
            int target = out.offset() + row * columns.size();
            for (int column = 0; column < columns.size(); column++) {
              float right = columns.weight()[column];
              float upper = lerp(x[above + columns.first()[column]], x[above + columns.second()[column]], right);
              float lower = lerp(x[below + columns.first()[column]], x[below + columns.second()[column]], right);
              y[target + column] = lerp(upper, lower, rows.weight()[position]);
            }
          }
        });
  }

  private static float lerp(float a, float b, float weight) {
    return Math.fma(weight, b, (1 - weight) * a);
  }

  Kernel grad() {
    return (in, out) -> Task.of(
        planes,
        (m, from, to) -> {
          float[] dy = m.array(in.getFirst().array());
          float[] dx = m.array(out.array());
          int size = rows.in() * columns.in();
          Arrays.fill(dx, out.offset() + from * size, out.offset() + to * size, 0);
          for (int row = from * rows.size(); row < to * rows.size(); row++) {
            int plane = out.offset() + row / rows.size() * size;
            int position = row % rows.size();
            for (int column = 0; column < columns.size(); column++) {
              float gradient = dy[in.getFirst().offset() + row * columns.size() + column];
              float below = gradient * rows.weight()[position];
              scatter(dx, plane + rows.first()[position] * columns.in(), column, gradient - below);
              scatter(dx, plane + rows.second()[position] * columns.in(), column, below);
            }
          }
        });
  }

  private void scatter(float[] dx, int row, int column, float gradient) {
    float right = gradient * columns.weight()[column];
    dx[row + columns.first()[column]] += gradient - right;
    dx[row + columns.second()[column]] += right;
  }
}
