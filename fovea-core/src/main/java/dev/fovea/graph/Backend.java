package dev.fovea.graph;

import java.util.function.IntConsumer;

/**
 * What runs graphs fast: the only seam that an engine implements. Found by {@link Backends}, through ServiceLoader.
 */
public interface Backend {
  /** The name that {@code -Dfovea.backend=} asks for, {@code vector}. */
  String name();

  /** Of several that are usable the one with the highest rank is taken. */
  int rank();

  /** Whether it can run here: the processor, the Java modules it needs. */
  boolean usable();

  /** One line for people: what it uses of this machine, or why it cannot. */
  String describe();

  /** The same engine with that precision; one that knows only the definition's sums is itself. */
  default Backend with(Precision precision) {
    return this;
  }

  /** Does now what a first run would wait for, the compilation of its loops; returns when that is done, or takes long. */
  default void warmUp() {}

  /**
   * Runs {@code turn} for 0 to {@code count - 1}, each once and in any order, on the threads that run programs too; an engine that has none
   * of its own uses the caller's.
   *
   * @param threads how many may take turns, the caller's included
   */
  default void loop(int count, int threads, IntConsumer turn) {
    for (int i = 0; i < count; i++) {
      turn.accept(i);
    }
  }

  /**
   * Plans the graph for the shapes it has. The parameters are read at each run, never copied for good.
   *
   * @param threads how many threads of this machine a run may use, its own included; results do not depend on it
   */
  Program compile(Graph graph, Parameters parameters, int threads);
}
