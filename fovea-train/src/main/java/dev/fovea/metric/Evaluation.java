package dev.fovea.metric;

import dev.fovea.tensor.FoveaException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

/**
 * How a network did on a data set. Every figure is from 0 to 1, and 0 where nothing is there to divide by. What is counted are
 * images, or of a segmentation network pixels: those that have a class, at the size that the network reads.
 *
 * @param classes the names of the classes in label order
 * @param confusion how many of class {@code t} were read as class {@code p}: {@code confusion[t][p]}
 * @param loss the mean cross-entropy in nats; NaN where the network's outputs are no numbers
 * @param worst the most confident errors, worst first, {@value #MOST_WORST} at most; of pixels none
 * @param ofPixels whether pixels are counted
 */
public record Evaluation(List<String> classes, long[][] confusion, double loss, List<Mistake> worst, boolean ofPixels) {
  /** How many mistakes are kept. */
  public static final int MOST_WORST = 36;

  /** The most confident first; among equals the one that stands first in the data. */
  static final Comparator<Mistake> WORST_FIRST =
      Comparator.comparingDouble(Mistake::probability).reversed().thenComparingInt(Mistake::index);

  /**
   * An image that was read wrongly.
   *
   * @param index its place in the data set
   * @param label the class it is
   * @param predicted the class it was taken for
   * @param probability what the network gave {@code predicted}
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
      throw new FoveaException("a confusion matrix counts from 0 up, got a negative number");
    }
    if (worst.size() > MOST_WORST) {
      throw new FoveaException("an evaluation keeps " + MOST_WORST + " mistakes at most, got " + worst.size());
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

  /** How many of class {@code label} were read as class {@code predicted}. */
  public long confusion(int label, int predicted) {
    return confusion[label][predicted];
  }

  private static long[][] copy(long[][] matrix) {
    return Arrays.stream(matrix).map(long[]::clone).toArray(long[][]::new);
  }

  /** How many there are. */
  public long count() {
    return sum(this::support);
  }

  /** How many of them were read rightly. */
  public long correct() {
    return sum(c -> confusion[c][c]);
  }

  /** How many were read wrongly. */
  public long errors() {
    return count() - correct();
  }

  /** The share that was read rightly. */
  public double accuracy() {
    return ratio(correct(), count());
  }

  /** What it is judged by: {@link #measure} says which figure that is. */
  public double score() {
    return ofPixels ? meanIou() : accuracy();
  }

  public Metric measure() {
    return Metric.of(ofPixels);
  }

  /** How many of class {@code c} there are. */
  public long support(int c) {
    return Arrays.stream(confusion[c]).sum();
  }

  /** How many were read as class {@code c}. */
  public long predicted(int c) {
    return sum(t -> confusion[t][c]);
  }

  /** Of those read as class {@code c}, the share that is. */
  public double precision(int c) {
    return ratio(confusion[c][c], predicted(c));
  }

  /** Of those of class {@code c}, the share read as such. */
  public double recall(int c) {
    return ratio(confusion[c][c], support(c));
  }

  /** The harmonic mean of precision and recall. */
  public double f1(int c) {
    return ratio(2.0 * confusion[c][c], (double) support(c) + predicted(c));
  }

  /** The plain mean of {@link #precision} over the classes that occur, as a label or as a prediction; so too the next two. */
  public double macroPrecision() {
    return mean(this::precision);
  }

  public double macroRecall() {
    return mean(this::recall);
  }

  public double macroF1() {
    return mean(this::f1);
  }

  /** Of those that are class {@code c} or were read as such, the share that is both (intersection over union, Jaccard). */
  public double iou(int c) {
    return ratio(confusion[c][c], support(c) + predicted(c) - confusion[c][c]);
  }

  /** The plain mean of {@link #iou} over the classes that occur, as a label or as a prediction. */
  public double meanIou() {
    return mean(this::iou);
  }

  /** The plain mean of {@link #recall} over the classes that occur as a label (Long et al. 2015, section 5). */
  public double meanAccuracy() {
    return IntStream.range(0, confusion.length).filter(c -> support(c) > 0).mapToDouble(this::recall).average().orElse(0);
  }

  /** The mean of {@link #iou}, each class weighted by how often it is a label (Long et al. 2015, section 5). */
  public double frequencyWeightedIou() {
    return ratio(IntStream.range(0, confusion.length).mapToDouble(c -> (double) support(c) * iou(c)).sum(), (double) count());
  }

  /** Whether class {@code c} is a label or a prediction anywhere. */
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
