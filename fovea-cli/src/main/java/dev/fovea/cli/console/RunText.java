package dev.fovea.cli.console;

import dev.fovea.run.RunResult;
import java.nio.file.Path;
import java.util.Locale;

/** The result of a run as text. */
public final class RunText {
  private RunText() {}

  public static String of(RunResult result, boolean tested, Path folder) {
    String part = tested ? "test" : "validation";
    return String.format(
        Locale.ROOT,
        "%-20s %.4f (%d images of %s)%n%-20s %.4f%n%-20s epoch %d of %d, validation %s %.4f%n"
            + "%-20s %s%n%-20s %s (report.html shows it)%n",
        part + " " + result.metric(),
        result.testScore(),
        result.testCount(),
        result.testSet(),
        part + " loss",
        result.testLoss(),
        "best",
        result.best().epoch(),
        result.epochs(),
        result.metric(),
        result.best().score(),
        "fingerprint",
        result.fingerprint(),
        "run folder",
        folder);
  }
}
