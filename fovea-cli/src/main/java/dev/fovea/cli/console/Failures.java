package dev.fovea.cli.console;

import dev.fovea.data.SkippedFile;
import dev.fovea.data.UnreadableImages;
import dev.fovea.tensor.FoveaException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The images of a command that failed, to be named and counted at its end. */
public final class Failures {
  private final List<SkippedFile> files = new ArrayList<>();
  private String last = "";

  /** Adds an image, and returns why it failed, without its path. */
  public String add(Path image, FoveaException failure) {
    last = String.valueOf(failure.getMessage());
    SkippedFile failed = failure instanceof UnreadableImages unreadable ? unreadable.files().getFirst()
        : new SkippedFile(image, "of the model",
            last.startsWith(image + ": ") ? last.substring(image.toString().length() + 2) : last);
    files.add(failed);
    return failed.reason();
  }

  /**
   * Reports them, and returns the exit code.
   *
   * @param images the number of all images
   */
  public int report(Streams streams, int images) {
    if (files.isEmpty()) {
      return 0;
    }
    if (files.size() == 1) {
      streams.error(last);
    } else {
      SkippedFile.lines(files).forEach(streams::say);
      streams.error(files.size() + " of " + images + " images failed: " + SkippedFile.counts(files));
    }
    return 1;
  }
}
