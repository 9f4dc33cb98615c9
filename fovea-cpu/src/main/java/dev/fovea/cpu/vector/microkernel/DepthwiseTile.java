package dev.fovea.cpu.vector.microkernel;

import static dev.fovea.cpu.vector.microkernel.Lanes.load;

import dev.fovea.cpu.kernel.DirectConv;
import dev.fovea.cpu.kernel.Layout;
import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * The multiply-add kernel of depthwise convolutions: a block of channels of one map, row by row, within a row by class of
 * positions. Whole windows of 3x3 have generated loops. For other windows four positions are computed at a time, so that each
 * weight is loaded once for all; the last four of a row begin earlier and compute some positions twice.
 */
public final class DepthwiseTile extends DepthwiseTileLoops {
  private static final int BLOCK = Layout.BLOCK;

  /** Positions at a time. */
  private static final int WIDTH = 4;

  private final Table table;

  /** The number of taps of the generated loops: a whole window of 3x3. */
  private static final int TAPS_3X3 = 9;

  /**
   * The columns of one class: the offset of each in a row of the input and in a row of the output, and the floats from one to the
   * next in the input; 0 if there is no next, or if the columns are not contiguous in the output or not evenly spaced in the
   * input.
   */
  private record Columns(int[] reads, int[] writes, int step) {}

  /** The taps of each position, by the class of its row and of its column. */
  public record Table(DirectConv conv, DirectConv.Taps[][] taps, List<Columns> columns) {}

  public DepthwiseTile(Table table, float[] in, float[] weights, float[] out) {
    this.table = table;
    this.in = in;
    this.weights = weights;
    this.out = out;
  }

  public static Table table(DirectConv conv) {
    List<Columns> columns = new ArrayList<>();
    for (int c = 0; c < conv.columns().classCount(); c++) {
      int[] writes = conv.columns().positions(c).clone();
      int[] reads = new int[writes.length];
      for (int i = 0; i < writes.length; i++) {
        reads[i] = conv.columns().base(writes[i]) * BLOCK;
        writes[i] *= BLOCK;
      }
      columns.add(new Columns(reads, writes, step(reads, writes)));
    }
    return new Table(conv, conv.tables(BLOCK, _ -> 0), columns);
  }

  private static int step(int[] reads, int[] writes) {
    int step = writes.length > 1 ? reads[1] - reads[0] : 0;
    for (int i = 1; i < writes.length; i++) {
      if (writes[i] - writes[i - 1] != BLOCK || reads[i] - reads[i - 1] != step) {
        return 0;
      }
    }
    return step;
  }

  /**
   * Computes the map at {@code target} from that at {@code source}; {@code weight} is the offset of its weights, element by
   * element.
   */
  public void plane(int source, int weight, int target) {
    DirectConv conv = table.conv;
    for (int row = 0; row < conv.outH(); row++) {
      DirectConv.Taps[] taps = table.taps[conv.rows().classOf(row)];
      int from = source + conv.rows().base(row) * conv.inW() * BLOCK;
      int to = target + row * conv.outW() * BLOCK;
      for (int c = 0; c < taps.length; c++) {
        for (int lane = 0; lane < BLOCK; lane += Lanes.COUNT) {
          row(table.columns.get(c), taps[c], lane, from + lane, weight + lane, to + lane);
        }
      }
    }
  }

  private void row(Columns columns, DirectConv.Taps taps, int lane, int from, int weight, int to) {
    int count = columns.reads.length;
    if (taps.indices().length == TAPS_3X3 && columns.step == BLOCK) {
      stride1(count, taps.offsets(), taps.indices(), lane, from + columns.reads[0], weight, to + columns.writes[0]);
      return;
    }
    if (taps.indices().length == TAPS_3X3 && columns.step == 2 * BLOCK) {
      stride2(count, taps.offsets(), taps.indices(), lane, from + columns.reads[0], weight, to + columns.writes[0]);
      return;
    }
    if (count < WIDTH) {
      for (int i = 0; i < count; i++) {
        single(taps, lane, from + columns.reads[i], weight, to + columns.writes[i]);
      }
      return;
    }
    for (int next = 0; next < count; next += WIDTH) {
      four(columns, Math.min(next, count - WIDTH), taps, lane, from, weight, to);
    }
  }

  private void four(Columns columns, int i, DirectConv.Taps taps, int lane, int from, int weight, int to) {
    int[] tapOffsets = taps.offsets();
    int[] weightRows = taps.indices();
    float[] x = in;
    float[] w = weights;
    int p0 = from + columns.reads[i];
    int p1 = from + columns.reads[i + 1];
    int p2 = from + columns.reads[i + 2];
    int p3 = from + columns.reads[i + 3];
    FloatVector a0 = load(initial, lane);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    for (int k = 0; k < tapOffsets.length; k++) {
      int d = tapOffsets[k];
      FloatVector v = load(w, weight + weightRows[k] * BLOCK);
      a0 = load(x, p0 + d).fma(v, a0);
      a1 = load(x, p1 + d).fma(v, a1);
      a2 = load(x, p2 + d).fma(v, a2);
      a3 = load(x, p3 + d).fma(v, a3);
    }
    a0.intoArray(out, to + columns.writes[i]);
    a1.intoArray(out, to + columns.writes[i + 1]);
    a2.intoArray(out, to + columns.writes[i + 2]);
    a3.intoArray(out, to + columns.writes[i + 3]);
  }

  private void single(DirectConv.Taps taps, int lane, int from, int weight, int to) {
    int[] tapOffsets = taps.offsets();
    int[] weightRows = taps.indices();
    FloatVector sum = load(initial, lane);
    for (int k = 0; k < tapOffsets.length; k++) {
      sum = load(in, from + tapOffsets[k]).fma(load(weights, weight + weightRows[k] * BLOCK), sum);
    }
    sum.intoArray(out, to);
  }
}
