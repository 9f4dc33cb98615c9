package dev.fovea.cli.option;

import dev.fovea.run.RunFolder;
import picocli.CommandLine.Option;

/** What may become of a folder that was trained into before. */
public final class FolderOptions {
  private static final String RESUME = "--resume";
  private static final String OVERWRITE = "--overwrite";

  @Option(names = RESUME, description = "Go on with what is in the folder. fovea train takes its other options from"
      + " there: what is given again must be the same, only --threads may change.")
  private boolean resume;

  @Option(names = OVERWRITE, description = "Delete what was trained in the folder, and start anew.")
  private boolean overwrite;

  /** The option that asks for it; none for a new folder. */
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
      throw new UsageException("--resume goes on with a run and --overwrite deletes it: give one of them");
    }
    return resume ? RunFolder.Mode.RESUME : overwrite ? RunFolder.Mode.OVERWRITE : RunFolder.Mode.NEW;
  }
}
