package dev.fovea.train;

import dev.fovea.data.Dataset;
import dev.fovea.tensor.FoveaException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A loss and its settings.
 *
 * @param name one of {@link Loss#names}; empty: the task's own
 * @param labelSmoothing the part of the target probability that cross-entropy spreads over all classes; 0: none
 * @param classWeights in cross-entropy and binary cross-entropy
 */
public record LossSettings(String name, double labelSmoothing, ClassWeights classWeights) {
  /** The task's own loss: cross-entropy, for several labels binary cross-entropy, for numbers the mean squared error. */
  public static final LossSettings STANDARD = new LossSettings("", 0, ClassWeights.NONE);

  /** Their names among a run's options. */
  public static final String LOSS = "loss";

  static final String LABEL_SMOOTHING = "label-smoothing";
  static final String CLASS_WEIGHTS = "class-weights";

  public LossSettings {
    if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
      throw new FoveaException("label smoothing must be 0 or more and less than 1, got " + labelSmoothing);
    }
  }

  /** Without smoothing and weights. */
  public LossSettings(String name) {
    this(name, 0, ClassWeights.NONE);
  }

  boolean isPlain() {
    return labelSmoothing == 0 && classWeights.isNone();
  }

  /** As options of a run; defaults are left out. */
  public Map<String, String> options() {
    Map<String, String> options = new LinkedHashMap<>();
    if (!name.isEmpty() && !name.equals(Loss.names().getFirst())) {
      options.put(LOSS, name);
    }
    if (labelSmoothing != 0) {
      options.put(LABEL_SMOOTHING, String.valueOf(labelSmoothing));
    }
    if (!classWeights.isNone()) {
      options.put(CLASS_WEIGHTS, classWeights.toString());
    }
    return options;
  }

  /** From a run's options, which may hold others. */
  public static LossSettings of(Map<String, String> options) {
    return new LossSettings(
        options.getOrDefault(LOSS, STANDARD.name),
        number(LABEL_SMOOTHING, options.getOrDefault(LABEL_SMOOTHING, "0")),
        ClassWeights.parse(options.getOrDefault(CLASS_WEIGHTS, "")));
  }

  /** With class weights that do not depend on data any more, see {@link ClassWeights#on}. */
  public LossSettings on(Dataset train) {
    return new LossSettings(name, labelSmoothing, classWeights.on(train));
  }

  static double number(String option, String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new FoveaException(option + ": expected a number, got '" + text + "'", e);
    }
  }
}
