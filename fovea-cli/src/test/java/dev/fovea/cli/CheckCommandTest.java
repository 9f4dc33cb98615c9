package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.image.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@Tag("slow")
class CheckCommandTest {
  @TempDir
  private Path folder;

  /** Noise, which no two seeds share. */
  private void image(String name, int width, int height, int seed) throws IOException {
    byte[] pixels = new byte[width * height];
    new Random(seed).nextBytes(pixels);
    Path file = folder.resolve("data").resolve(name);
    Files.createDirectories(file.getParent());
    new Image(width, height, 1, pixels).write(file);
  }

  private void parts() throws IOException {
    for (int i = 0; i < 12; i++) {
      image("train/cat/" + i + ".png", 8, 8, i);
      image("train/dog/" + i + ".png", 8, 8, 100 + i);
    }
    image("val/cat/a.png", 8, 8, 3);
    image("val/dog/b.png", 8, 8, 1000);
    image("test/dog/same.png", 8, 8, 3);
  }

  @Test
  void findsDamageDuplicatesAndLeaks() throws IOException {
    parts();
    Files.writeString(folder.resolve("data/train/cat/broken.png"), "no image");
    Files.writeString(folder.resolve("data/train/dog/page.html"), "<html></html>");
    Path html = folder.resolve("check.html");
    Cli check = Cli.run("check", "--data", "images:" + folder.resolve("data"), "--batch-size", 500, "--html", html);
    assertThat(check.code()).isEqualTo(1);
    assertThat(check.out()).contains("unreadable images: 1", folder.resolve("data/train/cat/broken.png") + ": ",
        "skipped files: 1",
        "page.html", "error    train: 1 of 25 images cannot be read", "--skip-unreadable",
        "warning  leakage from train into validation, whose results are too good then: images equal to one in train: 1, others",
        "warning  leakage from train into test", "equal images have different labels in 1 group: ",
        "--batch-size 500 is larger than the 25 training images",
        "equal images: 1 group\n", "enlarged by more than 2 for the input of 28x28", "time: not measured");
    assertThat(Files.readString(html)).contains("Fovea check", "Unreadable images", "broken.png", "data:image/png;base64,");
  }

  @Test
  void measuresACleanSet() {
    Cli run = Cli.run("check", "--data", "digits:300", "--json");
    JsonNode check = run.succeeds().json();
    assertThat(check.get("fails").asBoolean()).isFalse();
    assertThat(check.get("parts").size()).isEqualTo(3);
    assertThat(check.get("parts").get(0).get("images").asInt()).isEqualTo(275);
    assertThat(check.get("parts").get(0).get("images_per_class").valueStream().mapToInt(JsonNode::asInt).sum()).isEqualTo(275);
    assertThat(check.get("network").get("parameters").asInt()).isEqualTo(61_706);
    assertThat(check.get("network").get("epoch_seconds").asDouble()).isPositive();
    assertThat(check.get("network").get("training_peak_bytes").asLong()).isPositive();
    assertThat(check.get("equal")).isEmpty();
  }

  @Test
  void reportsWhyTrainingWouldBeRefused() throws IOException {
    parts();
    Cli check = Cli.run("check", "--data", "images:" + folder.resolve("data"), "--model", "fcn-small");
    assertThat(check.code()).isEqualTo(1);
    assertThat(check.out()).contains("error    fcn-small is a segmentation network");
  }

  @Test
  void settingsThatContradictEachOtherAreWarnings() {
    String out = Cli.run("check", "--data", "digits:64", "--epochs", 2, "--warmup", 100, "--patience", 5, "--augment", "flip",
        "--freeze", "body", "--body-lr", 0.5, "--ema", 0.999, "--schedule", "plateau").succeeds().out();
    assertThat(out).contains("--warmup 100: the run has 2 steps", "--patience 5: the run has 2 epochs",
        "--augment flip: what the frozen",
        "a mirrored letter or digit", "--body-lr has no effect", "--ema 0.999 averages over about 1000 steps",
        "--schedule plateau");
    assertThat(
        Cli.run("train", "--data", "digits:64", "--epochs", 1, "--warmup", 100, "--out", folder.resolve("run")).succeeds().err())
        .contains("images: 59 to train, 5 for validation, 5,000 for the test, of 10 classes", "warning: --warmup 100: ");
  }
}
