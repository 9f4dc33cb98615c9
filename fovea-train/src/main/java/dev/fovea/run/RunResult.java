package dev.fovea.run;

import dev.fovea.data.Dataset;
import dev.fovea.metric.Evaluation;
import dev.fovea.metric.Metric;
import dev.fovea.metric.Metrics;
import dev.fovea.train.TrainState;
import java.util.Arrays;
import tools.jackson.databind.node.ObjectNode;

/**
 * The result of a finished run, stored in {@code config.json}.
 *
 * @param steps the number of steps
 * @param metric the metric of the scores
 * @param best the epoch with the best score on the validation images; its network is in {@code best.safetensors}
 * @param testSet the data set on which the last network was evaluated once, at the end
 * @param testCount the number of its images
 * @param testAccuracy pixel accuracy for a segmentation network; NaN for a network of several labels or numbers
 * @param testScore the value of {@code metric}
 * @param fingerprint of the last network's parameters
 */
public record RunResult(
    long steps,
    int epochs,
    Metric metric,
    TrainState.Best best,
    String testSet,
    int testCount,
    double testAccuracy,
    double testScore,
    double testLoss,
    String fingerprint) {

  private static final String TEST_ACCURACY = "test_accuracy";

  static RunResult of(TrainState state, Dataset testSet, Metrics test, String fingerprint) {
    return new RunResult(
        state.step(), state.epochs(), test.metric(), state.best(), testSet.name(), testSet.size(),
        test instanceof Evaluation e ? e.accuracy() : Double.NaN, test.score(), test.loss(), fingerprint);
  }

  void writeTo(ObjectNode json) {
    json.put("steps", steps).put("epochs", epochs);
    json.put("best_epoch", best.epoch()).put("best_" + metric.key(), best.score()).put("best_loss", best.loss());
    json.put("test_set", testSet).put("test_count", testCount);
    if (!Double.isNaN(testAccuracy)) {
      json.put(TEST_ACCURACY, testAccuracy);
    }
    json.put("test_" + metric.key(), testScore).put("test_loss", testLoss).put("fingerprint", fingerprint);
  }

  static RunResult of(JsonFile json) {
    Metric metric = Arrays.stream(Metric.values()).filter(m -> json.has("best_" + m.key())).findFirst().orElse(Metric.ACCURACY);
    return new RunResult(
        json.longInteger("steps"),
        json.integer("epochs"),
        metric,
        new TrainState.Best(json.integer("best_epoch"), json.number("best_" + metric.key()), json.number("best_loss")),
        json.text("test_set"),
        json.integer("test_count"),
        json.has(TEST_ACCURACY) ? json.number(TEST_ACCURACY) : Double.NaN,
        json.number("test_" + metric.key()),
        json.number("test_loss"),
        json.text("fingerprint"));
  }
}
