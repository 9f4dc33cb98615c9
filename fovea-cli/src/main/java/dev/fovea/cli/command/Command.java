package dev.fovea.cli.command;

/** What a command line asks for. */
public interface Command {
  /** Does it and returns the exit code. */
  int run();
}
