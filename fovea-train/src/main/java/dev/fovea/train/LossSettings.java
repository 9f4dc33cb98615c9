package dev.fovea.train;

import dev.fovea.tensor.FoveaException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Which loss, and how it is set.
 *
 * @param name one of {@link Loss#names}
 * @param labelSmoothing the share of cross-entropy's true class that is spread over all classes; 0: none
 * @param classWeights how much each class counts in cross-entropy; empty: all alike
 */
public record LossSettings(String name, double labelSmoothing, List<Double> classWeights) {
  /** Cross-entropy as it is. */
  public static final LossSettings STANDARD = new LossSettings("cross-entropy", 0, List.of());

  /** What they are called among a run's options. */
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
      throw new FoveaException("all class weights are 0, so that nothing would be learnt: give some class a weight");
    }
  }

  /** Without smoothing and weights. */
  public LossSettings(String name) {
    this(name, 0, List.of());
  }

  boolean isPlain() {
    return labelSmoothing == 0 && classWeights.isEmpty();
  }

  /** As a run's options have them; what is as usual is left out. */
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

  /** Of a run's options, others among them. */
  public static LossSettings of(Map<String, String> options) {
    return new LossSettings(
        options.getOrDefault(LOSS, STANDARD.name),
        number(LABEL_SMOOTHING, options.getOrDefault(LABEL_SMOOTHING, "0")),
        Arrays.stream(options.getOrDefault(CLASS_WEIGHTS, "").split(","))
            .filter(text -> !text.isEmpty())
            .map(text -> number(CLASS_WEIGHTS, text))
            .toList());
  }

  private static double number(String option, String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new FoveaException(option + ": expected a number, got '" + text + "'", e);
    }
  }
}
