package dev.example.consumer;

import dev.fovea.data.Datasets;
import dev.fovea.data.Split;
import dev.fovea.graph.Backend;
import dev.fovea.graph.Backends;
import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.model.Prediction.Score;
import dev.fovea.optim.Schedule;
import dev.fovea.tensor.Shape;
import dev.fovea.train.TrainEvent;
import dev.fovea.train.Trainer;
import dev.fovea.zoo.LeNet5;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Learns to read digits, keeps the weights of its best epoch, and classifies an image with them. */
public final class Main {
  private Main() {}

  /** Takes no argument. */
  public static void main(String[] args) throws IOException {
    Backend engine = Backends.find();
    if (!engine.name().equals("vector")) {
      throw new IllegalStateException("the slow engine: " + Backends.all().getFirst().describe());
    }

    Split digits = Datasets.open("digits:2000");
    Preprocessing pixels = Preprocessing.of(Shape.of(1, 28, 28), Fit.INK).mean(0.1307f).std(0.3081f);
    Model model = Model.create(LeNet5.modern(10), new Card("lenet5", digits.train().classes(), pixels, Map.of()), 42);
    Path best = Files.createTempDirectory("digits").resolve(Model.FILE);
    Trainer.of(model)
        .schedule(Schedule.cosine(0.03))
        .epochs(3)
        .listen(event -> {
          if (event instanceof TrainEvent.EpochDone done && done.isBest()) {
            model.save(best);
          }
        })
        .fit(digits.train(), digits.validation());

    Model reader = Model.load(best);
    Image image = digits.evaluation().image(7);
    for (Score score : reader.predict(image).top(3)) {
      System.out.printf("%s %.3f%n", score.label(), score.probability());
    }
  }
}
