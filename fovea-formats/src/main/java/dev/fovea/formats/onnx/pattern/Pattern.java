package dev.fovea.formats.onnx.pattern;

import dev.fovea.graph.Node;
import dev.fovea.graph.Value;
import org.jspecify.annotations.Nullable;

/** Some nodes that others replace. */
@FunctionalInterface
interface Pattern {
  /** The value that replaces the node's, appended to the new graph; null if the node is not the last of this pattern. */
  @Nullable Value apply(Match match, Node node);
}
