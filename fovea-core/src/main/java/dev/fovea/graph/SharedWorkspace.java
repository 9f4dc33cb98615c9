package dev.fovea.graph;

import org.jspecify.annotations.Nullable;

/**
 * The memory in which the steps of a training and its evaluations take turns. It grows by being taken anew, and what was taken
 * before may stay in the heap as garbage: the one that needs most comes first.
 */
public final class SharedWorkspace {
  private @Nullable Workspace latest;

  /** Whether nothing of it has been taken yet. */
  public boolean untouched() {
    return latest == null;
  }

  /** A workspace in it; {@link Program#workspace(Workspace)} says what that means. */
  public Workspace workspace(Program program) {
    Workspace before = latest;
    Workspace workspace = before == null ? program.workspace() : program.workspace(before);
    latest = workspace;
    return workspace;
  }
}
