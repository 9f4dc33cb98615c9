package dev.fovea.graph;

/**
 * A graph compiled for one set of shapes: immutable, and safe to run from many threads at once, each with a {@link Workspace} of
 * its own.
 */
public interface Program {
  Graph graph();

  /** The memory of one run at a time. Its allocation is costly: reuse it. */
  Workspace workspace();

  /**
   * A workspace that shares the memory of another, of any program of this engine over the same parameters; the memory grows if it
   * is too small. A run in one overwrites the contents of the other, and slots of the other must be requested again.
   */
  Workspace workspace(Workspace other);

  /** Computes every output from the inputs in the workspace and the current parameters. */
  void run(Workspace workspace);

  /** Bytes of one workspace; if the graph has gradients, they include one gradient for each parameter. */
  long workspaceBytes();

  /** The plan as text, as databases explain a query: node, kernel, layout, memory offset and multiply-adds. */
  String plan();

  /** The same after {@code runs} runs in the workspace, with the shortest time of each node. */
  String plan(Workspace workspace, int runs);
}
