package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.LabelMap;
import dev.fovea.image.Palette;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Sequential;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Evaluate, predict and train with a class for each pixel. */
class SegmentationCommandsTest {
  private static final List<String> CLASSES = List.of("water", "land", "ice");

  @TempDir
  private Path folder;

  private Path data;
  private Path model;

  @BeforeEach
  void write() throws IOException {
    data = Files.createDirectory(folder.resolve("data"));
    Files.write(data.resolve("classes.txt"), CLASSES);
    for (String part : new String[] {"train", "val"}) {
      Files.createDirectories(data.resolve(part));
      Files.createDirectories(data.resolve(part + "annot"));
      for (int i = 0; i < 3; i++) {
        byte[] pixels = new byte[10 * 6 * 3];
        byte[] labels = new byte[10 * 6];
        for (int p = 0; p < labels.length; p++) {
          labels[p] = (byte) (p % 10 < 4 + i ? 0 : 1);
          pixels[3 * p + labels[p]] = (byte) 200;
        }
        labels[7] = (byte) LabelMap.VOID;
        new Image(10, 6, 3, pixels).write(data.resolve(part).resolve("p" + i + ".png"));
        new Palette(CLASSES).write(new LabelMap(10, 6, labels), data.resolve(part + "annot").resolve("p" + i + ".png"));
      }
    }
    Layer net = Sequential.of(Conv2d.of(4, 3).padding(1), Activation.RELU, Conv2d.of(3, 1));
    Card card = new Card("tinyseg", CLASSES, Preprocessing.of(Shape.of(3, 6, 10), Fit.STRETCH), Map.of());
    model = folder.resolve("model.safetensors");
    Model.create(net, card, 1).save(model);
  }

  @Test
  void labelMapsThatDoNotFitAreNamed() throws IOException {
    Path run = folder.resolve("run");
    Path maps = data.resolve("trainannot");
    Object[] train =
        {"train", "--model", "input 3x6x10 -> conv 3", "--data", "segmentation:" + data, "--epochs", 1, "--out", run};
    byte[] four = new byte[60];
    four[23] = 3;
    new Palette(CLASSES).write(new LabelMap(6, 10, four), maps.resolve("p1.png"));
    assertThat(Cli.run(train).failsWith(1))
        .contains("trainannot/p1.png: is 6x10, its image p1.png is 10x6; both must have the same size");
    new Palette(List.of("0", "1", "2", "3")).write(new LabelMap(10, 6, four), maps.resolve("p1.png"));
    assertThat(Cli.run(train).failsWith(1)).contains("trainannot/p1.png: pixel (3, 2) has the label 3, expected 0 to 2, or 255");
    Files.write(maps.resolve("p1.png"), new byte[0]);
    assertThat(Cli.run(train).failsWith(1)).contains("trainannot/p1.png: the file is empty");
    Files.delete(maps.resolve("p1.png"));
    assertThat(Cli.run(train).failsWith(1)).contains("train/p1.png: has no label map; expected one in trainannot/");
    assertThat(run).doesNotExist();
  }

  @Test
  void wrongNumberOfOutputsNamesTheRightOne() {
    Path run = folder.resolve("run");
    assertThat(Cli.run("train", "--model", "input 3x6x10 -> conv 7", "--data", "segmentation:" + data, "--out", run).failsWith(2))
        .contains("has 7 outputs", "has 3 classes: give its last layer 3");
    assertThat(run).doesNotExist();
  }

  @Test
  void evaluateReportsSegmentationMetrics() {
    Cli json = Cli.run("evaluate", model, "--data", "segmentation:" + data, "--json").succeeds();
    assertThat(json.json().propertyNames()).containsExactly(
        "pixel_accuracy", "mean_accuracy", "mean_iou", "frequency_weighted_iou", "loss", "count", "pixels", "class_iou");
    assertThat(json.json().get("count").asInt()).isEqualTo(3);
    assertThat(json.json().get("pixels").asInt()).isEqualTo(3 * 59);
    assertThat(json.json().get("class_iou").propertyNames()).containsExactlyElementsOf(CLASSES);
    Cli text = Cli.run("evaluate", model, "--data", "segmentation:" + data).succeeds();
    double accuracy = json.json().get("pixel_accuracy").asDouble();
    assertThat(text.out())
        .startsWith(String.format(Locale.ROOT, "pixel accuracy          %.4f (", accuracy))
        .contains("of 177 labelled pixels in 3 images, data:validation)", "\nmean IoU ", "\nfrequency weighted IoU ",
            "\nwater  ");
  }

  @Test
  void predictWritesLabelsOverlayAndLegend() {
    Path out = folder.resolve("new/out");
    Path image = data.resolve("val/p1.png");
    Cli text = Cli.run("predict", model, image, "--out", out).succeeds();
    assertThat(text.out()).startsWith(image + "  ").matches("(?s).*\\.png(  (water|land|ice) [01]\\.[0-9]{4}){1,3}\n");
    LabelMap labels = LabelMap.read(out.resolve("p1-labels.png"));
    assertThat(labels).isEqualTo(Model.load(model).segment(image).labels()).hasToString("10x6");
    assertThat(Image.read(out.resolve("p1-overlay.png"))).hasToString("10x6x3");
    assertThat(Image.read(out.resolve("p1-legend.png")).height()).isGreaterThan(60);

    Cli again = Cli.run("predict", model, image, "--out", out, "--json").succeeds();
    JsonNode answer = again.json().get("predictions").get(0);
    assertThat(answer.get("labels").asString()).isEqualTo(out.resolve("p1-labels.png").toString());
    double sum = 0;
    for (JsonNode share : answer.get("shares")) {
      sum += share.get("share").asDouble();
    }
    assertThat(sum).isEqualTo(1, within(1e-9));
    assertThat(Cli.run("predict", model, image, "--out", out, "--json", "--top", 1).succeeds().json()
        .get("predictions").get(0).get("shares").size()).isEqualTo(1);
  }

  @Test
  void secondImageOfTheSameNameIsRefused() throws IOException {
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.copy(data.resolve("val/p0.png"), other.resolve("p0.png"));
    Cli cli = Cli.run("predict", model, data.resolve("val/p0.png"), other.resolve("p0.png"), "--out", folder.resolve("out"));
    assertThat(cli.code()).isEqualTo(1);
    assertThat(cli.out().lines()).hasSize(1);
    assertThat(cli.err()).contains("has the same name as", "another --out");
  }

  @Test
  void mismatchesGiveOneLine() throws IOException {
    assertThat(Cli.run("evaluate", model, "--data", "digits:100").failsWith(1))
        .contains("the model has water, land, ice");
    assertThat(Cli.run("train", "--data", "segmentation:" + data, "--out", folder.resolve("run")).failsWith(2))
        .contains("lenet5 is a classifier", "has a label per pixel: give a segmentation network");
    assertThat(Cli.run("evaluate", model, "--data", "segmentation:" + data, "--classes", "water,ice").failsWith(1))
        .contains("cannot be selected");
    Path file = Files.createFile(folder.resolve("file"));
    assertThat(Cli.run("predict", model, data.resolve("val/p0.png"), "--out", file).failsWith(1))
        .contains("cannot be created as a folder", "another --out");
  }

  @Test
  @Tag("slow")
  void augmentationIsStoredAndChecked() {
    Path run = folder.resolve("run");
    Object[] train = {"train", "--data", "digits:120", "--epochs", 1, "--steps", 2, "--out", run, "--augment", "flip(0.5), crop"};
    Cli.run(train).succeeds();
    assertThat(run.resolve("config.json")).content().contains("\"augment\" : \"flip,crop\"");
    assertThat(run.resolve("report.html")).content().contains("--augment flip,crop");
    assertThat(Cli.run("train", "--out", run, "--resume").succeeds().err()).contains("this run is finished already");
    assertThat(Cli.run("train", "--out", run, "--resume", "--augment", "none").failsWith(1))
        .contains("augment flip,crop, now (none)");
    assertThat(Cli.run("train", "--augment", "flop").failsWith(2)).contains("--augment", "'flop'", "did you mean flip?");
    assertThat(Cli.run("predict", run, data.resolve("val/p0.png"), "--out", run).failsWith(2)).contains("--out", "leave it out");
  }
}
