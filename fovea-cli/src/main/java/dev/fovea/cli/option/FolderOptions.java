package dev.fovea.cli.option;

import dev.fovea.format.FileNames;
import dev.fovea.run.RunFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  /** The folder after the last of {@code runs/lenet5-1}, {@code runs/lenet5-2}, ...; to resume, the last. */
  public Path next(String name) {
    Pattern numbered = Pattern.compile(Pattern.quote(name) + "-(\\d{1,9})");
    int last = !Files.isDirectory(PARENT) ? 0
        : FileNames.list(PARENT).stream().map(folder -> numbered.matcher(FileNames.last(folder))).filter(Matcher::matches)
            .mapToInt(matcher -> Integer.parseInt(matcher.group(1))).max().orElse(0);
    return PARENT.resolve(name + "-" + (resume ? Math.max(1, last) : last + 1));
  }

  public RunFolder.Mode mode() {
    if (resume && overwrite) {
      throw new UsageException("--resume continues a run and --overwrite deletes it: give one of them");
    }
    return resume ? RunFolder.Mode.RESUME : overwrite ? RunFolder.Mode.OVERWRITE : RunFolder.Mode.NEW;
  }
}
