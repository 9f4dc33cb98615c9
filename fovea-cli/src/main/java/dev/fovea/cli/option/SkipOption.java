package dev.fovea.cli.option;

import picocli.CommandLine.Option;

/** Whether files of a data set that cannot be read are skipped. */
public final class SkipOption {
  public static final String NAME = "--skip-unreadable";

  @Option(names = NAME, description = "Skip images that cannot be read, and list them.")
  private boolean skip;

  public boolean given() {
    return skip;
  }
}
