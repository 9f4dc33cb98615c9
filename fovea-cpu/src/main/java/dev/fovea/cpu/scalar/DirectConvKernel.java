package dev.fovea.cpu.scalar;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.DirectConv;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import java.util.Arrays;
import java.util.List;

/** Convolution, its transpose and the matrix product: {@link DirectConv}, number by number. A unit is one map of one image. */
final class DirectConvKernel {
  private final DirectConv gather;
  private final int images;
  private final int[][][] distances;
  private final int[][][] weights;

  DirectConvKernel(DirectConv gather, int images) {
    this.gather = gather;
    this.images = images;
    DirectConv.Taps[][] tables = gather.tables(1);
    distances = new int[tables.length][][];
    weights = new int[tables.length][][];
    for (int r = 0; r < tables.length; r++) {
      distances[r] = new int[tables[r].length][];
      weights[r] = new int[tables[r].length][];
      for (int c = 0; c < tables[r].length; c++) {
        distances[r][c] = tables[r][c].distances();
        weights[r][c] = Arrays.stream(tables[r][c].numbers()).map(t -> gather.weightAt(0, t)).toArray();
      }
    }
  }

  Kernel binder(boolean bias) {
    int maps = gather.groups() * gather.filters();
    return (in, out) -> Task.of(images * maps, (m, from, to) -> run(m, in, out, bias, from, to));
  }

  private void run(Memory m, List<Address> in, Address out, boolean bias, int from, int to) {
    float[] x = m.array(in.get(0).array());
    float[] w = m.array(in.get(1).array());
    float[] y = m.array(out.array());
    int maps = gather.groups() * gather.filters();
    for (int unit = from; unit < to; unit++) {
      int map = unit % maps;
      int group = map / gather.filters();
      int filter = map % gather.filters();
      int weight = in.get(1).offset() + group * gather.weights().group() + gather.weightAt(filter, 0);
      float start = bias ? m.array(in.get(2).array())[in.get(2).offset() + map] : 0;
      int image = in.get(0).offset() + unit / maps * gather.inSize() + group * gather.channels() * gather.inH() * gather.inW();
      int place = out.offset() + unit * gather.outH() * gather.outW();
      for (int row = 0; row < gather.outH(); row++) {
        int rowClass = gather.rows().classOf(row);
        int rowBase = image + gather.rows().base(row) * gather.inW();
        for (int column = 0; column < gather.outW(); column++) {
          int columnClass = gather.columns().classOf(column);
          y[place++] =
              sum(
                  start,
                  x,
                  rowBase + gather.columns().base(column),
                  distances[rowClass][columnClass],
                  w,
                  weight,
                  weights[rowClass][columnClass]);
        }
      }
    }
  }

  private static float sum(float start, float[] x, int base, int[] distances, float[] w, int weight, int[] weights) {
    float sum = start;
    for (int k = 0; k < distances.length; k++) {
      sum = Math.fma(x[base + distances[k]], w[weight + weights[k]], sum);
    }
    return sum;
  }
}
