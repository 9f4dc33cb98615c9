package dev.fovea.cli;

import picocli.CommandLine.Option;

/** Whether files of a data set that cannot be read are left out of it. */
final class SkipOption {
  static final String NAME = "--skip-unreadable";

  @Option(names = NAME, description = "Leave out images that cannot be read, and tell which.")
  private boolean skip;

  boolean given() {
    return skip;
  }
}
