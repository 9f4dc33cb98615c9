package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.image.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training and evaluation on folders of images: which are used, which are skipped, and what is refused before it is read. */
class FolderCommandsTest {
  @TempDir
  private Path folder;

  private Path old;
  private Path run;

  @BeforeEach
  void drawImages() throws IOException {
    old = images("old", 30, "ant", "bee");
    run = folder.resolve("run");
  }

  /** {@code count} images of each class, darker from class to class; no two are equal. */
  private Path images(String name, int count, String... classes) throws IOException {
    Path set = folder.resolve(name);
    for (int c = 0; c < classes.length; c++) {
      Files.createDirectories(set.resolve(classes[c]));
      for (int i = 0; i < count; i++) {
        byte[] pixels = new byte[64];
        Arrays.fill(pixels, (byte) (200 - 100 * c));
        pixels[i % 64] = (byte) name.hashCode();
        new Image(8, 8, 1, pixels).write(set.resolve(classes[c]).resolve(i + ".png"));
      }
    }
    return set;
  }

  private Cli train(Path data, Object... more) {
    Object[] given = {"train", "--model", "input -> fc", "--data", "images:" + data, "--epochs", 1, "--out", run};
    return Cli.run(Stream.concat(Arrays.stream(given), Arrays.stream(more)).toArray());
  }

  private Cli evaluate(Path data) {
    return Cli.run("evaluate", run, "--data", "images:" + data).succeeds();
  }

  @Test
  void newFolderIsEvaluatedCompletely() throws IOException {
    train(old).succeeds();
    Path fresh = images("new", 20, "ant", "bee");
    assertThat(evaluate(fresh).out()).contains(" of 40, new)");
    assertThat(evaluate(fresh).err()).isEqualTo("images:" + fresh + ": has no test part, so all 40 images are evaluated\n");
    assertThat(evaluate(images("small", 9, "ant", "bee")).out()).contains(" of 18, small)");
  }

  @Test
  void ofTrainingDataOnlyTheHeldOutPartIsEvaluated() throws IOException {
    train(old).succeeds();
    Cli same = evaluate(old);
    assertThat(same.out()).contains(" of 6, old:test)");
    assertThat(same.err())
        .contains("the model was trained on it, so the 6 of 60 images that were held out of training are evaluated\n");
    assertThat(Cli.run("evaluate", run).succeeds().out()).isEqualTo(same.out());
    Path moved = Files.move(old, folder.resolve("moved"));
    assertThat(evaluate(moved).out()).as("recognised by its content").contains(" of 6, moved:test)");
    Files.move(moved, old);
    Files.delete(old.resolve("bee/7.png"));
    assertThat(evaluate(old).err()).contains("held out of training are evaluated; but the data have changed since");
  }

  @Test
  void folderMayLackSomeClasses() throws IOException {
    train(images("three", 30, "ant", "bee", "fly")).succeeds();
    Cli cli = evaluate(images("new", 5, "ant", "fly"));
    assertThat(cli.out()).contains(" of 10, new)");
    assertThat(cli.err()).contains("new: no images of class bee, which gets no metrics");
  }

  @Test
  void unreadableImagesAreListedOrSkippedAndCounted() throws IOException {
    Files.write(old.resolve("ant/2.png"), new byte[0]);
    Files.writeString(old.resolve("ant/9.png"), "<html>gone</html>");
    Files.writeString(old.resolve("bee/notes.txt"), "notes");
    Cli refused = train(old);
    assertThat(refused.failsWith(1)).contains("2.png and 1 more of 60 images cannot be read (1 empty, 1 web page)",
        "--skip-unreadable skips them");
    assertThat(refused.err()).contains("ant/2.png: the file is empty\n", "ant/9.png: is a web page");
    assertThat(run).doesNotExist();
    Cli skipped = train(old, "--skip-unreadable").succeeds();
    assertThat(skipped.err()).contains("images:" + old + ": skipped: 1 text",
        "old: 2 of 60 images cannot be read and are skipped: 1 empty, 1 web page");
    assertThat(Files.readAllLines(run.resolve("left-out.txt"))).hasSize(3).first().asString()
        .endsWith("2.png: the file is empty");
    assertThat(Files.readString(run.resolve("report.html")).replaceAll("</?span>", ""))
        .contains("skipped files</dt><dd>1 empty, 1 text, 1 web page", "--skip-unreadable --");
    assertThat(Cli.run("evaluate", run).succeeds().out()).contains(" of 5, old:test)");
    Files.write(old.resolve("bee/3.png"), new byte[0]);
    assertThat(train(old, "--skip-unreadable", "--resume").failsWith(1)).contains("data_fingerprint");
  }

  @Test
  void unreadableTestImageIsFoundBeforeTraining() throws IOException {
    images("parts/train", 5, "ant", "bee");
    Path bad = images("parts/test", 1, "ant", "bee").resolve("bee/0.png");
    Files.write(bad, new byte[0]);
    Cli cli = train(folder.resolve("parts"));
    assertThat(cli.failsWith(1)).isEqualTo("fovea: " + bad + ": the file is empty; --skip-unreadable skips it");
    assertThat(cli.err()).doesNotContain("epoch of", "epoch 1");
  }

  @Test
  void folderOfAnotherRunIsRefusedBeforeImagesAreRead() throws IOException {
    train(old).succeeds();
    Files.write(old.resolve("bee/3.png"), new byte[0]);
    Cli cli = train(old);
    assertThat(cli.failsWith(1)).contains("already holds a run");
    assertThat(cli.err().lines()).hasSize(1);
    assertThat(compare(run).failsWith(1)).contains("holds other files");
    Path file = Files.writeString(folder.resolve("file"), "mine");
    assertThat(compare(file.resolve("deeper")).failsWith(1)).contains("cannot be created", "is a file");
  }

  private Cli compare(Path out) {
    Cli cli =
        Cli.run("compare", "--vary", "lr=0.1,0.2", "--model", "input -> fc", "--data", "images:" + old, "--epochs", 1, "--out",
            out);
    assertThat(cli.err()).doesNotContain("every tenth");
    return cli;
  }

  @Test
  void classesThatCannotBeLearnedAreReportedBeforeTraining() throws IOException {
    images("few/train", 20, "ant", "bee");
    images("few/train", 1, "fly");
    images("few/val", 2, "ant", "bee");
    images("few/test", 2, "ant", "bee");
    List<String> lines = train(folder.resolve("few")).succeeds().err().lines().toList();
    assertThat(lines.subList(3, 6)).containsExactly(
        "few:train: a single training image is of the class 'fly'",
        "few:validation: 0 images for validation are of the class 'fly'",
        "few:test: 0 test images are of the class 'fly', so it is not evaluated");
    assertThat(lines.get(6)).contains("1 epoch of");
  }
}
