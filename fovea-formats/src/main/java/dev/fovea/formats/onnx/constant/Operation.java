package dev.fovea.formats.onnx.constant;

import dev.fovea.formats.onnx.proto.OnnxNode;
import dev.fovea.tensor.FoveaException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node whose operands are all constant.
 *
 * @param opset the version of ONNX's operators that the file imports
 * @param operands null where an optional operand is absent
 */
public record Operation(OnnxNode node, int opset, List<@Nullable Array> operands, Limits limits) {

  boolean has(int index) {
    return index < operands.size() && operands.get(index) != null;
  }

  Array operand(int index) {
    Array operand = index < operands.size() ? operands.get(index) : null;
    if (operand == null) {
      throw new FoveaException("expects an operand " + (index + 1));
    }
    return operand;
  }

  /** An axis of an array of that rank; a negative one counts from the end. */
  public static int axis(long axis, int rank) {
    if (axis < -rank || axis >= rank) {
      throw new FoveaException("expects an axis from " + -rank + " to " + (rank - 1) + ", got " + axis);
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  int axis(String attribute, long absent, int rank) {
    return axis(node.integer(attribute, absent), rank);
  }

  /** Numbers of an operand or, in older opsets, of an attribute; null if neither is there. */
  long @Nullable [] integers(int operand, String attribute) {
    if (has(operand)) {
      return operand(operand).integers();
    }
    return node.integers(attribute).map(values -> values.stream().mapToLong(Long::longValue).toArray()).orElse(null);
  }

  boolean flag(String attribute, boolean absent) {
    return node.integer(attribute, absent ? 1 : 0) != 0;
  }
}
