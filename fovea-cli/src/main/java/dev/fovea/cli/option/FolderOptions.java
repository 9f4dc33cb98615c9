package dev.fovea.cli.option;

import dev.fovea.run.RunFolder;
import picocli.CommandLine.Option;

/** What to do with a folder that already holds a run: {@code --resume} or {@code --overwrite}. */
public final class FolderOptions {
  private static final String RESUME = "--resume";
  private static final String OVERWRITE = "--overwrite";

  @Option(names = RESUME, description = "Resume the run in the folder. fovea train reads its other options from there;"
      + " those that are given again must be the same, except --threads.")
  private boolean resume;

  @Option(names = OVERWRITE, description = "Delete the run in the folder, and start again.")
  private boolean overwrite;

  /** The option for a mode; empty for a new folder. */
  static String name(RunFolder.Mode mode) {
    return switch (mode) {
      case NEW -> "";
      case RESUME -> RESUME;
      case OVERWRITE -> OVERWRITE;
    };
  }

  public boolean resume() {
    return resume;
  }

  public RunFolder.Mode mode() {
    if (resume && overwrite) {
      throw new UsageException("--resume continues a run and --overwrite deletes it: give one of them");
    }
    return resume ? RunFolder.Mode.RESUME : overwrite ? RunFolder.Mode.OVERWRITE : RunFolder.Mode.NEW;
  }
}
