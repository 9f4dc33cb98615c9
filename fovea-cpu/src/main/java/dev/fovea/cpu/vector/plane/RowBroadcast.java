package dev.fovea.cpu.vector.plane;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Broadcast;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.cpu.vector.plane.OperandLoop.Source;
import dev.fovea.tensor.Shape;
import java.util.List;

/**
 * An elementwise kernel in NCHW whose operands broadcast mutually. A row is the longest run of the result's elements over which each
 * operand is either contiguous or a single value. A unit is a row.
 */
public final class RowBroadcast {
  private final OperandLoop loop;
  private final int rows;
  private final int length;
  private final List<Broadcast> maps;
  private final boolean[] contiguous;

  private RowBroadcast(List<Shape> operands, Shape out, OperandLoop loop) {
    this.loop = loop;
    int axis = out.rank();
    while (axis > 0 && isRow(operands, out, axis - 1)) {
      axis--;
    }
    length = out.sizeFrom(axis);
    rows = out.size() / length;
    maps = operands.stream().map(x -> new Broadcast(out, x)).toList();
    contiguous = new boolean[operands.size()];
    for (int i = 0; i < contiguous.length; i++) {
      contiguous[i] = elements(operands.get(i), out, axis) > 1;
    }
  }

  public static Kernel of(List<Shape> operands, Shape out, OperandLoop loop) {
    RowBroadcast rows = new RowBroadcast(operands, out, loop);
    return (in, y) -> Task.of(rows.rows, (m, from, to) -> rows.run(m, in, y, from, to));
  }

  /** Whether each operand has all elements from that axis on, or one. */
  private static boolean isRow(List<Shape> operands, Shape out, int axis) {
    return operands.stream().allMatch(x -> {
      int size = elements(x, out, axis);
      return size == 1 || size == out.sizeFrom(axis);
    });
  }

  /** An operand's elements in the axes of the result from that one on. */
  private static int elements(Shape x, Shape out, int axis) {
    return x.sizeFrom(Math.max(0, axis - (out.rank() - x.rank())));
  }

  private void run(Memory m, List<Address> in, Address out, int from, int to) {
    Source[] sources = new Source[3];
    for (int row = from; row < to; row++) {
      for (int i = 0; i < in.size(); i++) {
        float[] array = m.array(in.get(i).array());
        int at = in.get(i).offset() + maps.get(i).indexOf(row * length);
        sources[i] = contiguous[i] ? new Source(array, at, 1) : Source.of(array[at]);
      }
      Source last = sources[in.size() - 1];
      loop.runExactly(sources[0], sources[1], last, m.array(out.array()), out.offset() + row * length, length);
    }
  }
}
