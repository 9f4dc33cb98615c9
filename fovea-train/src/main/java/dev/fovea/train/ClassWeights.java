package dev.fovea.train;

import dev.fovea.data.Dataset;
import dev.fovea.data.LabelCounts;
import dev.fovea.model.Task;
import dev.fovea.tensor.FoveaException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The weights of classes in a loss. With one label a weight is that of the class's images or pixels; with several labels it is that of
 * the images that have the class, against 1 for those that have it not.
 *
 * @param balanced whether they follow from the training images, see {@link #on}; {@code values} is then empty
 * @param values one for each class; empty: all equal
 */
public record ClassWeights(boolean balanced, List<Double> values) {
  /** All equal. */
  public static final ClassWeights NONE = new ClassWeights(false, List.of());

  /** Those that make rare classes count as much as frequent ones. */
  public static final ClassWeights BALANCED = new ClassWeights(true, List.of());

  private static final String WORD = "balanced";

  public ClassWeights {
    values = List.copyOf(values);
    if (values.stream().anyMatch(weight -> !(weight >= 0 && weight < Double.POSITIVE_INFINITY))) {
      throw new FoveaException("class weights must be 0 or more, got " + values);
    }
    if (!values.isEmpty() && values.stream().allMatch(weight -> weight == 0)) {
      throw new FoveaException("all class weights are 0, so nothing would be learned: give a class a weight above 0");
    }
  }

  /** Parses {@code balanced}, numbers separated by commas, or nothing. */
  public static ClassWeights parse(String text) {
    return text.equals(WORD) ? BALANCED
        : new ClassWeights(false, Arrays.stream(text.split(",")).filter(part -> !part.isEmpty())
            .map(part -> LossSettings.number(LossSettings.CLASS_WEIGHTS, part)).toList());
  }

  public boolean isNone() {
    return !balanced && values.isEmpty();
  }

  double[] array() {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /**
   * Weights that do not depend on data any more. Those of balanced ones with one label are inverse to the number of images or pixels of
   * the class, with mean 1 over the classes that occur; with several labels each is the number of images that have the class not, over
   * the number of those that have it. A class of no image, or of all, has weight 1.
   */
  public ClassWeights on(Dataset train) {
    if (!balanced) {
      return this;
    }
    if (train.task() instanceof Task.Numbers) {
      throw new FoveaException("class weights are for classes, " + train.name() + " has numbers: leave them out");
    }
    long[] counts = LabelCounts.of(train);
    boolean several = train.task() instanceof Task.SeveralLabels;
    double[] weights = Arrays.stream(counts).mapToDouble(n -> several ? (train.size() - n) / (double) n : 1.0 / n).toArray();
    double mean = several ? 1 : Arrays.stream(weights).filter(Double::isFinite).average().orElse(1);
    return new ClassWeights(false, Arrays.stream(weights).mapToObj(w -> Double.isFinite(w) && w > 0 ? w / mean : 1.0).toList());
  }

  /** {@code balanced}, or the numbers separated by commas. */
  @Override
  public String toString() {
    return balanced ? WORD : values.stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}
