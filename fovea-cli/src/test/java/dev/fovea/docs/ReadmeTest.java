package dev.fovea.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.data.Datasets;
import dev.fovea.data.Split;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.metric.Evaluator;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.model.Prediction;
import dev.fovea.optim.Schedule;
import dev.fovea.optim.Sgd;
import dev.fovea.tensor.Shape;
import dev.fovea.train.Progress;
import dev.fovea.train.Trainer;
import dev.fovea.zoo.LeNet5;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program of the README. */
class ReadmeTest {
  @TempDir
  private Path folder;

  @Test
  @Tag("slow")
  void fifteenLinesTrainSaveLoadAndPredict() {
    Path file = folder.resolve("lenet5.safetensors");
    Path image = folder.resolve("digit.png");
    Datasets.open("digits:100").train().image(3).write(image);
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      Split digits = Datasets.open("digits");
      Preprocessing pixels = Preprocessing.of(Shape.of(1, 28, 28), Fit.INK).mean(0.1307f).std(0.3081f);
      Card card = new Card("lenet5", digits.train().classes(), pixels, Map.of());
      Model lenet = Model.create(LeNet5.modern(10), card, 42);
      Trainer.of(lenet)
          .optimizer(Sgd.momentum(0.9).weightDecay(5e-4))
          .schedule(Schedule.cosine(0.03))
          .batchSize(64).epochs(3)
          .listen(Progress.on(System.err))
          .fit(digits.train(), digits.validation());
      out.printf("accuracy %.4f%n", Evaluator.of(lenet, 2).evaluate(digits.evaluation()).accuracy());
      lenet.save(file);
      for (Prediction.Score s : Model.load(file).predict(image).top(3)) {
        out.printf("%s %.3f%n", s.label(), s.probability());
      }
    }
    String[] lines = printed.toString(StandardCharsets.UTF_8).split("\n", -1);
    assertThat(Double.parseDouble(lines[0].substring("accuracy ".length()))).isGreaterThan(0.97);
    assertThat(lines[1]).startsWith(Datasets.open("digits:100").train().label(3) + " ");
  }
}
