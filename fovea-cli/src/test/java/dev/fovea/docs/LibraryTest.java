package dev.fovea.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.data.Datasets;
import dev.fovea.data.Split;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.metric.Evaluator;
import dev.fovea.model.Model;
import dev.fovea.optim.Schedule;
import dev.fovea.optim.Sgd;
import dev.fovea.run.RunConfig;
import dev.fovea.run.RunFolder;
import dev.fovea.run.TrainingRun;
import dev.fovea.tensor.Shape;
import dev.fovea.train.TrainEvent;
import dev.fovea.train.Trainer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/use-as-a-library.md says about weights; its program is in consumer/. */
class LibraryTest {
  private static final Layer NET = Sequential.of(new Flatten(), Linear.of(10).named("fc"));
  private static final Shape INPUT = Shape.of(1, 28, 28);

  @TempDir
  private Path folder;

  /** Too large, so that the last epoch is not the best. */
  private static final double LEARNING_RATE = 1;

  private final Split digits = Datasets.open("digits:500");
  private final Model model = Model.create(NET, INPUT, 1);
  private final List<Double> scores = new ArrayList<>();

  private double score(Model of) {
    return Evaluator.of(of, 1).evaluate(digits.validation()).accuracy();
  }

  private void record(TrainEvent event) {
    if (event instanceof TrainEvent.EpochDone done) {
      scores.add(done.validation().score());
    }
  }

  @Test
  void runFolderHasLastAndBestModel() {
    Path run = folder.resolve("run");
    RunConfig config = new RunConfig("fc", Map.of(), "digits:500", 5, Long.MAX_VALUE,
        new RunConfig.Training(16, "sgd", LEARNING_RATE, 0, 0, "constant", 0, 1, 1));
    TrainingRun.of(config, model, digits).listen(this::record).run(run, RunFolder.Mode.NEW);
    Model last = Model.load(run);
    Model best = Model.load(run.resolve("best.safetensors"));
    assertThat(score(last)).isEqualTo(scores.getLast()).isLessThan(Collections.max(scores));
    assertThat(score(best)).isEqualTo(Collections.max(scores));
  }

  @Test
  void listenerKeepsTheBestEpoch() {
    Path best = folder.resolve(Model.FILE);
    Trainer.of(model).optimizer(Sgd.momentum(0)).schedule(Schedule.constant(LEARNING_RATE)).epochs(5).batchSize(16)
        .listen(this::record)
        .listen(event -> {
          if (event instanceof TrainEvent.EpochDone done && done.isBest()) {
            model.save(best);
          }
        })
        .fit(digits.train(), digits.validation());
    assertThat(score(model)).isEqualTo(scores.getLast()).isLessThan(Collections.max(scores));
    assertThat(score(Model.load(folder))).isEqualTo(Collections.max(scores));
  }
}
