package dev.fovea.cpu.vector.plane;

import static dev.fovea.cpu.vector.microkernel.Lanes.broadcast;
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

/** Resizing of planes in blocks of sixteen lanes, and its adjoint. A unit is one plane. */
public record PlaneResize(int planes, ResizeAxis rows, ResizeAxis columns) {
  private static final int BLOCK = Layout.BLOCK;

  public static PlaneResize of(Layout layout, Op.Interpolation interpolation, Shape x, Shape y) {
    return new PlaneResize(
        layout.planes(x), ResizeAxis.of(interpolation, x.dim(2), y.dim(2)), ResizeAxis.of(interpolation, x.dim(3), y.dim(3)));
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

  private void row(float[] x, int above, int below, float weight, float[] y, int at) {
    for (int column = 0; column < columns.size(); column++) {
      int left = columns.first()[column] * BLOCK;
      int right = columns.second()[column] * BLOCK;
      float columnWeight = columns.weight()[column];
      for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
        FloatVector upper =
            load(x, above + right + lane).fma(broadcast(columnWeight), load(x, above + left + lane).mul(1 - columnWeight));
        FloatVector lower =
            load(x, below + right + lane).fma(broadcast(columnWeight), load(x, below + left + lane).mul(1 - columnWeight));
        lower.fma(broadcast(weight), upper.mul(1 - weight)).intoArray(y, at + column * BLOCK + lane);
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
            scatter(
                m.array(in.getFirst().array()),
                in.getFirst().offset() + row * columns.size() * BLOCK,
                rows.weight()[position],
                dx,
                out.offset() + (plane + rows.first()[position]) * columns.in() * BLOCK,
                out.offset() + (plane + rows.second()[position]) * columns.in() * BLOCK);
          }
        });
  }

  private void scatter(float[] dy, int at, float weight, float[] dx, int above, int below) {
    for (int column = 0; column < columns.size(); column++) {
      int left = columns.first()[column] * BLOCK;
      int right = columns.second()[column] * BLOCK;
      float columnWeight = columns.weight()[column];
      for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
        FloatVector gradient = load(dy, at + column * BLOCK + lane);
        FloatVector lower = gradient.mul(weight);
        scatterPair(gradient.sub(lower), columnWeight, dx, above + left + lane, above + right + lane);
        scatterPair(lower, columnWeight, dx, below + left + lane, below + right + lane);
      }
    }
  }

  private static void scatterPair(FloatVector gradient, float columnWeight, float[] dx, int left, int right) {
    FloatVector second = gradient.mul(columnWeight);
    load(dx, left).add(gradient.sub(second)).intoArray(dx, left);
    load(dx, right).add(second).intoArray(dx, right);
  }
}
