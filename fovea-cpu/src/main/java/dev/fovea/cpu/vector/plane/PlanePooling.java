package dev.fovea.cpu.vector.plane;

import static dev.fovea.cpu.vector.microkernel.Lanes.all;
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

  /** Along one axis, in floats: where each place begins to read, how often it reads, and how far apart. */
  private record Reads(int[] firsts, int[] counts, int step) {
    static Reads of(Axis axis, int unit) {
      return new Reads(Arrays.stream(axis.firstReads()).map(at -> at * unit).toArray(), axis.tapCounts(),
          axis.readStride() * unit);
    }

    int positions() {
      return firsts.length;
    }
  }

  /**
   * What a plane of blocks reads, ready for loops.
   *
   * @param kept how far from its first read each read of a place lies, by the number of rows and of columns that it reads; of windows of
   *     up to {@value #KEPT} numbers, as most are
   */
  private record Plan(int inSize, int outSize, Reads rows, Reads columns, int[][][] kept) {
    private static final int KEPT = 1024;

    static Plan of(PoolGeometry g) {
      Reads rows = Reads.of(g.rows(), g.inW() * BLOCK);
      Reads columns = Reads.of(g.columns(), BLOCK);
      int[] widths = Arrays.stream(columns.counts).distinct().toArray();
      int[][][] kept = new int[Arrays.stream(rows.counts).max().orElse(0) + 1][0][];
      Arrays.stream(rows.counts).distinct().filter(height -> height <= KEPT).forEach(height -> {
        int most = KEPT / Math.max(1, height);
        int widest = Arrays.stream(widths).filter(width -> width <= most).max().orElse(-1);
        kept[height] = new int[widest + 1][];
        Arrays.stream(widths).filter(width -> width <= most).forEach(
            width -> kept[height][width] = distances(rows, columns, height, width));
      });
      return new Plan(g.inH() * g.inW() * BLOCK, g.outH() * g.outW() * BLOCK, rows, columns, kept);
    }

    /** Of a place that reads so many rows and columns. */
    int[] distances(int height, int width) {
      int[][] ofHeight = kept[height];
      return width < ofHeight.length ? ofHeight[width] : distances(rows, columns, height, width);
    }

    private static int[] distances(Reads rows, Reads columns, int height, int width) {
      int[] distances = new int[height * width];
      for (int i = 0; i < distances.length; i++) {
        distances[i] = i / width * rows.step + i % width * columns.step;
      }
      return distances;
    }
  }

  /** What is done to one plane. */
  @FunctionalInterface
  private interface Plane {
    void run(Memory m, List<Address> in, Address out, int plane);
  }

  /** A carrier that goes plane by plane, each written whole. */
  private static EpilogueKernel carrier(int planes, int size, Plane loop) {
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
    return carrier(planes, plan.outSize, (m, in, out, plane) -> max(
        plan, m.array(in.getFirst().array()), in.getFirst().offset() + plane * plan.inSize, m.array(out.array()),
        out.offset() + plane * plan.outSize));
  }

  private static void max(Plan plan, float[] x, int source, float[] y, int to) {
    Reads rows = plan.rows;
    Reads columns = plan.columns;
    for (int row = 0; row < rows.positions(); row++) {
      for (int column = 0; column < columns.positions(); column++, to += BLOCK) {
        int from = source + rows.firsts[row] + columns.firsts[column];
        int[] distances = plan.distances(rows.counts[row], columns.counts[column]);
        for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
          FloatVector best = all(Float.NEGATIVE_INFINITY);
          for (int distance : distances) {
            best = best.max(load(x, from + lane + distance));
          }
          best.intoArray(y, to + lane);
        }
      }
    }
  }

  public static EpilogueKernel average(Op.AveragePool op, Shape x, Shape y, Layout layout) {
    float[] shares = PoolGeometry.scales(op.window(), op.countPadding(), x, y);
    return average(PoolGeometry.forward(op.window(), x, y), layout.planes(x), shares);
  }

  public static EpilogueKernel average(PoolGeometry g, int planes, float[] shares) {
    Plan plan = Plan.of(g);
    return carrier(planes, plan.outSize, (m, in, out, plane) -> average(
        plan, shares, m.array(in.getFirst().array()), in.getFirst().offset() + plane * plan.inSize, m.array(out.array()),
        out.offset() + plane * plan.outSize));
  }

  private static void average(Plan plan, float[] shares, float[] x, int source, float[] y, int to) {
    Reads rows = plan.rows;
    Reads columns = plan.columns;
    for (int row = 0, position = 0; row < rows.positions(); row++) {
      for (int column = 0; column < columns.positions(); column++, position++, to += BLOCK) {
        int from = source + rows.firsts[row] + columns.firsts[column];
        int[] distances = plan.distances(rows.counts[row], columns.counts[column]);
        for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
          FloatVector sum = all(0);
          for (int distance : distances) {
            sum = sum.add(load(x, from + lane + distance));
          }
          sum.mul(shares[position]).intoArray(y, to + lane);
        }
      }
    }
  }

  public static EpilogueKernel averageGrad(Op.AveragePoolGrad op, Shape x, Shape dy, Layout layout) {
    float[] shares = PoolGeometry.scales(op.window(), op.countPadding(), x, dy);
    return averageGrad(PoolGeometry.backward(op.window(), x, dy), layout.planes(x), shares);
  }

  public static EpilogueKernel averageGrad(PoolGeometry g, int planes, float[] shares) {
    Plan plan = Plan.of(g);
    return carrier(planes, plan.outSize, (m, in, out, plane) -> averageGrad(
        plan, shares, m.array(in.getFirst().array()), in.getFirst().offset() + plane * plan.inSize, m.array(out.array()),
        out.offset() + plane * plan.outSize));
  }

  private static void averageGrad(Plan plan, float[] shares, float[] dy, int source, float[] dx, int to) {
    Reads rows = plan.rows;
    Reads columns = plan.columns;
    for (int row = 0; row < rows.positions(); row++) {
      for (int column = 0; column < columns.positions(); column++, to += BLOCK) {
        int from = rows.firsts[row] + columns.firsts[column];
        int[] distances = plan.distances(rows.counts[row], columns.counts[column]);
        for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
          FloatVector sum = all(0);
          for (int distance : distances) {
            sum = load(dy, source + from + distance + lane).fma(all(shares[(from + distance) / BLOCK]), sum);
          }
          sum.intoArray(dx, to + lane);
        }
      }
    }
  }

  /** Inputs x and a number for each window, which goes to the window's winner. */
  public static EpilogueKernel unpool(Window window, Shape x, Shape dy, Layout layout) {
    return unpool(PoolGeometry.forward(window, x, dy), layout.planes(x));
  }

  public static EpilogueKernel unpool(PoolGeometry g, int planes) {
    Plan plan = Plan.of(g);
    return carrier(planes, plan.inSize, (m, in, out, plane) -> unpool(
        plan, m.array(in.get(0).array()), in.get(0).offset() + plane * plan.inSize, m.array(in.get(1).array()),
        in.get(1).offset() + plane * plan.outSize, m.array(out.array()), out.offset() + plane * plan.inSize));
  }

  private static void unpool(Plan plan, float[] x, int source, float[] dy, int gradient, float[] dx, int target) {
    Reads rows = plan.rows;
    Reads columns = plan.columns;
    Arrays.fill(dx, target, target + plan.inSize, 0);
    for (int row = 0; row < rows.positions(); row++) {
      for (int column = 0; column < columns.positions(); column++, gradient += BLOCK) {
        int from = source + rows.firsts[row] + columns.firsts[column];
        int[] distances = plan.distances(rows.counts[row], columns.counts[column]);
        for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
          give(x, from + lane, dx, target - source, distances, load(dy, gradient + lane));
        }
      }
    }
  }

  /** The first of the largest receives the gradient. */
  private static void give(float[] x, int from, float[] dx, int moved, int[] distances, FloatVector gradient) {
    FloatVector best = load(x, from);
    for (int distance : distances) {
      FloatVector other = load(x, from + distance);
      best = best.blend(other, other.compare(VectorOperators.GT, best));
    }
    VectorMask<Float> open = Lanes.SPECIES.maskAll(true);
    // NaN equals nothing: it is the largest where it comes first, as nothing is larger
    VectorMask<Float> unordered = best.test(VectorOperators.IS_NAN);
    for (int distance : distances) {
      int at = from + distance;
      VectorMask<Float> wins = load(x, at).compare(VectorOperators.EQ, best).or(unordered).and(open);
      open = open.andNot(wins);
      load(dx, at + moved).add(all(0).blend(gradient, wins)).intoArray(dx, at + moved);
    }
  }
}
