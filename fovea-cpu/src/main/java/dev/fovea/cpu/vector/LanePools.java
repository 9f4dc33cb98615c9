package dev.fovea.cpu.vector;

import static dev.fovea.cpu.vector.Lanes.all;
import static dev.fovea.cpu.vector.Lanes.load;

import dev.fovea.cpu.Axis;
import dev.fovea.cpu.Carrier;
import dev.fovea.cpu.Layout;
import dev.fovea.cpu.Memory;
import dev.fovea.cpu.Place;
import dev.fovea.cpu.PoolGeometry;
import dev.fovea.cpu.Task;
import dev.fovea.graph.Op;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Pooling and its adjoints on planes of sixteen lanes, images or channels. A unit is one plane. */
final class LanePools {
  private static final int BLOCK = Layout.BLOCK;

  private LanePools() {}

  /** What a plane of blocks reads, ready for loops: for each place its base, and for each class of places the distances. */
  private record Plan(int units, int inSize, int outSize, int[] bases, int[][] distances) {
    static Plan of(PoolGeometry g, int planes) {
      int places = g.outH() * g.outW();
      int[] bases = new int[places];
      int[][] distances = new int[places][];
      int[][][] classes = new int[g.rows().classes()][g.columns().classes()][];
      for (int place = 0; place < places; place++) {
        int row = place / g.outW();
        int column = place % g.outW();
        bases[place] = (g.rows().base(row) * g.inW() + g.columns().base(column)) * BLOCK;
        int[][] rowClass = classes[g.rows().classOf(row)];
        int columnClass = g.columns().classOf(column);
        if (rowClass[columnClass] == null) {
          rowClass[columnClass] = distances(g, g.rows().classOf(row), columnClass);
        }
        distances[place] = rowClass[columnClass];
      }
      return new Plan(planes, g.inH() * g.inW() * BLOCK, places * BLOCK, bases, distances);
    }

    private static int[] distances(PoolGeometry g, int rowClass, int columnClass) {
      List<Axis.Tap> columns = g.columns().taps(columnClass);
      return g.rows().taps(rowClass).stream()
          .flatMapToInt(r -> columns.stream().mapToInt(c -> (r.distance() * g.inW() + c.distance()) * BLOCK))
          .toArray();
    }

    int places() {
      return bases.length;
    }
  }

  @FunctionalInterface
  private interface Planes {
    void run(Memory m, List<Place> in, Place out, int from, int to);
  }

  /** A carrier that goes plane by plane, each written whole. */
  private static Carrier carrier(int planes, int size, Planes loop) {
    return (in, out, tail) -> Task.of(planes, (m, from, to) -> {
      for (int plane = from; plane < to; plane++) {
        loop.run(m, in, out, plane, plane + 1);
        tail.run(m, out.offset() + plane * size, size);
      }
    });
  }

  static Carrier max(Window window, Shape x, Shape y, Layout layout) {
    return max(PoolGeometry.forward(window, x, y), layout.planes(x));
  }

  static Carrier max(PoolGeometry g, int planes) {
    Plan plan = Plan.of(g, planes);
    return carrier(plan.units, plan.outSize, (m, in, out, from, to) -> max(m, plan, in.getFirst(), out, from, to));
  }

  private static void max(Memory m, Plan plan, Place in, Place out, int from, int to) {
    float[] x = m.array(in.array());
    float[] y = m.array(out.array());
    for (int unit = from; unit < to; unit++) {
      int source = in.offset() + unit * plan.inSize;
      int target = out.offset() + unit * plan.outSize;
      for (int place = 0; place < plan.places(); place++) {
        int base = source + plan.bases[place];
        int[] distances = plan.distances[place];
        for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
          FloatVector best = all(Float.NEGATIVE_INFINITY);
          for (int distance : distances) {
            best = best.max(load(x, base + distance + lane));
          }
          best.intoArray(y, target + place * BLOCK + lane);
        }
      }
    }
  }

  static Carrier average(Op.AveragePool op, Shape x, Shape y, Layout layout) {
    float[] shares = PoolGeometry.shares(op.window(), op.countPadding(), x, y);
    return average(PoolGeometry.forward(op.window(), x, y), layout.planes(x), shares);
  }

  static Carrier average(PoolGeometry g, int planes, float[] shares) {
    Plan plan = Plan.of(g, planes);
    return carrier(plan.units, plan.outSize, (m, in, out, from, to) -> average(m, plan, shares, in.getFirst(), out, from, to));
  }

  private static void average(Memory m, Plan plan, float[] shares, Place in, Place out, int from, int to) {
    float[] x = m.array(in.array());
    float[] y = m.array(out.array());
    for (int unit = from; unit < to; unit++) {
      int source = in.offset() + unit * plan.inSize;
      int target = out.offset() + unit * plan.outSize;
      for (int place = 0; place < plan.places(); place++) {
        int base = source + plan.bases[place];
        for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
          FloatVector sum = all(0);
          for (int distance : plan.distances[place]) {
            sum = sum.add(load(x, base + distance + lane));
          }
          sum.mul(shares[place]).intoArray(y, target + place * BLOCK + lane);
        }
      }
    }
  }

  static Carrier averageGrad(Op.AveragePoolGrad op, Shape x, Shape dy, Layout layout) {
    float[] shares = PoolGeometry.shares(op.window(), op.countPadding(), x, dy);
    return averageGrad(PoolGeometry.backward(op.window(), x, dy), layout.planes(x), shares);
  }

  static Carrier averageGrad(PoolGeometry g, int planes, float[] shares) {
    Plan plan = Plan.of(g, planes);
    return carrier(
        plan.units, plan.outSize, (m, in, out, from, to) -> averageGrad(m, plan, shares, in.getFirst(), out, from, to));
  }

  private static void averageGrad(Memory m, Plan plan, float[] shares, Place in, Place out, int from, int to) {
    float[] dy = m.array(in.array());
    float[] dx = m.array(out.array());
    for (int unit = from; unit < to; unit++) {
      int source = in.offset() + unit * plan.inSize;
      int target = out.offset() + unit * plan.outSize;
      for (int place = 0; place < plan.places(); place++) {
        int base = plan.bases[place];
        for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
          FloatVector sum = all(0);
          for (int distance : plan.distances[place]) {
            sum = load(dy, source + base + distance + lane).fma(all(shares[(base + distance) / BLOCK]), sum);
          }
          sum.intoArray(dx, target + place * BLOCK + lane);
        }
      }
    }
  }

  /** Inputs x and a number for each window, which goes to the window's winner. */
  static Carrier unpool(Window window, Shape x, Shape dy, Layout layout) {
    return unpool(PoolGeometry.forward(window, x, dy), layout.planes(x));
  }

  static Carrier unpool(PoolGeometry g, int planes) {
    Plan plan = Plan.of(g, planes);
    return carrier(plan.units, plan.inSize, (m, in, out, from, to) -> unpool(m, plan, in, out, from, to));
  }

  private static void unpool(Memory m, Plan plan, List<Place> in, Place out, int from, int to) {
    float[] x = m.array(in.get(0).array());
    float[] dy = m.array(in.get(1).array());
    float[] dx = m.array(out.array());
    Arrays.fill(dx, out.offset() + from * plan.inSize, out.offset() + to * plan.inSize, 0);
    for (int unit = from; unit < to; unit++) {
      int source = in.get(0).offset() + unit * plan.inSize;
      int target = out.offset() + unit * plan.inSize;
      int gradient = in.get(1).offset() + unit * plan.outSize;
      for (int place = 0; place < plan.places(); place++) {
        int base = plan.bases[place];
        int[] distances = plan.distances[place];
        for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
          give(x, source + base + lane, dx, target + base + lane, distances, load(dy, gradient + place * BLOCK + lane));
        }
      }
    }
  }

  /** The first of the largest receives the gradient. */
  private static void give(float[] x, int at, float[] dx, int to, int[] distances, FloatVector gradient) {
    FloatVector best = load(x, at + distances[0]);
    for (int k = 1; k < distances.length; k++) {
      FloatVector other = load(x, at + distances[k]);
      best = best.blend(other, other.compare(VectorOperators.GT, best));
    }
    VectorMask<Float> open = Lanes.SPECIES.maskAll(true);
    for (int distance : distances) {
      VectorMask<Float> wins = load(x, at + distance).compare(VectorOperators.EQ, best).and(open);
      open = open.andNot(wins);
      load(dx, to + distance).add(all(0).blend(gradient, wins)).intoArray(dx, to + distance);
    }
  }
}
