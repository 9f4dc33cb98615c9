package dev.fovea.cpu.scalar;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.DirectConv;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import java.util.Arrays;
import java.util.List;

/** Convolution, its transpose and the matrix product: {@link DirectConv}, one element at a time. A unit is one map of one image. */
final class DirectConvKernel {
  private final DirectConv conv;
  private final int images;
  private final int[][][] offsets;
  private final int[][][] weights;

  DirectConvKernel(DirectConv conv, int images) {
    this.conv = conv;
    this.images = images;
    DirectConv.Taps[][] tables = conv.tables(1);
    offsets = new int[tables.length][][];
    weights = new int[tables.length][][];
    for (int r = 0; r < tables.length; r++) {
      offsets[r] = new int[tables[r].length][];
      weights[r] = new int[tables[r].length][];
      for (int c = 0; c < tables[r].length; c++) {
        offsets[r][c] = tables[r][c].offsets();
        weights[r][c] = Arrays.stream(tables[r][c].indices()).map(t -> conv.weightAt(0, t)).toArray();
      }
    }
  }

  Kernel kernel(boolean bias) {
    int maps = conv.groups() * conv.filters();
    return (in, out) -> Task.of(images * maps, (m, from, to) -> run(m, in, out, bias, from, to));
  }

  private void run(Memory m, List<Address> in, Address out, boolean bias, int from, int to) {
    float[] x = m.array(in.get(0).array());
    float[] w = m.array(in.get(1).array());
    float[] y = m.array(out.array());
    int maps = conv.groups() * conv.filters();
    for (int unit = from; unit < to; unit++) {
      int map = unit % maps;
      int group = map / conv.filters();
      int filter = map % conv.filters();
      int weight = in.get(1).offset() + group * conv.weightStrides().group() + conv.weightAt(filter, 0);
      float start = bias ? m.array(in.get(2).array())[in.get(2).offset() + map] : 0;
      int image = in.get(0).offset() + unit / maps * conv.inSize() + group * conv.channels() * conv.inH() * conv.inW();
      int position = out.offset() + unit * conv.outH() * conv.outW();
      for (int row = 0; row < conv.outH(); row++) {
        int rowClass = conv.rows().classOf(row);
        int rowBase = image + conv.rows().base(row) * conv.inW();
        for (int column = 0; column < conv.outW(); column++) {
          int columnClass = conv.columns().classOf(column);
          y[position++] =
              sum(
                  start,
                  x,
                  rowBase + conv.columns().base(column),
                  offsets[rowClass][columnClass],
                  w,
                  weight,
                  weights[rowClass][columnClass]);
        }
      }
    }
  }

  private static float sum(float start, float[] x, int base, int[] offsets, float[] w, int weight, int[] weights) {
    float sum = start;
    for (int k = 0; k < offsets.length; k++) {
      sum = Math.fma(x[base + offsets[k]], w[weight + weights[k]], sum);
    }
    return sum;
  }
}
