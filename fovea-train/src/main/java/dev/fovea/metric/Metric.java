package dev.fovea.metric;

import dev.fovea.model.Model;
import dev.fovea.model.Task;
import java.util.Locale;

/** The metric by which epochs are compared and a run is reported; higher is better. */
public enum Metric {
  /** The share of images that are classified correctly. */
  ACCURACY("accuracy"),

  /** {@link Evaluation#meanIou} of the pixels: pixel accuracy is high even if only the background is found. */
  MEAN_IOU("mean IoU"),

  /** {@link LabelMetrics#meanAveragePrecision} of several labels: it needs no threshold. */
  MEAN_AVERAGE_PRECISION("mean average precision"),

  /** The mean of {@link NumberMetrics.OfNumber#r2} over the numbers, which does not depend on their units; at most 1. */
  R2("R2");

  private final String text;

  Metric(String text) {
    this.text = text;
  }

  /** That of a model's task. */
  public static Metric of(Model model) {
    return switch (model.card().task()) {
      case Task.SeveralLabels _ -> MEAN_AVERAGE_PRECISION;
      case Task.Numbers _ -> R2;
      case Task.OneLabel _, Task.None _ -> model.segments() ? MEAN_IOU : ACCURACY;
    };
  }

  /** Whether it is a share, from 0 to 1. */
  public boolean isShare() {
    return this != R2;
  }

  /** As a part of a key in JSON: {@code accuracy}, {@code mean_iou}. */
  public String key() {
    return text.toLowerCase(Locale.ROOT).replace(' ', '_');
  }

  /** At the beginning of a sentence. */
  public String capital() {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }

  @Override
  public String toString() {
    return text;
  }
}
