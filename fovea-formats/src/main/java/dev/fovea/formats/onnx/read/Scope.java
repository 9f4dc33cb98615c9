package dev.fovea.formats.onnx.read;

import dev.fovea.formats.onnx.call.Known;
import dev.fovea.formats.onnx.proto.OnnxAttribute;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The names that nodes can read: of the file's graph, of a subgraph, or of one use of a function.
 *
 * @param outer where names are looked up that are not here: subgraphs see the names around them, functions do not
 * @param prefix makes names unique over the whole file
 * @param opsets the versions of the operators by domain
 * @param attributes the values of a function's attributes
 * @param depth the number of functions and subgraphs around
 */
record Scope(Map<String, Known> names, @Nullable Scope outer, String prefix, Map<String, Long> opsets,
    Map<String, OnnxAttribute> attributes, int depth) {

  /** A subgraph of the node of that name. */
  Scope inside(String node) {
    return new Scope(new HashMap<>(), this, prefix + node + "/", opsets, attributes, depth + 1);
  }

  @Nullable Known find(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      Known known = scope.names.get(name);
      if (known != null) {
        return known;
      }
    }
    return null;
  }

  int opset() {
    return (int) Math.min(Integer.MAX_VALUE, opsets.getOrDefault("", 1L));
  }
}
