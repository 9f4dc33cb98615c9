package dev.fovea.formats.onnx.call;

import dev.fovea.graph.Value;
import java.util.List;

/** How an operator of ONNX becomes nodes of the graph: a row in the table of its family. */
@FunctionalInterface
public interface Rule {
  /** The node's results in order; later ones may be left out. */
  List<Known> apply(Call call);

  /** An operator of one result, which has the element type of its first operand. */
  interface Single {
    Value apply(Call call);
  }

  static Rule of(Single single) {
    return call -> call.result(single.apply(call));
  }
}
