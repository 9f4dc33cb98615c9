package dev.fovea.cli.console;

import dev.fovea.metric.Calibration;
import dev.fovea.metric.Estimate;
import dev.fovea.metric.Evaluation;
import dev.fovea.metric.Interval;
import dev.fovea.metric.OneVsRest;
import dev.fovea.metric.Scores;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The result of an evaluation as JSON. What is not defined is null. */
public final class EvaluationJson {
  private EvaluationJson() {}

  /** Of a segmentation of that number of images. */
  public static ObjectNode ofPixels(Evaluation e, int images) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("pixel_accuracy", e.accuracy()).put("mean_accuracy", e.meanAccuracy()).put("mean_iou", e.meanIou());
    node.put("frequency_weighted_iou", e.frequencyWeightedIou()).put("loss", e.loss());
    node.put("count", images).put("pixels", e.count());
    ObjectNode classes = node.putObject("class_iou");
    for (int c = 0; c < e.classes().size(); c++) {
      put(classes, e.classes().get(c), e.occurs(c) ? e.iou(c) : Double.NaN);
    }
    return node;
  }

  /** Of a classifier whose scores are not kept. */
  public static ObjectNode ofImages(Evaluation e) {
    return JsonNodeFactory.instance.objectNode().put("accuracy", e.accuracy()).put("loss", e.loss()).put("count", e.count());
  }

  /**
   * Of a classifier.
   *
   * @param curves one for each class
   * @param points whether the points of the curves are included
   */
  public static ObjectNode ofImages(Scores scores, List<Estimate> estimates, List<OneVsRest> curves, boolean points) {
    Evaluation e = scores.evaluation();
    ObjectNode node = ofImages(e);
    estimates.stream().filter(estimate -> !node.has(estimate.key()))
        .forEach(estimate -> put(node, estimate.key(), estimate.value()));
    ObjectNode intervals = node.putObject("intervals");
    estimates.forEach(estimate -> {
      Interval interval = estimate.interval();
      if (Double.isNaN(interval.low())) {
        intervals.putNull(estimate.key());
      } else {
        intervals.putArray(estimate.key()).add(interval.low()).add(interval.high());
      }
    });
    node.put("temperature", scores.temperature());
    reliability(node.putArray("reliability"), Calibration.of(scores));
    ArrayNode classes = node.putArray("classes");
    for (int c = 0; c < curves.size(); c++) {
      OneVsRest curve = curves.get(c);
      ObjectNode one = classes.addObject().put("name", e.classes().get(c)).put("images", e.support(c));
      one.put("precision", e.precision(c)).put("recall", e.recall(c)).put("f1", e.f1(c));
      put(one, "roc_area", curve.rocArea());
      put(one, "average_precision", curve.averagePrecision());
      if (points) {
        points(one.putArray("roc"), curve.roc());
        points(one.putArray("precision_recall"), curve.precisionRecall());
      }
    }
    return node;
  }

  private static void reliability(ArrayNode bins, Calibration calibration) {
    for (Calibration.Bin bin : calibration.bins()) {
      ObjectNode node = bins.addObject().put("low", bin.low()).put("high", bin.high()).put("count", bin.count());
      put(node, "confidence", bin.confidence());
      put(node, "accuracy", bin.accuracy());
    }
  }

  private static void points(ArrayNode to, List<OneVsRest.Point> points) {
    points.forEach(point -> to.addArray().add(point.x()).add(point.y()));
  }

  private static void put(ObjectNode node, String key, double value) {
    if (Double.isNaN(value)) {
      node.putNull(key);
    } else {
      node.put(key, value);
    }
  }
}
