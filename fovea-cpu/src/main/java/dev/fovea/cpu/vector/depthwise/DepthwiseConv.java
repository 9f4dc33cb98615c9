package dev.fovea.cpu.vector.depthwise;

import static dev.fovea.cpu.vector.microkernel.Lanes.load;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.DirectConv;
import dev.fovea.cpu.kernel.EpilogueKernel;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.vector.microkernel.DepthwiseTile;
import dev.fovea.cpu.vector.microkernel.Lanes;
import dev.fovea.cpu.vector.packing.WindowSpan;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * Convolutions whose groups have one channel and one filter each, in NCHW16c: weights are multiplied with inputs lane by lane. A
 * unit is a block of channels of an image or, of the weight gradient, with one element of the window.
 */
public final class DepthwiseConv {
  private static final int BLOCK = Layout.BLOCK;

  private DepthwiseConv() {}

  public static boolean fits(DirectConv conv) {
    return conv.channels() == 1 && conv.filters() == 1;
  }

  private static int blocks(DirectConv conv) {
    return (conv.groups() + BLOCK - 1) / BLOCK;
  }

  public static long packedSize(DirectConv conv) {
    return (long) blocks(conv) * conv.area() * BLOCK;
  }

  /** Packs the weights in blocks of channels, element by element. */
  public static Kernel pack(DirectConv conv) {
    return (in, out) -> Task.of(
        blocks(conv),
        (m, from, to) -> {
          float[] w = m.array(in.getFirst().array());
          float[] packed = m.array(out.array());
          for (int i = from * conv.area() * BLOCK; i < to * conv.area() * BLOCK; i++) {
            int channel = i / BLOCK / conv.area() * BLOCK + i % BLOCK;
            int element = i / BLOCK % conv.area();
            packed[out.offset() + i] =
                channel < conv.groups() ? w[in.getFirst().offset() + channel * conv.weightStrides().group() + element] : 0;
          }
        });
  }

  /** Inputs: the images, the weights packed by {@link #pack}, and the bias if there is one. */
  public static EpilogueKernel conv(DirectConv conv, int images, boolean bias) {
    int size = conv.outH() * conv.outW() * BLOCK;
    DepthwiseTile.Table table = DepthwiseTile.table(conv);
    return (in, out, epilogue) -> Task.of(
        images * blocks(conv),
        (m, from, to) -> {
          DepthwiseTile tile =
              new DepthwiseTile(table, m.array(in.get(0).array()), m.array(in.get(1).array()), m.array(out.array()));
          for (int unit = from; unit < to; unit++) {
            int block = unit % blocks(conv);
            if (bias) {
              int biasAt = in.get(2).offset() + block * BLOCK;
              int count = Math.min(BLOCK, conv.groups() - block * BLOCK);
              System.arraycopy(m.array(in.get(2).array()), biasAt, tile.initial, 0, count);
            }
            int source = in.get(0).offset() + unit * conv.inH() * conv.inW() * BLOCK;
            int target = out.offset() + unit * size;
            tile.plane(source, in.get(1).offset() + block * conv.area() * BLOCK, target);
            epilogue.run(m, target, size);
          }
        });
  }

  public static Kernel weightGrad(Window window, Shape x, Shape dy) {
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

  private static void sum(Memory m, List<Address> in, Window window, Shape x, Shape dy, int unit, float[] sums) {
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
          int p = xAt + (rows.inputPosition(row) * x.dim(3) + columns.inputPosition(columns.from())) * BLOCK + lane;
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
