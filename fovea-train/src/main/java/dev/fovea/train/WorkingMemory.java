package dev.fovea.train;

import dev.fovea.graph.Program;
import dev.fovea.graph.Workspace;
import org.jspecify.annotations.Nullable;

/**
 * The memory in which the steps of a training and its evaluations take turns. It grows by being taken anew, and what was taken
 * before may stay in the heap as garbage: the one that needs most comes first.
 */
final class WorkingMemory {
  private @Nullable Workspace latest;

  /** Whether nothing of it has been taken yet. */
  boolean untouched() {
    return latest == null;
  }

  /** A workspace in it; {@link Program#workspace(Workspace)} says what that means. */
  Workspace workspace(Program program) {
    Workspace before = latest;
    Workspace workspace = before == null ? program.workspace() : program.workspace(before);
    latest = workspace;
    return workspace;
  }
}
