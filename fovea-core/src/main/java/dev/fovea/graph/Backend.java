package dev.fovea.graph;

import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * An engine that compiles and runs graphs: the only interface that an engine implements. Found by {@link Backends} through
 * ServiceLoader.
 */
public interface Backend {
  /** The name that {@code -Dfovea.backend=} selects, such as {@code vector}. */
  String name();

  /** The usable engine with the highest rank is chosen. */
  int rank();

  /** Whether it can run here: whether the processor and the Java modules that it needs are available. */
  boolean usable();

  /** One line for users: what it uses of this machine, or why it cannot run. */
  String describe();

  /** The same engine with that precision; an engine that always sums as the definition does returns itself. */
  default Backend with(Precision precision) {
    return this;
  }

  /** Compiles its loops now, which the first run would otherwise wait for; returns when that is done or when it takes too long. */
  default void warmUp() {}

  /**
   * Runs {@code body} for 0 to {@code count - 1}, each once and in any order, on the threads that also run programs. An engine
   * without threads of its own uses the caller's.
   *
   * @param threads the maximum number of threads to use, the caller's included
   */
  default void loop(int count, int threads, IntConsumer body) {
    for (int i = 0; i < count; i++) {
      body.accept(i);
    }
  }

  /**
   * Two elements that are multiplied.
   *
   * @param input the index of the one in the node's first operand
   * @param weight the index of the other in its second operand
   */
  record Product(int input, int weight) {}

  /**
   * What this engine adds up for one element of a convolution, its transpose or a product of matrices: products in the order of the
   * sum, which begins with the element of a third operand, or 0, and adds each with {@link Math#fma}. This is exact where the precision
   * is; products with padding are left out. Empty for other operators.
   *
   * @param operands the shapes of the node's operands
   * @param element its index in the result
   */
  default List<Product> products(Node node, List<Shape> operands, int element) {
    return List.of();
  }

  /**
   * Compiles the graph for its shapes. The parameters are read at each run, so later changes count.
   *
   * @param threads the maximum number of threads of a run, the caller's included; results do not depend on it
   */
  Program compile(Graph graph, Parameters parameters, int threads);
}
