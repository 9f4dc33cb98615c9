package dev.fovea.cpu.vector.plane;

import static dev.fovea.cpu.vector.microkernel.Lanes.all;
import static dev.fovea.cpu.vector.microkernel.Lanes.load;

import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.ResizeAxis;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.vector.microkernel.Lanes;
import dev.fovea.graph.Op;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/** Enlarging and shrinking on planes of sixteen lanes, and the adjoint. A unit is one plane. */
public record PlaneResize(int planes, ResizeAxis rows, ResizeAxis columns) {
  private static final int BLOCK = Layout.BLOCK;

  public static PlaneResize of(Layout layout, Op.Interpolation how, Shape x, Shape y) {
    return new PlaneResize(
        layout.planes(x), ResizeAxis.of(how, x.dim(2), y.dim(2)), ResizeAxis.of(how, x.dim(3), y.dim(3)));
  }

  public Kernel forward() {
    return (in, out) -> Task.of(
        planes,
        (m, from, to) -> {
          for (int row = from * rows.size(); row < to * rows.size(); row++) {
            int plane = row / rows.size() * rows.in();
            int position = row % rows.size();
            int source = in.getFirst().offset();
            row(
                m.array(in.getFirst().array()),
                source + (plane + rows.first()[position]) * columns.in() * BLOCK,
                source + (plane + rows.second()[position]) * columns.in() * BLOCK,
                rows.weight()[position],
                m.array(out.array()),
                out.offset() + row * columns.size() * BLOCK);
          }
        });
  }

  private void row(float[] x, int above, int below, float share, float[] y, int at) {
    for (int column = 0; column < columns.size(); column++) {
      int left = columns.first()[column] * BLOCK;
      int right = columns.second()[column] * BLOCK;
      float part = columns.weight()[column];
      for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
        FloatVector upper = load(x, above + right + lane).fma(all(part), load(x, above + left + lane).mul(1 - part));
        FloatVector lower = load(x, below + right + lane).fma(all(part), load(x, below + left + lane).mul(1 - part));
        lower.fma(all(share), upper.mul(1 - share)).intoArray(y, at + column * BLOCK + lane);
      }
    }
  }

  public Kernel grad() {
    return (in, out) -> Task.of(
        planes,
        (m, from, to) -> {
          float[] dx = m.array(out.array());
          int size = rows.in() * columns.in() * BLOCK;
          Arrays.fill(dx, out.offset() + from * size, out.offset() + to * size, 0);
          for (int row = from * rows.size(); row < to * rows.size(); row++) {
            int plane = row / rows.size() * rows.in();
            int position = row % rows.size();
            give(
                m.array(in.getFirst().array()),
                in.getFirst().offset() + row * columns.size() * BLOCK,
                rows.weight()[position],
                dx,
                out.offset() + (plane + rows.first()[position]) * columns.in() * BLOCK,
                out.offset() + (plane + rows.second()[position]) * columns.in() * BLOCK);
          }
        });
  }

  private void give(float[] dy, int at, float share, float[] dx, int above, int below) {
    for (int column = 0; column < columns.size(); column++) {
      int left = columns.first()[column] * BLOCK;
      int right = columns.second()[column] * BLOCK;
      float part = columns.weight()[column];
      for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
        FloatVector gradient = load(dy, at + column * BLOCK + lane);
        FloatVector lower = gradient.mul(share);
        spread(gradient.sub(lower), part, dx, above + left + lane, above + right + lane);
        spread(lower, part, dx, below + left + lane, below + right + lane);
      }
    }
  }

  private static void spread(FloatVector gradient, float part, float[] dx, int left, int right) {
    FloatVector second = gradient.mul(part);
    load(dx, left).add(gradient.sub(second)).intoArray(dx, left);
    load(dx, right).add(second).intoArray(dx, right);
  }
}
