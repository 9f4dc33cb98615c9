package dev.fovea.graph;

/**
 * A graph planned for one set of shapes: immutable, and safe to run from many threads at once, each with a {@link Workspace} of
 * its own.
 */
public interface Program {
  Graph graph();

  /** The memory of one run at a time. Costly: keep it and run it again. */
  Workspace workspace();

  /** Computes every output from the inputs that lie in the workspace and from the parameters as they now are. */
  void run(Workspace workspace);

  /** Bytes of one workspace. */
  long workspaceBytes();

  /** For people: node, kernel, layout, place in memory and multiply-adds, as databases explain a query. */
  String explain();
}
