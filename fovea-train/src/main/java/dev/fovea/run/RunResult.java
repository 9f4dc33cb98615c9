package dev.fovea.run;

import dev.fovea.data.Dataset;
import dev.fovea.metric.Evaluation;
import dev.fovea.metric.Metric;
import dev.fovea.train.TrainState;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a finished run came to; {@code config.json} keeps it.
 *
 * @param steps made in all
 * @param measure what a score is
 * @param best the epoch that did best on the held-out images; its network is in {@code best.safetensors}
 * @param testSet the data set that the last network was measured on once, at the end
 * @param testCount its images
 * @param testAccuracy of a segmentation network the share of the pixels
 * @param testScore what {@code measure} says of it
 * @param fingerprint of the last network's parameters
 */
public record RunResult(
    long steps,
    int epochs,
    Metric measure,
    TrainState.Best best,
    String testSet,
    int testCount,
    double testAccuracy,
    double testScore,
    double testLoss,
    String fingerprint) {

  static RunResult of(TrainState state, Dataset testSet, Evaluation test, String fingerprint) {
    return new RunResult(
        state.step(), state.epochs(), test.measure(), state.best(), testSet.name(), testSet.size(), test.accuracy(), test.score(),
        test.loss(), fingerprint);
  }

  void writeTo(ObjectNode json) {
    json.put("steps", steps).put("epochs", epochs);
    json.put("best_epoch", best.epoch()).put("best_" + measure.key(), best.score()).put("best_loss", best.loss());
    json.put("test_set", testSet).put("test_count", testCount).put("test_accuracy", testAccuracy);
    json.put("test_" + measure.key(), testScore).put("test_loss", testLoss).put("fingerprint", fingerprint);
  }

  static RunResult of(JsonFile json) {
    Metric measure = Metric.of(json.has("best_" + Metric.MEAN_IOU.key()));
    return new RunResult(
        json.whole("steps"),
        json.integer("epochs"),
        measure,
        new TrainState.Best(json.integer("best_epoch"), json.number("best_" + measure.key()), json.number("best_loss")),
        json.text("test_set"),
        json.integer("test_count"),
        json.number("test_accuracy"),
        json.number("test_" + measure.key()),
        json.number("test_loss"),
        json.text("fingerprint"));
  }
}
