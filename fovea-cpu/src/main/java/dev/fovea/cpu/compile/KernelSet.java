package dev.fovea.cpu.compile;

import dev.fovea.graph.Node;
import dev.fovea.graph.Value;

/** A set of kernels: writes the steps of the nodes that it has kernels for. */
@FunctionalInterface
public interface KernelSet {
  /** Writes the node's steps, or returns false and leaves it to the next set. */
  boolean lower(Lowering lowering, Value value, Node node);

  /** Multiply-adds that one thread makes in a second at most, measured; 0 where that is not known. */
  default double multiplyAddsPerSecond() {
    return 0;
  }
}
