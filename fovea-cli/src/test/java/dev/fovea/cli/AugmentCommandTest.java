package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.augment.Augmentation;
import dev.fovea.image.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AugmentCommandTest {
  @TempDir
  private Path folder;

  /** Digits of 28 pixels are shown twice as large, with a gap of four pixels, eight more after the first column and at the end. */
  @Test
  void sheetHasARowPerImageAndAColumnPerEpoch() {
    Path sheet = folder.resolve("sheet.png");
    Cli done =
        Cli.run("augment", "--data", "digits:60", "--augment", "flip,rotation(20)", "--images", 3, "--epochs", 4, "--preview",
            sheet).succeeds();
    assertThat(Image.read(sheet)).hasToString((5 * 60 + 12) + "x" + (3 * 60 + 4) + "x3");
    assertThat(done.out()).contains("with flip,rotation(20)", "row 1: image 0, ").hasLineCount(4);
    Image first = Image.read(sheet);
    Cli.run("augment", "--data", "digits:60", "--augment", "flip,rotation(20)", "--images", 3, "--epochs", 4, "--preview", sheet);
    assertThat(Image.read(sheet)).isEqualTo(first);
    Cli.run("augment", "--data", "digits:60", "--augment", "flip,rotation(20)", "--images", 3, "--epochs", 4, "--seed", 2,
        "--preview",
        sheet);
    assertThat(Image.read(sheet)).isNotEqualTo(first);
    Cli.run("augment", "--data", "digits:60", "--augment", "none", "--images", 3, "--epochs", 4, "--preview", sheet).succeeds();
    Image plain = Image.read(sheet);
    assertThat(plain.crop(4, 4, 56, 56)).isEqualTo(plain.crop(4 + 60 + 4, 4, 56, 56)).isNotEqualTo(plain.crop(4, 64, 56, 56));
  }

  @Test
  void withoutAnAugmentationEachStepHasARow() {
    Path sheet = folder.resolve("all.png");
    Cli done = Cli.run("augment", "--data", "digits:60", "--images", 3, "--epochs", 2, "--preview", sheet).succeeds();
    int rows = Augmentation.examples().size();
    assertThat(done.out()).hasLineCount(1 + rows).contains("row 1: flip\n", "row " + rows + ": cutmix\n");
    assertThat(Image.read(sheet).height()).isEqualTo(rows * 60 + 4);
  }

  @Test
  void photographsAreShownAtTheNetworksInputSize() throws IOException {
    for (String name : new String[] {"blue", "red"}) {
      Files.createDirectories(folder.resolve(name));
      for (int i = 0; i < 12; i++) {
        byte[] pixels = new byte[90 * 70 * 3];
        for (int p = 0; p < pixels.length; p++) {
          pixels[p] = (byte) (p % 3 == (name.equals("red") ? 0 : 2) ? 2 * (p / 3 % 90) : 10 * i);
        }
        new Image(90, 70, 3, pixels).write(folder.resolve(name).resolve(i + ".png"));
      }
    }
    Path sheet = folder.resolve("sheet.png");
    Object[] args = {"augment", "--data", "images:" + folder, "--model", "resnet18", "--input", "3x64x64", "--augment",
        "resized-crop,mixup", "--images", 2, "--epochs", 1, "--preview", sheet};
    Cli.run(args).succeeds();
    assertThat(Image.read(sheet)).hasToString((2 * 68 + 12) + "x" + (2 * 68 + 4) + "x3");
  }

  @Test
  @Tag("slow")
  void trainingStoresTheStepsAndResumesWithThem() {
    Path run = folder.resolve("run");
    String steps = "flip,resized-crop(0.5..1),color-jitter(0.2),mixup(0.4),cutmix";
    Object[] train = {"train", "--data", "digits:120", "--epochs", 1, "--steps", 2, "--out", run, "--augment", steps};
    Cli.run(train).succeeds();
    assertThat(run.resolve("config.json")).content().contains("\"augment\" : \"" + steps + "\"");
    Cli.run("train", "--out", run, "--resume").succeeds();
    assertThat(Cli.run("train", "--out", run, "--resume", "--augment", "flip").failsWith(1)).contains("augment " + steps);
    assertThat(Cli.run("compare", "--data", "digits:60", "--model", "mlp", "--steps", 1, "--vary",
        "augment=none;flip,crop;resized-crop(0.5..1),mixup", "--out", folder.resolve("c")).succeeds().out())
        .contains("resized-crop(0.5..1),mixup");
  }

  @Test
  void errorsAreOneLine() {
    assertThat(Cli.run("augment").failsWith(2)).contains("--preview");
    assertThat(Cli.run("augment", "--preview", "x.png", "--augment", "rotations(3)").failsWith(2))
        .contains("--augment", "there is no augmentation 'rotations'", "did you mean rotation?");
    assertThat(Cli.run("augment", "--preview", "x.png", "--augment", "rotation(300)").failsWith(2))
        .contains("expected degrees from 0..180, got 300; write it as in rotation(15)");
    assertThat(
        Cli.run("augment", "--preview", folder.resolve("x.png"), "--data", "digits:60", "--epochs", 40_000_000).failsWith(1))
        .contains("ask for fewer");
  }
}
