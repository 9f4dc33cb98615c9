package dev.fovea.metric;

import dev.fovea.model.Model;
import java.util.Locale;

/** The metric by which epochs are compared and a run is reported; from 0 to 1. */
public enum Metric {
  /** The share of images that are classified correctly. */
  ACCURACY("accuracy"),

  /** {@link Evaluation#meanIou} of the pixels: pixel accuracy is high even if only the background is found. */
  MEAN_IOU("mean IoU");

  private final String text;

  Metric(String text) {
    this.text = text;
  }

  /** Mean IoU of a network that labels pixels, else accuracy. */
  public static Metric of(Model model) {
    return of(model.segments());
  }

  public static Metric of(boolean pixels) {
    return pixels ? MEAN_IOU : ACCURACY;
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
