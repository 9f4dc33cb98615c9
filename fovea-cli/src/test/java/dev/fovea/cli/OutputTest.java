package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fovea.cli.console.Streams;
import dev.fovea.data.DigitsDataset;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import dev.fovea.zoo.LeNet5;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Standard output: names with control characters, values that are not finite, and output that cannot be written. */
class OutputTest {
  @TempDir
  private Path folder;

  private Path model;
  private Path digit;

  @BeforeEach
  void makeAModel() {
    model = folder.resolve("m.safetensors");
    digit = folder.resolve("digit.png");
    Model.create(LeNet5.modern(10), Shape.of(1, 28, 28), 1).save(model);
    DigitsDataset.test().image(0).write(digit);
  }

  /** A full disk, or a pipe without a reader. */
  private static final class Full extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      throw new IOException("No space left on device");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"predict MODEL DIGIT", "predict MODEL DIGIT --json", "evaluate MODEL --data digits:100",
      "summary lenet5", "models", "data", "completion", "--help", "--version", "demo convolution", "train --help",
      "overfit --data digits:100 --steps 1", "train --data digits:100 --steps 1 --out RUN"})
  void outputThatCannotBeWrittenIsAFailure(String line) {
    List<String> words = new ArrayList<>(List.of(line.split(" ", -1)));
    words.replaceAll(word -> switch (word) {
      case "MODEL" -> model.toString();
      case "DIGIT" -> digit.toString();
      case "RUN" -> folder.resolve("run").toString();
      default -> word;
    });
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code = Main.run(words.toArray(String[]::new), new PrintStream(new Full(), false, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
    assertThat(code).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8).lines()).last().asString()
        .isEqualTo("fovea: standard output cannot be written: is the disk full?");
  }

  @Test
  void namesAreEscaped() {
    Path odd = folder.resolve("a\nb.png  7 1.0000\u001b[31m\u202e\u0085\u2028.png");
    assumeTrue(odd.toString().contains("\u202e"), "a file system that takes such names");
    DigitsDataset.test().image(0).write(odd);
    Cli text = Cli.run("predict", model, odd).succeeds();
    assertThat(text.out()).hasLineCount(1)
        .contains("a\\nb.png  7 1.0000\\u001b[31m\\u202e\\u0085\\u2028.png  ");
    Cli json = Cli.run("predict", model, odd, "--json").succeeds();
    assertThat(json.json().get("predictions").get(0).get("file").asString()).isEqualTo(odd.toString());
    assertThat(Cli.run("predict", model, folder.resolve("x\n\u009b31my.png")).failsWith(1)).doesNotContain("\u009b");
    Path out = folder.resolve("c\u001b[2J.safetensors");
    assertThat(Cli.run("convert", model, out).succeeds().out()).contains("c\\u001b[2J.safetensors: input ");
  }

  @Test
  void namesInManyScriptsAreNotEscaped() {
    assertThat(Streams.escaped("händ 手 👩\u200d🔬 ي\u200c.png")).isEqualTo("händ 手 👩\u200d🔬 ي\u200c.png");
  }

  @Test
  void predictionsDoNotDependOnThreads() {
    String one = Cli.run("predict", model, digit, "--top", 10, "--threads", 1, "--json").succeeds().out();
    assertThat(Cli.run("predict", model, digit, "--top", 10, "--threads", 3, "--json").succeeds().out()).isEqualTo(one);
    assertThat(Cli.run("predict", model, digit, "--top", 10, "--json").succeeds().out()).isEqualTo(one);
    assertThat(Cli.run("predict", model, digit, "--threads", 0).failsWith(2)).contains("--threads: expected an integer");
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void modelWithNonFiniteOutputsFails(float broken) {
    Model damaged = Model.create(LeNet5.modern(10), Shape.of(1, 28, 28), 1);
    damaged.parameters().values()[damaged.parameters().entry("fc3.bias").offset()] = broken;
    damaged.save(model);
    String why = "its weights have diverged or are damaged; use an earlier model, or train it again";
    assertThat(Cli.run("predict", model, digit).failsWith(1))
        .isEqualTo("fovea: " + model + ": network gives outputs that are not finite: " + why);
    assertThat(Cli.run("evaluate", model, "--data", "digits:100").failsWith(1))
        .isEqualTo("fovea: " + model + ": its outputs are not finite, so it cannot be evaluated: its weights have diverged or are"
            + " damaged; use an earlier model, or train it again");
  }
}
