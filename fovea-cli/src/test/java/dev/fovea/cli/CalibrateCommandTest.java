package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.data.DigitsDataset;
import dev.fovea.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Metrics of a classifier's scores on each part of a data set, and its temperature. */
class CalibrateCommandTest {
  @TempDir
  private Path folder;

  private Path run;

  @BeforeEach
  void train() {
    run = folder.resolve("run");
    Cli.run("train", "--model", "mlp", "--data", "digits:900", "--epochs", 3, "--out", run).succeeds();
  }

  private JsonNode evaluate(Object... more) {
    Object[] all = new Object[more.length + 3];
    all[0] = "evaluate";
    all[1] = run;
    all[2] = "--json";
    System.arraycopy(more, 0, all, 3, more.length);
    return Cli.run(all).succeeds().json();
  }

  @Test
  void partsAreThoseOfTheTraining() {
    JsonNode train = evaluate("--split", "train");
    JsonNode validation = evaluate("--split", "validation");
    assertThat(train.get("count").asInt() + validation.get("count").asInt()).isEqualTo(900);
    assertThat(evaluate("--split", "test").toString()).isEqualTo(evaluate().toString());
    assertThat(Cli.run("evaluate", run, "--split", "held-out").failsWith(2)).contains("there is no 'held-out'", "validation");
  }

  @Test
  void jsonHasAllMetricsAndTextTheSame() {
    JsonNode json = evaluate("--curves", "--top", 3);
    assertThat(json.propertyNames()).containsExactly("accuracy", "loss", "count", "top_3_accuracy", "macro_f1", "macro_roc_area",
        "macro_average_precision", "ece", "intervals", "temperature", "reliability", "classes");
    assertThat(json.get("intervals").propertyNames()).contains("accuracy", "top_3_accuracy", "ece", "loss");
    double accuracy = json.get("accuracy").asDouble();
    assertThat(accuracy).isBetween(json.get("intervals").get("accuracy").get(0).asDouble(),
        json.get("intervals").get("accuracy").get(1).asDouble());
    assertThat(json.get("top_3_accuracy").asDouble()).isGreaterThan(accuracy);
    assertThat(json.get("reliability").size()).isEqualTo(15);
    double area = 0;
    for (JsonNode one : json.get("classes")) {
      area += one.get("roc_area").asDouble() / 10;
      assertThat(one.get("roc").get(0).get(0).asDouble()).isZero();
      assertThat(one.get("precision_recall").size()).isPositive();
    }
    assertThat(area).isCloseTo(json.get("macro_roc_area").asDouble(), within(1e-12));
    assertThat(evaluate().get("classes").get(0).has("roc")).isFalse();
    Cli text = Cli.run("evaluate", run).succeeds();
    assertThat(text.out()).startsWith(String.format("accuracy  %.4f (", accuracy)).contains("\ntop-5 accuracy ", "\nECE ",
        "precision  recall      F1  ROC area      AP    images");
    assertThat(Cli.run("evaluate", run, "--curves").failsWith(2)).contains("add --json");
  }

  @Test
  void viewsChangeTheProbabilities() {
    JsonNode flipped = evaluate("--split", "validation", "--tta", "flip");
    assertThat(flipped.get("count").asInt()).isEqualTo(75);
    assertThat(flipped.get("loss").asDouble()).isNotEqualTo(evaluate("--split", "validation").get("loss").asDouble());
    assertThat(Cli.run("evaluate", run, "--tta", "ten-crop").failsWith(1)).contains("centres the ink of handwriting");
  }

  @Test
  void temperatureIsFittedOnTheValidationImagesAndStored() throws IOException {
    JsonNode before = evaluate("--split", "validation");
    Path image = folder.resolve("digit.png");
    DigitsDataset.test().image(4).write(image);
    String uncalibrated = Cli.run("predict", run, image, "--json").succeeds().out();
    String fingerprint = Model.load(run).parameters().fingerprint();
    JsonNode fitted = Cli.run("calibrate", run, "--json").succeeds().json();
    assertThat(fitted.propertyNames()).containsExactly("temperature", "count", "loss_before", "loss", "ece_before", "ece");
    assertThat(fitted.get("loss_before").asDouble()).isEqualTo(before.get("loss").asDouble());
    assertThat(fitted.get("ece_before").asDouble()).isEqualTo(before.get("ece").asDouble());
    assertThat(fitted.get("loss").asDouble()).isLessThan(fitted.get("loss_before").asDouble());

    Model model = Model.load(run);
    assertThat(model.parameters().fingerprint()).isEqualTo(fingerprint);
    assertThat(model.card().temperature()).isEqualTo(fitted.get("temperature").asDouble()).isNotEqualTo(1);
    JsonNode after = evaluate("--split", "validation");
    assertThat(after.get("loss").asDouble()).isEqualTo(fitted.get("loss").asDouble());
    assertThat(after.get("accuracy").asDouble()).isEqualTo(before.get("accuracy").asDouble());
    assertThat(after.get("temperature").asDouble()).isEqualTo(model.card().temperature());
    assertThat(Cli.run("predict", run, image, "--json").succeeds().out()).isNotEqualTo(uncalibrated);

    // again: the temperature is of the logits, so that it stays
    assertThat(Cli.run("calibrate", run).succeeds().out()).contains("temperature  ", "written to   " + run.resolve(Model.FILE));
    assertThat(Model.load(run).card()).isEqualTo(model.card());

    Path onnx = folder.resolve("digits.onnx");
    Cli.run("convert", run, onnx).succeeds();
    assertThat(Model.load(onnx).card().temperature()).isEqualTo(model.card().temperature());
    assertThat(Cli.run("calibrate", onnx).failsWith(2)).contains("cannot be changed", "--out *.safetensors");
    Path other = folder.resolve("other.safetensors");
    Cli.run("calibrate", onnx, "--out", other).succeeds();
    assertThat(Model.load(other).card().temperature()).isCloseTo(model.card().temperature(), within(1e-3));
    assertThat(Files.size(other)).isPositive();
    Path more = folder.resolve("more");
    Cli.run("train", "--init", run, "--data", "digits:200", "--steps", 1, "--out", more).succeeds();
    assertThat(Model.load(more).card().temperature()).as("trained again").isEqualTo(1);
  }

  @Test
  void reportShowsTheProbabilities() throws IOException {
    assertThat(Files.readString(run.resolve("report.html"))).contains("<b>Reliability</b>", "<b>ROC</b>",
        "<b>Precision and recall</b>", "expected calibration error is ");
    assertThat(List.of("config.json", "metrics.jsonl")).allMatch(name -> Files.exists(run.resolve(name)));
  }
}
