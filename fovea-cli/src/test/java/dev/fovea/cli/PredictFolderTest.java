package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.image.TestTimeAugmentation;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.model.Prediction;
import dev.fovea.model.Segmentation;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Predictions for folders, as lines, JSON and comma-separated values. */
class PredictFolderTest {
  private static final List<String> CLASSES = List.of("ant", "=bee", "cat, \"big\"");

  @TempDir
  private Path folder;

  private Path photos;
  private Path model;

  @BeforeEach
  void write() throws IOException {
    photos = folder.resolve("photos");
    for (String name : List.of("b.png", "a.png", "z/2.png", "z/10.png", "m/deep/x.png", "m/q, \"1\".png")) {
      Path file = photos.resolve(name);
      Files.createDirectories(file.getParent());
      random(name.hashCode()).write(file);
    }
    Files.writeString(photos.resolve("notes.txt"), "notes");
    Files.writeString(photos.resolve("m/.hidden.png"), "");
    model = folder.resolve("model.safetensors");
    save(Sequential.of(Conv2d.of(4, 3), new Flatten(), Linear.of(3)));
  }

  private void save(Layer net) {
    Model.create(net, new Card("net", CLASSES, Preprocessing.of(Shape.of(3, 8, 9), Fit.STRETCH), Map.of()), 2).save(model);
  }

  private static Image random(long seed) {
    byte[] pixels = new byte[13 * 11 * 3];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) Rng.of(seed).below(i, 256);
    }
    return new Image(13, 11, 3, pixels);
  }

  /** In the order in which they are predicted. */
  private List<Path> files() {
    return List.of("a.png", "b.png", "m/q, \"1\".png", "m/deep/x.png", "z/10.png", "z/2.png").stream().map(photos::resolve)
        .toList();
  }

  private static String field(String text) {
    return text.contains("\"") ? "\"" + text.replace("\"", "\"\"") + "\"" : text;
  }

  private static String label(Prediction.Score score) {
    return score.index() == 1 ? "'=bee" : field(score.label());
  }

  private String expected(int top, TestTimeAugmentation views) {
    Model loaded = Model.load(model);
    StringBuilder text = new StringBuilder("path,label,probability");
    for (int k = 2; k <= top; k++) {
      text.append(",label_").append(k).append(",probability_").append(k);
    }
    text.append(",error\n");
    for (Path file : files()) {
      text.append(field(file.toString()));
      loaded.predict(Image.read(file), views).top(top)
          .forEach(score -> text.append(",").append(label(score)).append(",").append(score.probability()));
      text.append(",\n");
    }
    return text.toString();
  }

  @Test
  void csvHasTheBitsOfSinglePredictionsOnAnyNumberOfThreads() throws IOException {
    Path csv = folder.resolve("out.csv");
    for (int threads = 1; threads <= 3; threads++) {
      Cli cli = Cli.run("predict", model, photos, "--csv", csv, "--threads", threads).succeeds();
      assertThat(cli.out()).isEmpty();
      assertThat(cli.err()).isEqualTo(photos + ": skipped: 1 text\n");
      assertThat(Files.readString(csv)).isEqualTo(expected(1, TestTimeAugmentation.NONE));
    }
    assertThat(Cli.run("predict", model, photos, "--csv", "-", "--top", 9).succeeds().out())
        .isEqualTo(expected(3, TestTimeAugmentation.NONE));
    assertThat(Cli.run("predict", model, photos, "--csv", "-", "--tta", "ten-crop").succeeds().out())
        .isEqualTo(expected(1, TestTimeAugmentation.TEN_CROP)).isNotEqualTo(expected(1, TestTimeAugmentation.NONE));
  }

  @Test
  void linesAndJsonAreInTheSameOrder() {
    Cli lines = Cli.run("predict", model, photos.resolve("z/2.png"), photos).succeeds();
    assertThat(lines.out()).hasLineCount(7).startsWith(photos.resolve("z/2.png") + "  ");
    Cli json = Cli.run("predict", model, photos, "--json").succeeds();
    List<String> paths = new ArrayList<>();
    json.json().get("predictions").forEach(p -> paths.add(p.get("file").asString()));
    assertThat(paths).containsExactlyElementsOf(files().stream().map(Path::toString).toList());
  }

  @Test
  void unreadableImagesHaveARowAndAreCounted() throws IOException {
    Files.write(photos.resolve("b.png"), new byte[0]);
    Files.writeString(photos.resolve("z/10.png"), "<html>gone</html>");
    Path csv = folder.resolve("out.csv");
    Cli cli = Cli.run("predict", model, photos, "--csv", csv);
    assertThat(cli.code()).isEqualTo(1);
    assertThat(cli.err()).contains(photos.resolve("b.png") + ": the file is empty\n")
        .endsWith("\nfovea: 2 of 6 images failed: 1 empty, 1 web page\n");
    List<String> lines = Files.readAllLines(csv);
    assertThat(lines).hasSize(7);
    assertThat(lines.get(2)).isEqualTo(photos.resolve("b.png") + ",,,the file is empty");
    assertThat(lines.get(5)).startsWith(photos.resolve("z/10.png") + ",,,").contains("web page");
    assertThat(lines.get(1)).endsWith(",");
  }

  @Test
  void segmentationGivesTheShares() throws IOException {
    save(Sequential.of(Conv2d.of(3, 3).padding(1)));
    List<String> lines = Cli.run("predict", model, photos, "--csv", "-").succeeds().out().lines().toList();
    assertThat(lines.getFirst()).isEqualTo("path,share of ant,share of =bee,\"share of cat, \"\"big\"\"\",error");
    Segmentation first = Model.load(model).segment(files().getFirst());
    assertThat(lines.get(1))
        .isEqualTo(files().getFirst() + "," + first.share(0) + "," + first.share(1) + "," + first.share(2) + ",");
    try (var entries = Files.list(folder)) {
      assertThat(entries).as("no images are written").containsExactlyInAnyOrder(photos, model);
    }
    assertThat(Cli.run("predict", model, photos, "--csv", "-", "--tta", "flip").failsWith(2))
        .contains("--tta: is for classifiers");
  }

  @Test
  void linksToFoldersAboveAreReadOnce() throws IOException {
    Files.createSymbolicLink(photos.resolve("m/up"), photos);
    assertThat(Cli.run("predict", model, photos, "--csv", "-").succeeds().out()).hasLineCount(7);
  }

  @Test
  void wrongUseIsRefused() throws IOException {
    assertThat(Cli.run("predict", model, photos, "--csv", "-", "--json").failsWith(2)).contains("leave out --json");
    assertThat(Cli.run("predict", model, photos, "--csv", "-", "--out", folder).failsWith(2)).contains("leave out --out");
    assertThat(Cli.run("predict", model, photos, "--tta", "six").failsWith(2)).contains("there is no 'six'", "five-crop");
    assertThat(Cli.run("predict", model, photos, "--csv", folder.resolve("none/x.csv")).failsWith(1)).contains("does not exist");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThat(Cli.run("predict", model, empty).failsWith(1)).contains("empty: is a folder without images");
  }

  /** Ctrl-C in a process of its own: neither the file nor a hidden part of it is left, and an older one is unchanged. */
  @Test
  @Tag("slow")
  void interruptionLeavesNoHalfFile() throws IOException, InterruptedException {
    Path big = Files.createDirectories(folder.resolve("big"));
    byte[] image = random(1).png();
    for (int i = 0; i < 20_000; i++) {
      Files.write(big.resolve(i + ".png"), image);
    }
    Path results = Files.createDirectories(folder.resolve("results"));
    Path csv = Files.writeString(results.resolve("out.csv"), "old");
    Path err = folder.resolve("err");
    Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--add-modules",
        "jdk.incubator.vector", "-cp", System.getProperty("java.class.path"), Main.class.getName(), "predict", model.toString(),
        big.toString(), "--csv", csv.toString()).redirectError(err.toFile()).start();
    try {
      for (boolean begun = false; !begun && process.isAlive(); Thread.sleep(5)) {
        try (var entries = Files.list(results)) {
          begun = entries.anyMatch(file -> file.toString().endsWith(".tmp") && file.toFile().length() > 1000);
        }
      }
      process.destroy();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    String messages = Files.readString(err);
    assertThat(process.exitValue()).as(messages).isEqualTo(128 + 15);
    assertThat(messages).contains("fovea: stopped; " + csv + " is not written");
    assertThat(csv).hasContent("old");
    try (var entries = Files.list(results)) {
      assertThat(entries).containsExactly(csv);
    }
  }
}
