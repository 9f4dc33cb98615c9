package dev.fovea.formats.onnx.call;

import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.formats.onnx.proto.OnnxNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Broadcasting as before opset 7: the axes of the second operand are aligned with the first's from an axis on. */
public final class Broadcasts {
  private static final int NUMPY = 7;
  private static final Set<String> OLD =
      Set.of("Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor", "Equal", "Less", "Greater");

  private Broadcasts() {}

  /** The axis of the first operand with which the first axis of the second is aligned; -1 where the last ones are. */
  private static int axis(OnnxNode node, int opset) {
    boolean old = opset < NUMPY && OLD.contains(node.type()) && node.integer("broadcast", 0) != 0;
    return old ? (int) Math.max(-1, Math.min(Integer.MAX_VALUE, node.integer("axis", -1))) : -1;
  }

  /** The operands with ones after the last axis of a constant second one. */
  public static List<@Nullable Known> aligned(OnnxNode node, int opset, List<@Nullable Known> operands) {
    int axis = axis(node, opset);
    if (axis < 0 || operands.size() < 2 || !(operands.get(1) instanceof Known.Constant(Array array))
        || !(operands.get(0) instanceof Known.Constant(Array first))) {
      return operands;
    }
    List<@Nullable Known> aligned = new ArrayList<>(operands);
    aligned.set(1, new Known.Constant(array.reshaped(withOnes(array.dims(), first.rank() - axis))));
    return aligned;
  }

  private static int[] withOnes(int[] dims, int rank) {
    int[] wide = Arrays.copyOf(dims, Math.max(dims.length, rank));
    Arrays.fill(wide, dims.length, wide.length, 1);
    return wide;
  }

  /** The number of axes of size 1 that the second operand lacks at its end. */
  public static int missing(Call call) {
    int axis = axis(call.node(), call.opset());
    return axis < 0 ? 0 : Math.max(0, call.shape(0).rank() - axis - call.shape(1).rank());
  }
}
