package dev.fovea.formats.onnx.constant;

import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The indices of an axis that ONNX's Slice takes: {@code count} of them from {@code start} on, {@code step} apart. */
public record Range(int axis, int start, int step, int count) {

  /** The ranges of a Slice of an array of these sizes: {@code axes} and {@code steps} may be absent. */
  public static List<Range> of(long @Nullable [] starts, long @Nullable [] ends, long @Nullable [] axes, long @Nullable [] steps,
      int[] dims) {
    if (starts == null || ends == null || starts.length != ends.length || (axes != null && axes.length != starts.length)
        || (steps != null && steps.length != starts.length)) {
      throw new FoveaException("expects starts, ends, axes and steps of the same number");
    }
    List<Range> ranges = new ArrayList<>();
    for (int i = 0; i < starts.length; i++) {
      int axis = Operation.axis(axes == null ? i : axes[i], dims.length);
      ranges.add(of(axis, starts[i], ends[i], steps == null ? 1 : steps[i], dims[axis]));
    }
    return ranges;
  }

  private static Range of(int axis, long start, long end, long step, int size) {
    if (step == 0) {
      throw new FoveaException("expects steps other than 0");
    }
    // beyond the size no other step reaches a second index
    int stride = (int) Math.max(-Integer.MAX_VALUE, Math.min(Integer.MAX_VALUE, step));
    long last = stride > 0 ? size : size - 1L;
    long least = stride > 0 ? 0 : -1;
    long from = Math.max(least + (stride > 0 ? 0 : 1), Math.min(last, start < 0 ? start + size : start));
    long to = Math.max(least, Math.min(last, end < 0 ? Math.max(end, -1L - size) + size : end));
    long count = stride > 0 ? Math.ceilDiv(to - from, stride) : Math.ceilDiv(from - to, -stride);
    return new Range(axis, (int) from, stride, size == 0 ? 0 : (int) Math.max(0, count));
  }

  /** The sizes of the parts of a Split: as given, or equal, the last one smaller if need be. */
  public static int[] parts(long @Nullable [] given, int count, int size) {
    if (given == null && count < 1) {
      throw new FoveaException("expects 1 part or more, got " + count);
    }
    int[] parts = new int[given == null ? count : given.length];
    long sum = 0;
    int each = Math.ceilDiv(size, Math.max(1, count));
    for (int i = 0; i < parts.length; i++) {
      parts[i] = given == null ? Math.max(0, Math.min(each, size - i * each)) : Math.toIntExact(given[i]);
      sum += parts[i];
      if (parts[i] < 0) {
        throw new FoveaException("expects parts of 0 or more, got " + parts[i]);
      }
    }
    if (sum != size) {
      throw new FoveaException("expects parts that add up to " + size + ", got " + sum);
    }
    return parts;
  }
}
