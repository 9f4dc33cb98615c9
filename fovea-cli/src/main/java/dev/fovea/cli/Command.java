package dev.fovea.cli;

/** What a command line asks for. */
interface Command {
  /** Does it and returns the exit code. */
  int run();
}
