package dev.fovea.graph;

import org.jspecify.annotations.Nullable;

/**
 * Memory that the training steps and the evaluations of a training run share. It grows by reallocation, and the old memory may
 * stay in the heap as garbage, so the program that needs most should come first.
 */
public final class SharedWorkspace {
  private @Nullable Workspace latest;

  /** Whether nothing has been allocated yet. */
  public boolean isEmpty() {
    return latest == null;
  }

  /** A workspace in the shared memory, see {@link Program#workspace(Workspace)}. */
  public Workspace workspace(Program program) {
    Workspace before = latest;
    Workspace workspace = before == null ? program.workspace() : program.workspace(before);
    latest = workspace;
    return workspace;
  }
}
