package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.image.Image;
import dev.fovea.run.RunFolder;
import dev.fovea.tensor.Rng;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AutoCommandTest {
  private static final int IMAGES = 24;
  private static final int SIDE = 30;

  @TempDir
  private Path folder;

  /** Two classes, of red and of blue noise. */
  @BeforeEach
  void writeImages() throws IOException {
    for (int label = 0; label < 2; label++) {
      Path of = Files.createDirectories(folder.resolve("noise").resolve(label == 0 ? "red" : "blue"));
      for (int i = 0; i < IMAGES; i++) {
        Rng random = Rng.of(label).at(i);
        byte[] pixels = new byte[SIDE * SIDE * 3];
        for (int p = 0; p < pixels.length; p++) {
          pixels[p] = (byte) random.below(p, p % 3 == 2 * label ? 256 : 100);
        }
        new Image(SIDE, SIDE, 3, pixels).write(of.resolve(i + ".png"));
      }
    }
  }

  private String data() {
    return "images:" + folder.resolve("noise");
  }

  private static String fingerprint(Cli done) {
    return done.succeeds().out().lines().filter(line -> line.startsWith("fingerprint")).findFirst().orElseThrow();
  }

  @Test
  void choicesAreSaidAndKept() {
    Path run = folder.resolve("run");
    Cli done = Cli.run("train", "--auto", "--data", data(), "--epochs", 2, "--batch-size", 12, "--seed", 3, "--out", run);
    String first = fingerprint(done);
    assertThat(done.err()).contains("auto: --model input 3x32x32 -> ", "auto: --augment flip,crop: ", "auto: --lr ")
        .doesNotContain("auto: --epochs", "auto: --batch-size", "auto: --seed");
    assertThat(RunFolder.configOf(run).network()).startsWith("input 3x32x32 -> ");

    assertThat(Cli.run("train", "--auto", "--resume", "--out", run).succeeds().err()).contains("finished already")
        .doesNotContain("auto:");
    List<Object> explicit = new ArrayList<>(List.of("train", "--threads", 1, "--out", folder.resolve("explicit")));
    RunFolder.configOf(run).arguments().forEach((name, value) -> explicit.addAll(List.of("--" + name, value)));
    assertThat(fingerprint(Cli.run(explicit.toArray()))).isEqualTo(first);
  }

  @Test
  void aGivenNetworkIsNotChosen() {
    Path run = folder.resolve("run");
    String network = "input 3x16x16 -> conv 4 -> relu -> pool -> fc";
    Cli named = Cli.run("train", "--auto", "--model", network, "--data", data(), "--epochs", 1, "--out", run);
    assertThat(named.succeeds().err()).contains("auto: --augment ").doesNotContain("auto: --model", "auto: --lr");
    Cli tuned = Cli.run("train", "--auto", "--init", run, "--data", data(), "--epochs", 1, "--out", folder.resolve("tuned"));
    assertThat(tuned.succeeds().err()).contains("auto: --optimizer adamw: ").doesNotContain("auto: --model");
  }

  @Test
  void aGivenSizeIsTheNetworks() {
    Path run = folder.resolve("run");
    Cli.run("train", "--auto", "--input", "3x20x24", "--data", data(), "--epochs", 1, "--out", run).succeeds();
    assertThat(RunFolder.configOf(run).network()).startsWith("input 3x20x24 -> ");
  }

  @Test
  void anOptionThatIsWrongIsRefusedBeforeImagesAreRead() {
    assertThat(Cli.run("train", "--auto", "--data", "images:" + folder.resolve("none"), "--momentum", 0.5, "--optimizer", "adam")
        .failsWith(2)).contains("--momentum: adam has no momentum");
  }
}
