package dev.fovea.graph;

/**
 * A graph planned for one set of shapes: immutable, and safe to run from many threads at once, each with a {@link Workspace} of
 * its own.
 */
public interface Program {
  Graph graph();

  /** The memory of one run at a time. Costly: keep it and run it again. */
  Workspace workspace();

  /**
   * A workspace in the memory of another, of any program of this engine over the same parameters; the memory grows where it is too
   * small. The two take turns: a run in one loses what lies in the other, and slots are to be asked for anew.
   */
  Workspace workspace(Workspace other);

  /** Computes every output from the inputs that lie in the workspace and from the parameters as they now are. */
  void run(Workspace workspace);

  /** Bytes of one workspace; where the graph has gradients, one for each parameter is a part. */
  long workspaceBytes();

  /** For people: node, kernel, layout, place in memory and multiply-adds, as databases explain a query. */
  String plan();

  /** The same after so many runs in the workspace, with what each node took, the shortest time of them. */
  String plan(Workspace workspace, int runs);
}
