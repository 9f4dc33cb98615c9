package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.run.RunFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AutoCommandTest {
  @TempDir
  private Path folder;

  private static String fingerprint(Cli done) {
    return done.succeeds().out().lines().filter(line -> line.startsWith("fingerprint")).findFirst().orElseThrow();
  }

  @Test
  void choicesAreSaidAndKept() {
    Path run = folder.resolve("run");
    Cli done = Cli.run("train", "--auto", "--data", "digits:120", "--epochs", 1, "--batch-size", 40, "--seed", 3, "--out", run);
    String first = fingerprint(done);
    assertThat(done.err()).contains("auto: --model input 1x28x28 -> ", "auto: --augment affine(", "auto: --lr ")
        .doesNotContain("auto: --epochs", "auto: --batch-size", "auto: --seed");
    assertThat(RunFolder.configOf(run).network()).startsWith("input 1x28x28 -> ");

    assertThat(Cli.run("train", "--auto", "--resume", "--out", run).succeeds().err()).contains("finished already")
        .doesNotContain("auto:");
    List<Object> explicit = new ArrayList<>(List.of("train", "--threads", 1, "--out", folder.resolve("explicit")));
    RunFolder.configOf(run).arguments().forEach((name, value) -> explicit.addAll(List.of("--" + name, value)));
    assertThat(fingerprint(Cli.run(explicit.toArray()))).isEqualTo(first);
  }

  @Test
  void aGivenNetworkIsNotChosen() {
    Path run = folder.resolve("run");
    Cli.run("train", "--data", "digits:120", "--epochs", 1, "--steps", 1, "--out", run).succeeds();
    Cli tuned = Cli.run("train", "--auto", "--init", run, "--data", "digits:60", "--epochs", 1, "--out", folder.resolve("tuned"));
    assertThat(tuned.succeeds().err()).contains("auto: --optimizer adamw: ", "lenet5").doesNotContain("auto: --model", "flip");
    Cli named =
        Cli.run("train", "--auto", "--model", "mlp", "--data", "digits:60", "--epochs", 1, "--out", folder.resolve("mlp"));
    assertThat(named.succeeds().err()).contains("auto: --augment ").doesNotContain("auto: --model", "auto: --lr");
  }

  @Test
  void anOptionThatIsWrongIsRefusedBeforeImagesAreRead() {
    assertThat(Cli.run("train", "--auto", "--data", "images:" + folder.resolve("none"), "--momentum", 0.5, "--optimizer", "adam")
        .failsWith(2)).contains("--momentum: adam has no momentum");
  }
}
