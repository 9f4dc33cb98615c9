package dev.fovea.graph;

/** Where the values of a network's inputs are written. */
public interface Inputs {
  /** The slot to fill. */
  Workspace.Slot input(String name);
}
