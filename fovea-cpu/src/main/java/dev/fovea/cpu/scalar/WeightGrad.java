package dev.fovea.cpu.scalar;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.PartialSums;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * The weight gradient of a convolution: for each weight the sum over images and positions of input times gradient, in
 * {@link PartialSums sixteen partial sums}. A unit is one weight.
 */
record WeightGrad(Window window, int groups, Shape x, Shape dy) {

  Kernel kernel() {
    int units = dy.dim(1) * (x.dim(1) / groups) * window.kernelH() * window.kernelW();
    return (in, out) -> Task.of(units, (m, from, to) -> run(m, in, out, from, to));
  }

  private void run(Memory m, List<Address> in, Address out, int from, int to) {
    float[] a = m.array(in.get(0).array());
    float[] b = m.array(in.get(1).array());
    float[] dw = m.array(out.array());
    float[] partial = new float[Layout.BLOCK];
    int area = window.kernelH() * window.kernelW();
    int perGroup = x.dim(1) / groups;
    for (int unit = from; unit < to; unit++) {
      int filter = unit / area / perGroup;
      int channel = filter / (dy.dim(1) / groups) * perGroup + unit / area % perGroup;
      Arrays.fill(partial, 0);
      for (int n = 0; n < x.dim(0); n++) {
        int xPlane = in.get(0).offset() + (n * x.dim(1) + channel) * x.dim(2) * x.dim(3);
        int yPlane = in.get(1).offset() + (n * dy.dim(1) + filter) * dy.dim(2) * dy.dim(3);
        int lane = n % Layout.BLOCK;
        partial[lane] = plane(partial[lane], a, xPlane, b, yPlane, unit % area);
      }
      dw[out.offset() + unit] = PartialSums.tree(partial, 0);
    }
  }

  private float plane(float start, float[] a, int xPlane, float[] b, int yPlane, int element) {
    float sum = start;
    for (int row = 0; row < dy.dim(2); row++) {
      int h = window.rowOf(row) + element / window.kernelW() * window.dilationH();
      if (h < 0 || h >= x.dim(2)) {
        continue;
      }
      for (int column = 0; column < dy.dim(3); column++) {
        int v = window.columnOf(column) + element % window.kernelW() * window.dilationW();
        if (v >= 0 && v < x.dim(3)) {
          sum = Math.fma(a[xPlane + h * x.dim(3) + v], b[yPlane + row * dy.dim(3) + column], sum);
        }
      }
    }
    return sum;
  }
}
