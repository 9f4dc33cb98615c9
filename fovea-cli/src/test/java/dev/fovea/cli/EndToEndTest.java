package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.data.DigitsDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** From training to prediction, with commands only. */
class EndToEndTest {
  private static final Pattern ACCURACY = Pattern.compile("test accuracy +([01]\\.\\d{4}) \\(5000 images of digits:test\\)\n");
  private static final Pattern FINGERPRINT = Pattern.compile("\nfingerprint +([0-9a-f]{64})\n");

  @TempDir
  private Path folder;

  private Cli train(Path out, Object... more) {
    Object[] args = {"train", "--data", "digits:600", "--epochs", 2, "--batch-size", 16, "--seed", 3, "--out", out};
    Object[] all = new Object[args.length + more.length];
    System.arraycopy(args, 0, all, 0, args.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return Cli.run(all);
  }

  private static String found(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    assertThat(matcher.find()).as("%s in:%n%s", pattern, text).isTrue();
    return matcher.group(1);
  }

  @Test
  @Tag("slow")
  void initCopiesMatchingWeightsAndListsOthers() throws IOException {
    Path first = folder.resolve("first");
    train(first, "--steps", 5).succeeds();
    Path second = folder.resolve("second");
    Cli again = train(second, "--steps", 5, "--model", "lenet5", "--init", first).succeeds();
    assertThat(again.err()).contains("--init " + first + ": 10 of 10 parameters loaded\n");
    assertThat(Files.readString(second.resolve("config.json"))).contains("\"init_fingerprint\"", found(FINGERPRINT,
        Cli.run("train", "--data", "digits:600", "--epochs", 2, "--batch-size", 16, "--seed", 3, "--steps", 5, "--out", first,
            "--resume").succeeds().out()));
    assertThat(train(second, "--steps", 5, "--resume").succeeds().err()).contains("this run is finished already");
    Path best = first.resolve("best.safetensors");
    assertThat(
        train(folder.resolve("three"), "--steps", 1, "--model", "lenet5", "--init", best, "--classes", "1,3,7").succeeds().err())
        .contains(
            "8 of 10 parameters loaded; shape mismatch, not loaded: fc3.weight (10x84 in the file, 3x84 here), fc3.bias (10");
    assertThat(train(folder.resolve("none"), "--model", "mlp", "--init", best).failsWith(1)).contains("none of its tensors has");
    assertThat(train(folder.resolve("none"), "--init", folder.resolve("absent")).failsWith(1)).contains("no such file");
    assertThat(folder.resolve("none")).doesNotExist();
  }

  @Test
  void trainEvaluatePredictResume() throws IOException {
    Path run = folder.resolve("run");
    Cli trained = train(run).succeeds();
    double accuracy = Double.parseDouble(found(ACCURACY, trained.out()));
    assertThat(accuracy).isGreaterThan(0.3);
    assertThat(trained.err()).contains("lenet5 on digits:600, into " + run, "epoch 1/2", "epoch 2/2");
    for (String name : new String[] {"config.json", "metrics.jsonl", "model.safetensors", "best.safetensors", "report.html"}) {
      assertThat(run.resolve(name)).isNotEmptyFile();
    }

    Cli evaluated = Cli.run("evaluate", run, "--data", "digits", "--json").succeeds();
    assertThat(evaluated.json().get("accuracy").asDouble()).isEqualTo(accuracy);
    assertThat(evaluated.json().get("count").asInt()).isEqualTo(5000);
    assertThat(evaluated.json().get("loss").asDouble()).isPositive();
    assertThat(evaluated.json().propertyNames()).startsWith("accuracy", "loss", "count");
    assertThat(Cli.run("evaluate", run.resolve("model.safetensors")).succeeds().out())
        .startsWith("accuracy  " + String.format(java.util.Locale.ROOT, "%.4f", accuracy) + " (");

    predict(run);

    assertThat(train(run).failsWith(1)).contains("already holds a run", "--resume", "--overwrite");
    byte[] model = Files.readAllBytes(run.resolve("model.safetensors"));
    Cli resumed = train(run, "--resume").succeeds();
    assertThat(resumed.err()).contains("this run is finished already, nothing is left to do");
    assertThat(resumed.out()).isEqualTo(trained.out());
    assertThat(Files.readAllBytes(run.resolve("model.safetensors"))).isEqualTo(model);
    assertThat(train(run, "--resume", "--lr", "0.5").failsWith(1)).contains("was started with learning_rate 0.03, now 0.5");

    Cli again = train(run, "--overwrite", "--threads", 3).succeeds();
    assertThat(found(FINGERPRINT, again.out())).isEqualTo(found(FINGERPRINT, trained.out()));
  }

  private void predict(Path run) {
    Path image = folder.resolve("h\u00e4nd \"7\".png");
    DigitsDataset.test().image(0).write(image);
    Cli predicted = Cli.run("predict", run, image, "--top", 3).succeeds();
    assertThat(predicted.out()).startsWith(image + "  ").matches("(?s).*\\.png(  [0-9] [01]\\.[0-9]{4}){3}\n");
    JsonNode json = Cli.run("predict", run, image, image, "--json", "--top", 2).succeeds().json();
    assertThat(json.get("predictions").size()).isEqualTo(2);
    JsonNode first = json.get("predictions").get(0);
    assertThat(first.get("file").asString()).isEqualTo(image.toString());
    assertThat(first.get("top").size()).isEqualTo(2);
    assertThat(first.get("label")).isEqualTo(first.get("top").get(0).get("label"));
    assertThat(first.get("probability").asDouble()).isBetween(0.1, 1.0);
  }

  @Test
  void binaryModelIsEvaluatedOnItsTwoClasses() {
    Path run = folder.resolve("run");
    Cli.run("train", "--model", "logistic", "--data", "digits:600", "--classes", "3,8", "--epochs", 1, "--out", run).succeeds();
    Cli all = Cli.run("evaluate", run, "--data", "digits", "--json").succeeds();
    assertThat(all.err()).contains("only the model's classes are used: 3, 8");
    Cli two = Cli.run("evaluate", run, "--data", "digits", "--classes", "8,3", "--json").succeeds();
    assertThat(two.json().get("count").asInt()).isEqualTo(1000);
    assertThat(all.json()).isEqualTo(two.json());
  }

  @Test
  @Tag("slow")
  void allNetworkOptionsWork() {
    int n = 0;
    for (String form : new String[] {"lenet5 --pool mean", "lenet5 --pool trainable --activation tanh",
        "lenet-caffe --pool gaussian",
        "mlp --hidden 16,8 --activation leaky-relu --optimizer adamw --schedule step",
        "mlp --optimizer rmsprop --momentum 0.5 --schedule one-cycle --warmup 2",
        "mlp --optimizer adagrad --schedule multistep", "mlp --schedule exponential", "mlp --schedule polynomial --warmup 1",
        "lenet5 --input 3x32x32 --optimizer adam"}) {
      String line = "train --data digits:120 --epochs 1 --steps 3 --out " + folder.resolve("run" + n++) + " --model " + form;
      Cli.run((Object[]) line.split(" ", -1)).succeeds();
    }
  }

  @Test
  void resumeWithoutARunStartsOne() {
    Cli begun = train(folder.resolve("new"), "--resume", "--steps", 2).succeeds();
    assertThat(begun.out()).contains("fingerprint");
    assertThat(begun.err()).contains(folder.resolve("new") + " holds no run to resume: a new one begins\n");
    assertThat(Cli.run("train", "--resume", "--out", folder.resolve("typo")).failsWith(2))
        .contains("typo holds no run: name its");
  }
}
