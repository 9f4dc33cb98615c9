package dev.fovea.formats.onnx.call;

import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.graph.Value;
import java.util.List;

/** What a name of the file stands for. */
public sealed interface Known {
  /** An array that does not depend on the network's inputs. */
  record Constant(Array array) implements Known {}

  /**
   * A value of the graph, which holds floats whatever the element type: integers as whole numbers, truth values as 0 and 1.
   *
   * @param type the element type that the file gives it
   */
  record Computed(Value value, OnnxType type) implements Known {}

  /** A list of values, by their names in the same graph. */
  record Sequence(List<String> names) implements Known {}

  /** The result of a node that was refused. */
  record Refused() implements Known {}
}
