package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code fovea train} says of a run that is not well, and what it writes. */
@Tag("slow")
class FindingsTest {
  @TempDir
  private Path folder;

  private Cli train(Path run, Object... more) {
    Object[] args = new Object[more.length + 5];
    System.arraycopy(new Object[] {"train", "--data", "digits:400", "--out", run}, 0, args, 0, 5);
    System.arraycopy(more, 0, args, 5, more.length);
    return Cli.run(args);
  }

  /** Lines that are no progress. */
  private static List<String> said(Cli cli) {
    return cli.err().lines().filter(line -> line.matches("(step|epoch) \\d+: .*")).toList();
  }

  @Test
  void healthyRunSaysNothing() throws IOException {
    Path run = folder.resolve("healthy");
    assertThat(said(train(run, "--epochs", 8).succeeds())).isEmpty();
    assertThat(Files.readString(run.resolve("metrics.jsonl"))).doesNotContain("findings");
    assertThat(Files.readString(run.resolve("report.html"))).doesNotContain("<h2>Findings");
  }

  @Test
  void sickRunSaysWhatIsWrongOnceAndRecordsIt() throws IOException {
    Path run = folder.resolve("sick");
    Cli cli = train(run, "--epochs", 3, "--lr", "1e-30").succeeds();
    String line = "epoch 1: no weight has changed, steps at a learning rate of ";
    assertThat(said(cli)).singleElement().asString().startsWith(line).endsWith(": use a larger learning rate (--lr)");
    List<String> epochs = Files.readAllLines(run.resolve("metrics.jsonl"));
    assertThat(epochs).hasSize(3);
    assertThat(epochs.getFirst()).contains("\"findings\":[{\"kind\":\"no_change\",\"message\":\"" + line);
    assertThat(epochs.subList(1, 3)).noneMatch(epoch -> epoch.contains("findings"));
    assertThat(Files.readString(run.resolve("report.html"))).contains("<h2>Findings").contains("<li>" + line);
  }

  @Test
  void divergedRunSaysWhereAndHowToGoOn() {
    Path run = folder.resolve("diverged");
    Cli cli = train(run, "--epochs", 3, "--lr", "1e15");
    assertThat(cli.failsWith(1)).contains("training has diverged; the first value that is not finite is in the ")
        .endsWith(": use a smaller learning rate (--lr)");
    assertThat(cli.err()).contains(run + " holds no network yet; to start again at another learning rate: fovea train --overwrite"
        + " --out " + run + " --lr X");
    assertThat(said(cli)).singleElement().asString().startsWith("step 1: one step changes ")
        .endsWith(" (--lr, --warmup, --clip-norm)");
  }
}
