package dev.fovea.metric;

import dev.fovea.tensor.FoveaException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

/**
 * The metrics of a network that gives each image or pixel one label. Every metric is from 0 to 1, and 0 if its divisor is 0. Images are counted, or for a
 * segmentation network pixels: those that have a class, at the network's input size.
 *
 * @param classes the names of the classes in label order
 * @param confusion the number of images or pixels of class {@code t} predicted as class {@code p}: {@code confusion[t][p]}
 * @param loss the mean cross-entropy in nats; NaN if the network's outputs are NaN
 * @param worst the most confident errors, in descending order, at most {@value #MAX_MISTAKES}; none for pixels
 * @param ofPixels whether pixels are counted
 */
public record Evaluation(List<String> classes, long[][] confusion, double loss, List<Mistake> worst, boolean ofPixels)
    implements Metrics {
  /** The maximum number of mistakes kept. */
  public static final int MAX_MISTAKES = 36;

  /** The most confident first; ties in the data's order. */
  static final Comparator<Mistake> WORST_FIRST =
      Comparator.comparingDouble(Mistake::probability).reversed().thenComparingInt(Mistake::index);

  /**
   * A misclassified image.
   *
   * @param index its index in the data set
   * @param label its true class
   * @param predicted the predicted class
   * @param probability the predicted probability of {@code predicted}
   */
  public record Mistake(int index, int label, int predicted, double probability) {}

  public Evaluation {
    classes = List.copyOf(classes);
    confusion = copy(confusion);
    worst = List.copyOf(worst);
    int n = classes.size();
    if (confusion.length != n || Arrays.stream(confusion).anyMatch(row -> row.length != n)) {
      throw new FoveaException("a confusion matrix of " + n + " classes is " + n + " x " + n + ", got another size");
    }
    if (Arrays.stream(confusion).flatMapToLong(Arrays::stream).anyMatch(count -> count < 0)) {
      throw new FoveaException("the counts of a confusion matrix must be 0 or more, got a negative number");
    }
    if (worst.size() > MAX_MISTAKES) {
      throw new FoveaException("an evaluation holds at most " + MAX_MISTAKES + " mistakes, got " + worst.size());
    }
  }

  /** Of images. */
  public Evaluation(List<String> classes, long[][] confusion, double loss, List<Mistake> worst) {
    this(classes, confusion, loss, worst, false);
  }

  /** Of pixels. */
  public static Evaluation ofPixels(List<String> classes, long[][] confusion, double loss) {
    return new Evaluation(classes, confusion, loss, List.of(), true);
  }

  /** A copy. */
  @Override
  public long[][] confusion() {
    return copy(confusion);
  }

  /** The number of class {@code label} predicted as class {@code predicted}. */
  public long confusion(int label, int predicted) {
    return confusion[label][predicted];
  }

  private static long[][] copy(long[][] matrix) {
    return Arrays.stream(matrix).map(long[]::clone).toArray(long[][]::new);
  }

  /** The number of images or pixels. */
  @Override
  public long count() {
    return sum(this::support);
  }

  /** The number of correct predictions. */
  public long correct() {
    return sum(c -> confusion[c][c]);
  }

  /** The number of wrong predictions. */
  public long errors() {
    return count() - correct();
  }

  /** The share of correct predictions. */
  public double accuracy() {
    return ratio(correct(), count());
  }

  @Override
  public double score() {
    return ofPixels ? meanIou() : accuracy();
  }

  @Override
  public Metric metric() {
    return ofPixels ? Metric.MEAN_IOU : Metric.ACCURACY;
  }

  /** The number of images or pixels of class {@code c}. */
  public long support(int c) {
    return Arrays.stream(confusion[c]).sum();
  }

  /** The number predicted as class {@code c}. */
  public long predicted(int c) {
    return sum(t -> confusion[t][c]);
  }

  /** The share of correct ones among those predicted as class {@code c}. */
  public double precision(int c) {
    return ratio(confusion[c][c], predicted(c));
  }

  /** The share of correct ones among those of class {@code c}. */
  public double recall(int c) {
    return ratio(confusion[c][c], support(c));
  }

  /** The harmonic mean of precision and recall. */
  public double f1(int c) {
    return ratio(2.0 * confusion[c][c], (double) support(c) + predicted(c));
  }

  /** The unweighted mean of {@link #precision} over the classes that occur as a label or as a prediction. */
  public double macroPrecision() {
    return mean(this::precision);
  }

  /** The unweighted mean of {@link #recall} over the same classes as {@link #macroPrecision}. */
  public double macroRecall() {
    return mean(this::recall);
  }

  /** The unweighted mean of {@link #f1} over the same classes as {@link #macroPrecision}. */
  public double macroF1() {
    return mean(this::f1);
  }

  /** Intersection over union (Jaccard) of class {@code c}: those of it and predicted as it, over those that are either. */
  public double iou(int c) {
    return ratio(confusion[c][c], support(c) + predicted(c) - confusion[c][c]);
  }

  /** The unweighted mean of {@link #iou} over the classes that occur as a label or as a prediction. */
  public double meanIou() {
    return mean(this::iou);
  }

  /** The unweighted mean of {@link #recall} over the classes that occur as a label (Long et al. 2015, section 5). */
  public double meanAccuracy() {
    return IntStream.range(0, confusion.length).filter(c -> support(c) > 0).mapToDouble(this::recall).average().orElse(0);
  }

  /** The mean of {@link #iou}, each class weighted by its number of labels (Long et al. 2015, section 5). */
  public double frequencyWeightedIou() {
    return ratio(IntStream.range(0, confusion.length).mapToDouble(c -> (double) support(c) * iou(c)).sum(), (double) count());
  }

  /** Whether class {@code c} occurs as a label or as a prediction. */
  public boolean occurs(int c) {
    return support(c) + predicted(c) > 0;
  }

  private long sum(IntToLongFunction ofClass) {
    return IntStream.range(0, confusion.length).mapToLong(ofClass).sum();
  }

  private double mean(IntToDoubleFunction ofClass) {
    return IntStream.range(0, confusion.length)
        .filter(this::occurs)
        .mapToDouble(ofClass)
        .average()
        .orElse(0);
  }

  private static double ratio(long part, long whole) {
    return ratio((double) part, (double) whole);
  }

  private static double ratio(double part, double whole) {
    return whole == 0 ? 0 : part / whole;
  }

  /** Equal in every count, bit and mistake. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Evaluation e
        && classes.equals(e.classes)
        && Arrays.deepEquals(confusion, e.confusion)
        && Double.compare(loss, e.loss) == 0
        && worst.equals(e.worst)
        && ofPixels == e.ofPixels;
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.deepHashCode(confusion) + Double.hashCode(loss);
  }
}
