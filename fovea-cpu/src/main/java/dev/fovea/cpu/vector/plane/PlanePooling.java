package dev.fovea.cpu.vector.plane;

import static dev.fovea.cpu.vector.microkernel.Lanes.broadcast;
import static dev.fovea.cpu.vector.microkernel.Lanes.load;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Axis;
import dev.fovea.cpu.kernel.EpilogueKernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.PoolGeometry;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.vector.microkernel.Lanes;
import dev.fovea.graph.Op;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Pooling and its adjoints on planes of sixteen lanes, images or channels. A unit is one plane. */
public final class PlanePooling {
  private static final int BLOCK = Layout.BLOCK;

  private PlanePooling() {}

  /**
   * What the positions along one axis read, in floats: the offset of the first read of each, the number of reads, and their
   * stride.
   */
  private record AxisReads(int[] offsets, int[] counts, int step) {
    static AxisReads of(Axis axis, int unit) {
      return new AxisReads(Arrays.stream(axis.firstReads()).map(at -> at * unit).toArray(), axis.tapCounts(),
          axis.readStride() * unit);
    }

    int positions() {
      return offsets.length;
    }
  }

  /**
   * What the positions of a plane of blocks read, in tables for the loops.
   *
   * @param cached the offsets of a position's reads from its first one, by the number of rows and of columns that it reads; for
   *     windows of up to {@value #MAX_CACHED} positions, which most are
   */
  private record Plan(int inSize, int outSize, AxisReads rows, AxisReads columns, int[][][] cached) {
    private static final int MAX_CACHED = 1024;

    static Plan of(PoolGeometry g) {
      AxisReads rows = AxisReads.of(g.rows(), g.inW() * BLOCK);
      AxisReads columns = AxisReads.of(g.columns(), BLOCK);
      int[] widths = Arrays.stream(columns.counts).distinct().toArray();
      int[][][] cached = new int[Arrays.stream(rows.counts).max().orElse(0) + 1][0][];
      Arrays.stream(rows.counts).distinct().filter(height -> height <= MAX_CACHED).forEach(height -> {
        int maxWidth = MAX_CACHED / Math.max(1, height);
        int widest = Arrays.stream(widths).filter(width -> width <= maxWidth).max().orElse(-1);
        cached[height] = new int[widest + 1][];
        Arrays.stream(widths).filter(width -> width <= maxWidth).forEach(
            width -> cached[height][width] = offsets(rows, columns, height, width));
      });
      return new Plan(g.inH() * g.inW() * BLOCK, g.outH() * g.outW() * BLOCK, rows, columns, cached);
    }

    /** The offsets of the reads of a position that reads {@code height} rows and {@code width} columns. */
    int[] offsets(int height, int width) {
      int[][] ofHeight = cached[height];
      return width < ofHeight.length ? ofHeight[width] : offsets(rows, columns, height, width);
    }

    private static int[] offsets(AxisReads rows, AxisReads columns, int height, int width) {
      int[] offsets = new int[height * width];
      for (int i = 0; i < offsets.length; i++) {
        offsets[i] = i / width * rows.step + i % width * columns.step;
      }
      return offsets;
    }
  }

  /** The loops over one plane. */
  @FunctionalInterface
  private interface PlaneLoop {
    void run(Memory m, List<Address> in, Address out, int plane);
  }

  /** A kernel that computes plane by plane, with the epilogue after each. */
  private static EpilogueKernel planewise(int planes, int size, PlaneLoop loop) {
    return (in, out, epilogue) -> Task.of(planes, (m, from, to) -> {
      for (int plane = from; plane < to; plane++) {
        loop.run(m, in, out, plane);
        epilogue.run(m, out.offset() + plane * size, size);
      }
    });
  }

  public static EpilogueKernel max(Window window, Shape x, Shape y, Layout layout) {
    return max(PoolGeometry.forward(window, x, y), layout.planes(x));
  }

  public static EpilogueKernel max(PoolGeometry g, int planes) {
    Plan plan = Plan.of(g);
    return planewise(planes, plan.outSize, (m, in, out, plane) -> max(
        plan, m.array(in.getFirst().array()), in.getFirst().offset() + plane * plan.inSize, m.array(out.array()),
        out.offset() + plane * plan.outSize));
  }

  private static void max(Plan plan, float[] x, int source, float[] y, int to) {
    AxisReads rows = plan.rows;
    AxisReads columns = plan.columns;
    for (int row = 0; row < rows.positions(); row++) {
      for (int column = 0; column < columns.positions(); column++, to += BLOCK) {
        int from = source + rows.offsets[row] + columns.offsets[column];
        int[] offsets = plan.offsets(rows.counts[row], columns.counts[column]);
        for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
          FloatVector best = broadcast(Float.NEGATIVE_INFINITY);
          for (int offset : offsets) {
            best = best.max(load(x, from + lane + offset));
          }
          best.intoArray(y, to + lane);
        }
      }
    }
  }

  public static EpilogueKernel average(Op.AveragePool op, Shape x, Shape y, Layout layout) {
    float[] scales = PoolGeometry.scales(op.window(), op.countPadding(), x, y);
    return average(PoolGeometry.forward(op.window(), x, y), layout.planes(x), scales);
  }

  public static EpilogueKernel average(PoolGeometry g, int planes, float[] scales) {
    Plan plan = Plan.of(g);
    return planewise(planes, plan.outSize, (m, in, out, plane) -> average(
        plan, scales, m.array(in.getFirst().array()), in.getFirst().offset() + plane * plan.inSize, m.array(out.array()),
        out.offset() + plane * plan.outSize));
  }

  private static void average(Plan plan, float[] scales, float[] x, int source, float[] y, int to) {
    AxisReads rows = plan.rows;
    AxisReads columns = plan.columns;
    for (int row = 0, position = 0; row < rows.positions(); row++) {
      for (int column = 0; column < columns.positions(); column++, position++, to += BLOCK) {
        int from = source + rows.offsets[row] + columns.offsets[column];
        int[] offsets = plan.offsets(rows.counts[row], columns.counts[column]);
        for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
          FloatVector sum = broadcast(0);
          for (int offset : offsets) {
            sum = sum.add(load(x, from + lane + offset));
          }
          sum.mul(scales[position]).intoArray(y, to + lane);
        }
      }
    }
  }

  public static EpilogueKernel averageGrad(Op.AveragePoolGrad op, Shape x, Shape dy, Layout layout) {
    float[] scales = PoolGeometry.scales(op.window(), op.countPadding(), x, dy);
    return averageGrad(PoolGeometry.backward(op.window(), x, dy), layout.planes(x), scales);
  }

  public static EpilogueKernel averageGrad(PoolGeometry g, int planes, float[] scales) {
    Plan plan = Plan.of(g);
    return planewise(planes, plan.outSize, (m, in, out, plane) -> averageGrad(
        plan, scales, m.array(in.getFirst().array()), in.getFirst().offset() + plane * plan.inSize, m.array(out.array()),
        out.offset() + plane * plan.outSize));
  }

  private static void averageGrad(Plan plan, float[] scales, float[] dy, int source, float[] dx, int to) {
    AxisReads rows = plan.rows;
    AxisReads columns = plan.columns;
    for (int row = 0; row < rows.positions(); row++) {
      for (int column = 0; column < columns.positions(); column++, to += BLOCK) {
        int from = rows.offsets[row] + columns.offsets[column];
        int[] offsets = plan.offsets(rows.counts[row], columns.counts[column]);
        for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
          FloatVector sum = broadcast(0);
          for (int offset : offsets) {
            sum = load(dy, source + from + offset + lane).fma(broadcast(scales[(from + offset) / BLOCK]), sum);
          }
          sum.intoArray(dx, to + lane);
        }
      }
    }
  }

  /** Inputs: x, and a gradient for each window, which is added at the window's maximum. */
  public static EpilogueKernel unpool(Window window, Shape x, Shape dy, Layout layout) {
    return unpool(PoolGeometry.forward(window, x, dy), layout.planes(x));
  }

  public static EpilogueKernel unpool(PoolGeometry g, int planes) {
    Plan plan = Plan.of(g);
    return planewise(planes, plan.inSize, (m, in, out, plane) -> unpool(
        plan, m.array(in.get(0).array()), in.get(0).offset() + plane * plan.inSize, m.array(in.get(1).array()),
        in.get(1).offset() + plane * plan.outSize, m.array(out.array()), out.offset() + plane * plan.inSize));
  }

  private static void unpool(Plan plan, float[] x, int source, float[] dy, int gradient, float[] dx, int target) {
    AxisReads rows = plan.rows;
    AxisReads columns = plan.columns;
    Arrays.fill(dx, target, target + plan.inSize, 0);
    for (int row = 0; row < rows.positions(); row++) {
      for (int column = 0; column < columns.positions(); column++, gradient += BLOCK) {
        int from = source + rows.offsets[row] + columns.offsets[column];
        int[] offsets = plan.offsets(rows.counts[row], columns.counts[column]);
        for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
          scatterToMax(x, from + lane, dx, target - source, offsets, load(dy, gradient + lane));
        }
      }
    }
  }

  /** Adds the gradient at the first of the largest elements. */
  private static void scatterToMax(float[] x, int from, float[] dx, int shift, int[] offsets, FloatVector gradient) {
    FloatVector best = load(x, from);
    for (int offset : offsets) {
      FloatVector other = load(x, from + offset);
      best = best.blend(other, other.compare(VectorOperators.GT, best));
    }
    VectorMask<Float> remaining = Lanes.SPECIES.maskAll(true);
    // NaN is not equal to itself: if the first element is NaN it is the maximum, since no other compares as larger
    VectorMask<Float> unordered = best.test(VectorOperators.IS_NAN);
    for (int offset : offsets) {
      int at = from + offset;
      VectorMask<Float> wins = load(x, at).compare(VectorOperators.EQ, best).or(unordered).and(remaining);
      remaining = remaining.andNot(wins);
      load(dx, at + shift).add(broadcast(0).blend(gradient, wins)).intoArray(dx, at + shift);
    }
  }
}
