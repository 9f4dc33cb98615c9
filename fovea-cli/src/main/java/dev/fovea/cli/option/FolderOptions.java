package dev.fovea.cli.option;

import dev.fovea.run.RunFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The default folder of a run, and what to do with one that already holds a run: {@code --resume} or {@code --overwrite}. */
public final class FolderOptions {
  private static final Path PARENT = Path.of("runs");
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

  /** The first folder of {@code runs/lenet5-1}, {@code runs/lenet5-2}, ... that does not exist; to resume, the one before it. */
  public Path next(String name) {
    int n = 1;
    while (Files.exists(PARENT.resolve(name + "-" + n))) {
      n++;
    }
    return PARENT.resolve(name + "-" + (resume ? Math.max(1, n - 1) : n));
  }

  public RunFolder.Mode mode() {
    if (resume && overwrite) {
      throw new UsageException("--resume continues a run and --overwrite deletes it: give one of them");
    }
    return resume ? RunFolder.Mode.RESUME : overwrite ? RunFolder.Mode.OVERWRITE : RunFolder.Mode.NEW;
  }
}
