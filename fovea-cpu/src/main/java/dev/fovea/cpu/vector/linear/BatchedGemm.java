package dev.fovea.cpu.vector.linear;

import static dev.fovea.cpu.vector.microkernel.Lanes.COUNT;
import static dev.fovea.cpu.vector.microkernel.Lanes.broadcast;
import static dev.fovea.cpu.vector.microkernel.Lanes.load;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Broadcast;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * The products of many small matrices, as in attention, in NCHW, with columns in the lanes. A unit is two vectors of columns of one
 * product: they are copied to a panel that stays in the first-level cache, and multiplied with six rows at a time.
 */
public final class BatchedGemm {
  /** Rows of a tile: with two vectors each they fill the sixteen registers. */
  private static final int ROWS = 6;

  private static final int PAIR = 2 * COUNT;
  private static final int START = Layout.CACHE_LINE_START;

  /** Longer sums would need a panel of several megabytes for each thread, which no cache holds. */
  private static final int MAX_INNER = 1 << 14;

  private final int rows;
  private final int columns;
  private final int inner;
  private final int matrices;
  private final Broadcast first;
  private final Broadcast second;

  public BatchedGemm(Shape a, Shape b, Shape y) {
    rows = y.dim(y.rank() - 2);
    columns = y.dim(y.rank() - 1);
    inner = a.dim(a.rank() - 1);
    Shape leading = leading(y);
    matrices = leading.size();
    first = new Broadcast(leading, leading(a));
    second = new Broadcast(leading, leading(b));
  }

  /** Whether a panel of the second operand is small. */
  public static boolean isApplicable(Shape a) {
    return a.dim(a.rank() - 1) <= MAX_INNER;
  }

  private static Shape leading(Shape x) {
    return new Shape(x.dims().subList(0, x.rank() - 2));
  }

  /** Inputs a and b. */
  public Kernel kernel() {
    int panels = Math.ceilDiv(columns, PAIR);
    return (in, out) -> Task.of(
        matrices * panels,
        (m, from, to) -> {
          float[] panel = new float[START + inner * PAIR];
          float[] tile = new float[START + ROWS * PAIR];
          for (int unit = from; unit < to; unit++) {
            panel(m, in, out, unit / panels, unit % panels * PAIR, panel, tile);
          }
        });
  }

  private void panel(Memory m, List<Address> in, Address out, int matrix, int column, float[] panel, float[] tile) {
    float[] a = m.array(in.get(0).array());
    float[] b = m.array(in.get(1).array());
    float[] y = m.array(out.array());
    int aAt = in.get(0).offset() + first.indexOf(matrix) * rows * inner;
    int bAt = in.get(1).offset() + second.indexOf(matrix) * inner * columns + column;
    int yAt = out.offset() + matrix * rows * columns + column;
    int width = Math.min(PAIR, columns - column);
    for (int k = 0; k < inner; k++) {
      System.arraycopy(b, bAt + k * columns, panel, START + k * PAIR, width);
      Arrays.fill(panel, START + k * PAIR + width, START + (k + 1) * PAIR, 0);
    }
    for (int row = 0; row < rows;) {
      // the last tile computes some rows of the one before again
      int height = rows < ROWS ? 1 : ROWS;
      int at = Math.min(row, rows - height);
      boolean whole = width == PAIR;
      float[] target = whole ? y : tile;
      int to = whole ? yAt + at * columns : START;
      int step = whole ? columns : PAIR;
      if (height == 1) {
        one(a, aAt + at * inner, panel, inner, target, to);
      } else {
        six(a, aAt + at * inner, panel, inner, target, to, step);
      }
      for (int i = 0; !whole && i < height; i++) {
        System.arraycopy(tile, START + i * PAIR, y, yAt + (at + i) * columns, width);
      }
      row = at + height;
    }
  }

  private static void one(float[] a, int at, float[] panel, int inner, float[] y, int to) {
    FloatVector left = broadcast(0);
    FloatVector right = broadcast(0);
    for (int k = 0; k < inner; k++) {
      FloatVector factor = broadcast(a[at + k]);
      left = factor.fma(load(panel, START + k * PAIR), left);
      right = factor.fma(load(panel, START + k * PAIR + COUNT), right);
    }
    left.intoArray(y, to);
    right.intoArray(y, to + COUNT);
  }

  private static void six(float[] a, int at, float[] panel, int inner, float[] y, int to, int step) {
    FloatVector left0 = broadcast(0);
    FloatVector left1 = left0;
    FloatVector left2 = left0;
    FloatVector left3 = left0;
    FloatVector left4 = left0;
    FloatVector left5 = left0;
    FloatVector right0 = left0;
    FloatVector right1 = left0;
    FloatVector right2 = left0;
    FloatVector right3 = left0;
    FloatVector right4 = left0;
    FloatVector right5 = left0;
    for (int k = 0; k < inner; k++) {
      FloatVector left = load(panel, START + k * PAIR);
      FloatVector right = load(panel, START + k * PAIR + COUNT);
      FloatVector factor = broadcast(a[at + k]);
      left0 = factor.fma(left, left0);
      right0 = factor.fma(right, right0);
      factor = broadcast(a[at + inner + k]);
      left1 = factor.fma(left, left1);
      right1 = factor.fma(right, right1);
      factor = broadcast(a[at + 2 * inner + k]);
      left2 = factor.fma(left, left2);
      right2 = factor.fma(right, right2);
      factor = broadcast(a[at + 3 * inner + k]);
      left3 = factor.fma(left, left3);
      right3 = factor.fma(right, right3);
      factor = broadcast(a[at + 4 * inner + k]);
      left4 = factor.fma(left, left4);
      right4 = factor.fma(right, right4);
      factor = broadcast(a[at + 5 * inner + k]);
      left5 = factor.fma(left, left5);
      right5 = factor.fma(right, right5);
    }
    store(left0, right0, y, to);
    store(left1, right1, y, to + step);
    store(left2, right2, y, to + 2 * step);
    store(left3, right3, y, to + 3 * step);
    store(left4, right4, y, to + 4 * step);
    store(left5, right5, y, to + 5 * step);
  }

  private static void store(FloatVector left, FloatVector right, float[] y, int to) {
    left.intoArray(y, to);
    right.intoArray(y, to + COUNT);
  }
}
