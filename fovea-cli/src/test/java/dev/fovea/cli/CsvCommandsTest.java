package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.image.Image;
import dev.fovea.model.Model;
import dev.fovea.model.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Train, evaluate, predict and convert with several labels and with numbers from a CSV file. */
class CsvCommandsTest {
  private static final String NETWORK = "input 3x8x8 -> fc 12 -> relu -> fc";

  @TempDir
  private Path folder;

  /** Images whose red and blue differ: labels for the bright ones, and the red as a number. */
  @BeforeEach
  void write() throws IOException {
    StringBuilder tags = new StringBuilder("file,tags,split\n");
    StringBuilder reds = new StringBuilder("file,red,index\n");
    for (int i = 0; i < 60; i++) {
      byte[] pixels = new byte[8 * 8 * 3];
      int red = i * 37 % 200;
      boolean blue = i % 3 == 0;
      for (int p = 0; p < 64; p++) {
        pixels[3 * p] = (byte) red;
        pixels[3 * p + 2] = (byte) (blue ? 220 : 20);
      }
      new Image(8, 8, 3, pixels).write(folder.resolve("i" + i + ".png"));
      String labels = (red > 100 ? "red" : "") + (blue ? "|blue" : "");
      tags.append("i" + i + ".png," + labels + "," + (i < 40 ? "train" : i < 50 ? "val" : "test") + "\n");
      reds.append("i" + i + ".png," + red * 1000 + "," + i + "\n");
    }
    Files.writeString(folder.resolve("tags.csv"), tags);
    Files.writeString(folder.resolve("reds.csv"), reds);
  }

  private Cli train(String data, Path run, String... more) {
    Object[] args =
        {"train", "--model", NETWORK, "--data", "csv:" + folder.resolve(data), "--epochs", 20, "--batch-size", 8, "--optimizer",
            "adam", "--lr", 0.01, "--schedule", "cosine", "--threads", 1, "--out", run};
    Object[] all = Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return Cli.run(all);
  }

  @Test
  @Tag("slow")
  void severalLabels() {
    Path run = folder.resolve("run");
    Cli trained = train("tags.csv", run, "--class-weights", "balanced", "--sampling", "balanced").succeeds();
    assertThat(trained.err()).contains("tags.csv: 2 labels in column 'tags', separated by |\n",
        "class weights, balanced: ", " for blue 14, red 19 images\n",
        "sampling, balanced: as many images of each class in an epoch");
    assertThat(trained.out()).contains("test mean average precision ");
    JsonNode json = Cli.run("evaluate", run, "--json").succeeds().json();
    assertThat(json.get("mean_average_precision").doubleValue()).isGreaterThan(0.9);
    assertThat(json.get("count").intValue()).isEqualTo(10);
    assertThat(json.get("classes").get("red").get("f1").doubleValue()).isBetween(0.6, 1.0);
    assertThat(Cli.run("evaluate", run).succeeds().out()).contains("macro F1", "micro F1", "exact match", "average precision");
    JsonNode image = Cli.run("predict", run, folder.resolve("i0.png"), "--json").succeeds().json().get("predictions").get(0);
    assertThat(image.get("labels").valueStream().map(JsonNode::stringValue)).containsExactly("blue");
    assertThat(image.get("top")).hasSize(2);
    assertThat(Cli.run("predict", run, folder.resolve("i1.png")).succeeds().out()).contains("no label");
    assertThat(Cli.run("predict", run, folder.resolve("i0.png"), "--csv", "-").succeeds().out().lines()).hasSize(2)
        .startsWith("path,labels,probability of blue,probability of red,error")
        .last().asString().matches(".*i0\\.png,blue,0\\.\\d+,[\\d.E-]+,");
    assertThat(Cli.run("predict", run, folder.resolve("i0.png"), "--csv", "-", "--top", 1).succeeds().out())
        .startsWith("path,label,probability,error");
    assertThat(Cli.run("evaluate", run, "--top", 1).failsWith(2)).contains("--top, --curves and --tta", "gives several labels");
    assertThat(Cli.run("calibrate", run).failsWith(2)).contains("gives several labels; temperature scaling is for");
    JsonNode check =
        Cli.run("check", "--model", NETWORK, "--data", "csv:" + folder.resolve("tags.csv"), "--json").succeeds().json();
    assertThat(check.get("task").stringValue()).isEqualTo("labels");
    assertThat(check.get("parts").get(0).get("images_per_class").valueStream().map(JsonNode::intValue)).containsExactly(14, 19);
    Path onnx = folder.resolve("tags.onnx");
    Cli.run("convert", run, onnx).succeeds();
    assertThat(Model.load(onnx).card().task()).isEqualTo(new Task.SeveralLabels(List.of("blue", "red")));
    assertThat(
        Cli.run("predict", onnx, folder.resolve("i0.png"), "--json").succeeds().json().get("predictions").get(0).get("labels"))
        .isEqualTo(image.get("labels"));
    assertThat(train("tags.csv", run, "--resume", "--sampling", "shuffled").failsWith(1))
        .contains("was started with sampling balanced, now (none)");
    assertThat(Cli.run("train", "--resume", "--out", run).succeeds().err()).contains("finished already");
  }

  @Test
  @Tag("slow")
  void numbers() {
    Path run = folder.resolve("run");
    Cli trained = train("reds.csv:red", run).succeeds();
    assertThat(trained.err()).contains("reds.csv: 1 number in column 'red'\n");
    assertThat(trained.out()).contains("validation R2 ");
    String spec = "csv:" + folder.resolve("reds.csv");
    JsonNode json = Cli.run("evaluate", run, "--data", spec, "--json").succeeds().json();
    assertThat(json.get("r2").doubleValue()).as("its column is found").isGreaterThan(0.95);
    assertThat(json.get("numbers").get("red").get("mean_absolute_error").doubleValue()).isBetween(10.0, 15_000.0);
    assertThat(Cli.run("evaluate", run).succeeds().out()).contains("mean absolute error", "root mean squared error");
    JsonNode image = Cli.run("predict", run, folder.resolve("i2.png"), "--json").succeeds().json().get("predictions").get(0);
    assertThat(image.get("numbers").get("red").doubleValue()).isCloseTo(74_000, within(30_000.0));
    assertThat(Cli.run("predict", run, folder, "--csv", "-").succeeds().out().lines()).hasSize(61)
        .startsWith("path,red,error").element(1).asString().matches(".*i0\\.png,-?[\\d.]+(E\\d)?,");
    assertThat(Cli.run("predict", run, folder.resolve("i2.png"), "--top", 2).failsWith(2)).contains("--top: is for classes");
    assertThat(Cli.run("predict", run, folder.resolve("i2.png"), "--tta", "flip").failsWith(2)).contains("gives numbers");
    assertThat(Cli.run("evaluate", run, "--tta", "flip").failsWith(2)).contains("--tta", "gives numbers");
    assertThat(Cli.run("check", "--model", NETWORK, "--data", spec + ":red").succeeds().out())
        .containsPattern("red +mean .*, std .* in train");
    assertThat(Cli.run("evaluate", run, "--data", spec + ":index").failsWith(1))
        .contains("reds.csv: has numbers: index; the model has"
            + " numbers: red");
    assertThat(Cli.run("evaluate", run, "--data", "digits:100").failsWith(1)).contains("has one label");
    Path again = folder.resolve("again");
    Cli tuned =
        Cli.run("train", "--init", run, "--data", "csv:" + folder.resolve("tags.csv"), "--epochs", 1, "--out", again).succeeds();
    assertThat(tuned.err()).contains("2 classes instead of 1 number,");
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Path run = folder.resolve("run");
    assertThat(train("reds.csv", run, "--loss", "cross-entropy").failsWith(1))
        .contains("the loss cross-entropy is not for numbers");
    assertThat(train("reds.csv", run, "--sampling", "balanced").failsWith(1))
        .contains("balanced sampling needs images of classes");
    assertThat(train("reds.csv", run, "--class-weights", "balanced").failsWith(1)).contains("class weights are for classes");
    assertThat(train("tags.csv", run, "--class-weights", "1,2,3").failsWith(1))
        .contains("expected 2 numbers, one per class, got 3");
    assertThat(train("reds.csv", run, "--classes", "a,b").failsWith(1)).contains("only where an image has one label");
    assertThat(train("reds.csv", run, "--augment", "mixup").failsWith(1)).contains("mixup mixes the labels", "they have numbers");
    assertThat(train("none.csv", run).failsWith(1)).contains("none.csv: does not exist");
    assertThat(Cli.run("train", "--data", "digits:100", "--task", "numbers").failsWith(2)).contains("--task: only of csv:FILE");
    assertThat(Cli.run("train", "--data", "csv:").failsWith(2)).contains("names no file: write csv:FILE");
    assertThat(Cli.run("train", "--model", "fcn32s", "--data", "csv:" + folder.resolve("tags.csv")).failsWith(2))
        .contains("is a segmentation network");
    assertThat(run).doesNotExist();
  }
}
