package dev.fovea.cli.command;

/** A command with its parsed options. */
public interface Command {
  /** Runs it and returns the exit code. */
  int run();
}
