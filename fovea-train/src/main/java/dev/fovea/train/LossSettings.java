package dev.fovea.train;

import dev.fovea.tensor.FoveaException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A loss and its settings.
 *
 * @param name one of {@link Loss#names}
 * @param labelSmoothing the part of the target probability that cross-entropy spreads over all classes; 0: none
 * @param classWeights the weight of each class in cross-entropy; empty: all equal
 */
public record LossSettings(String name, double labelSmoothing, List<Double> classWeights) {
  /** Plain cross-entropy. */
  public static final LossSettings STANDARD = new LossSettings("cross-entropy", 0, List.of());

  /** Their names among a run's options. */
  public static final String LOSS = "loss";

  static final String LABEL_SMOOTHING = "label-smoothing";
  static final String CLASS_WEIGHTS = "class-weights";

  public LossSettings {
    classWeights = List.copyOf(classWeights);
    if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
      throw new FoveaException("label smoothing must be 0 or more and less than 1, got " + labelSmoothing);
    }
    if (classWeights.stream().anyMatch(weight -> !(weight >= 0 && weight < Double.POSITIVE_INFINITY))) {
      throw new FoveaException("class weights must be 0 or more, got " + classWeights);
    }
    if (!classWeights.isEmpty() && classWeights.stream().allMatch(weight -> weight == 0)) {
      throw new FoveaException("all class weights are 0, so nothing would be learned: give a class a weight above 0");
    }
  }

  /** Without smoothing and weights. */
  public LossSettings(String name) {
    this(name, 0, List.of());
  }

  boolean isPlain() {
    return labelSmoothing == 0 && classWeights.isEmpty();
  }

  /** As options of a run; defaults are left out. */
  public Map<String, String> options() {
    Map<String, String> options = new LinkedHashMap<>();
    if (!name.equals(STANDARD.name)) {
      options.put(LOSS, name);
    }
    if (labelSmoothing != 0) {
      options.put(LABEL_SMOOTHING, String.valueOf(labelSmoothing));
    }
    if (!classWeights.isEmpty()) {
      options.put(CLASS_WEIGHTS, classWeights.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }
    return options;
  }

  /** From a run's options, which may hold others. */
  public static LossSettings of(Map<String, String> options) {
    return new LossSettings(
        options.getOrDefault(LOSS, STANDARD.name),
        number(LABEL_SMOOTHING, options.getOrDefault(LABEL_SMOOTHING, "0")),
        Arrays.stream(options.getOrDefault(CLASS_WEIGHTS, "").split(","))
            .filter(text -> !text.isEmpty())
            .map(text -> number(CLASS_WEIGHTS, text))
            .toList());
  }

  static double number(String option, String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new FoveaException(option + ": expected a number, got '" + text + "'", e);
    }
  }
}
