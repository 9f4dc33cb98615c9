package dev.fovea.cpu.compile;

import dev.fovea.graph.Node;
import dev.fovea.graph.Value;

/** A set of kernels: adds the steps of the nodes that it has kernels for. */
@FunctionalInterface
public interface KernelSet {
  /** Adds the node's steps, or returns false and leaves the node to the next set. */
  boolean lower(Lowering lowering, Value value, Node node);

  /** The measured peak of one thread in multiply-adds a second, or 0 if it is unknown. */
  default double multiplyAddsPerSecond() {
    return 0;
  }
}
