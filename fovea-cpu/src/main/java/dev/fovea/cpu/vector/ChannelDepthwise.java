package dev.fovea.cpu.vector;

import static dev.fovea.cpu.vector.Lanes.load;

import dev.fovea.cpu.Binder;
import dev.fovea.cpu.Carrier;
import dev.fovea.cpu.Gather;
import dev.fovea.cpu.Layout;
import dev.fovea.cpu.Memory;
import dev.fovea.cpu.Place;
import dev.fovea.cpu.Task;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * Convolutions whose groups have one channel and one filter each, with channels in the lanes: weights, inputs and sums of a block of
 * channels meet lane by lane. A unit is a block of channels of an image, or of a weight's gradient.
 */
final class ChannelDepthwise {
  private static final int BLOCK = Layout.BLOCK;

  private ChannelDepthwise() {}

  static boolean fits(Gather gather) {
    return gather.channels() == 1 && gather.filters() == 1;
  }

  private static int blocks(Gather gather) {
    return (gather.groups() + BLOCK - 1) / BLOCK;
  }

  static long packedSize(Gather gather) {
    return (long) blocks(gather) * gather.area() * BLOCK;
  }

  /** Brings the weights into blocks of channels, element by element. */
  static Binder pack(Gather gather) {
    return (in, out) -> Task.of(
        blocks(gather),
        (m, from, to) -> {
          float[] w = m.array(in.getFirst().array());
          float[] packed = m.array(out.array());
          for (int i = from * gather.area() * BLOCK; i < to * gather.area() * BLOCK; i++) {
            int channel = i / BLOCK / gather.area() * BLOCK + i % BLOCK;
            int element = i / BLOCK % gather.area();
            packed[out.offset() + i] =
                channel < gather.groups() ? w[in.getFirst().offset() + channel * gather.weights().group() + element] : 0;
          }
        });
  }

  /** Inputs: the images, the weights as {@link #pack} leaves them, and the bias if there is one. */
  static Carrier gather(Gather gather, int images, boolean bias) {
    Gather.Taps[][] tables = gather.tables(BLOCK, _ -> 0);
    int size = gather.outH() * gather.outW() * BLOCK;
    return (in, out, tail) -> Task.of(
        images * blocks(gather),
        (m, from, to) -> {
          float[] start = new float[BLOCK];
          for (int unit = from; unit < to; unit++) {
            int first = unit % blocks(gather) * BLOCK;
            if (bias) {
              int biasAt = in.get(2).offset() + first;
              System.arraycopy(m.array(in.get(2).array()), biasAt, start, 0, Math.min(BLOCK, gather.groups() - first));
            }
            plane(m, in, out, gather, tables, start, unit);
            tail.run(m, out.offset() + unit * size, size);
          }
        });
  }

  private static void plane(Memory m, List<Place> in, Place out, Gather g, Gather.Taps[][] tables, float[] start, int unit) {
    float[] x = m.array(in.get(0).array());
    float[] w = m.array(in.get(1).array());
    float[] y = m.array(out.array());
    int source = in.get(0).offset() + unit * g.inH() * g.inW() * BLOCK;
    int weight = in.get(1).offset() + unit % blocks(g) * g.area() * BLOCK;
    int to = out.offset() + unit * g.outH() * g.outW() * BLOCK;
    for (int row = 0; row < g.outH(); row++) {
      Gather.Taps[] classes = tables[g.rows().classOf(row)];
      for (int column = 0; column < g.outW(); column++, to += BLOCK) {
        Gather.Taps taps = classes[g.columns().classOf(column)];
        int[] distances = taps.distances();
        int[] numbers = taps.numbers();
        int base = source + (g.rows().base(row) * g.inW() + g.columns().base(column)) * BLOCK;
        for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
          FloatVector sum = load(start, lane);
          for (int k = 0; k < distances.length; k++) {
            sum = load(x, base + distances[k] + lane).fma(load(w, weight + numbers[k] * BLOCK + lane), sum);
          }
          sum.intoArray(y, to + lane);
        }
      }
    }
  }

  static Binder weightGrad(Window window, Shape x, Shape dy) {
    int area = window.kernelH() * window.kernelW();
    return (in, out) -> Task.of(
        Layout.channelBlocks(x) * area,
        (m, from, to) -> {
          float[] sums = new float[BLOCK * BLOCK];
          float[] dw = m.array(out.array());
          for (int unit = from; unit < to; unit++) {
            int first = unit / area * BLOCK;
            Arrays.fill(sums, 0);
            sum(m, in, window, x, dy, unit, sums);
            Lanes.tree(sums, 0, BLOCK, BLOCK);
            for (int lane = 0; lane < Math.min(BLOCK, x.dim(1) - first); lane++) {
              dw[out.offset() + (first + lane) * area + unit % area] = sums[lane];
            }
          }
        });
  }

  private static void sum(Memory m, List<Place> in, Window window, Shape x, Shape dy, int unit, float[] sums) {
    float[] a = m.array(in.get(0).array());
    float[] b = m.array(in.get(1).array());
    int area = window.kernelH() * window.kernelW();
    int element = unit % area;
    WindowSpan rows = WindowSpan.rows(window, element / window.kernelW(), x, dy);
    WindowSpan columns = WindowSpan.columns(window, element % window.kernelW(), x, dy);
    for (int image = 0; image < x.dim(0); image++) {
      int plane = image * Layout.channelBlocks(x) + unit / area;
      int xAt = in.get(0).offset() + plane * x.sizeFrom(2) * BLOCK;
      int dyAt = in.get(1).offset() + plane * dy.sizeFrom(2) * BLOCK;
      for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
        int slot = image % BLOCK * BLOCK + lane;
        FloatVector sum = load(sums, slot);
        for (int row = rows.from(); row < rows.to(); row++) {
          int p = xAt + (rows.at(row) * x.dim(3) + columns.at(columns.from())) * BLOCK + lane;
          int q = dyAt + (row * dy.dim(3) + columns.from()) * BLOCK + lane;
          int step = window.strideW() * BLOCK;
          for (int column = columns.from(); column < columns.to(); column++, p += step, q += BLOCK) {
            sum = load(a, p).fma(load(b, q), sum);
          }
        }
        sum.intoArray(sums, slot);
      }
    }
  }
}
