package dev.fovea.train;

import dev.fovea.tensor.FoveaException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * How a classifier did on a data set. Every figure is from 0 to 1, and 0 where nothing is there to divide by.
 *
 * @param classes the names of the classes in label order
 * @param confusion how many pictures of class {@code t} were read as class {@code p}: {@code confusion[t][p]}
 * @param loss the mean cross-entropy in nats; NaN where the network's outputs are no numbers
 * @param worst the most confident errors, worst first, {@value #MOST_WORST} at most
 */
public record Evaluation(List<String> classes, int[][] confusion, double loss, List<Mistake> worst) {
  /** How many mistakes are kept. */
  public static final int MOST_WORST = 36;

  /** The most confident first; among equals the one that stands first in the data. */
  static final Comparator<Mistake> WORST_FIRST =
      Comparator.comparingDouble(Mistake::probability).reversed().thenComparingInt(Mistake::index);

  /**
   * A picture that was read wrongly.
   *
   * @param index its place in the data set
   * @param label the class it is
   * @param predicted the class it was taken for
   * @param probability what the network gave {@code predicted}
   */
  public record Mistake(int index, int label, int predicted, double probability) {}

  public Evaluation {
    classes = List.copyOf(classes);
    worst = List.copyOf(worst);
    int n = classes.size();
    if (confusion.length != n || Arrays.stream(confusion).anyMatch(row -> row.length != n)) {
      throw new FoveaException("a confusion matrix of " + n + " classes is " + n + " x " + n + ", got another size");
    }
    if (Arrays.stream(confusion).flatMapToInt(Arrays::stream).anyMatch(count -> count < 0)) {
      throw new FoveaException("a confusion matrix counts pictures, 0 or more, got a negative number");
    }
    if (worst.size() > MOST_WORST) {
      throw new FoveaException("an evaluation keeps " + MOST_WORST + " mistakes at most, got " + worst.size());
    }
  }

  /** How many pictures there are. */
  public int count() {
    return sum(this::support);
  }

  /** How many of them were read rightly. */
  public int correct() {
    return sum(c -> confusion[c][c]);
  }

  /** How many were read wrongly. */
  public int errors() {
    return count() - correct();
  }

  /** The share that was read rightly. */
  public double accuracy() {
    return ratio(correct(), count());
  }

  /** How many pictures of class {@code c} there are. */
  public int support(int c) {
    return Arrays.stream(confusion[c]).sum();
  }

  /** How many pictures were read as class {@code c}. */
  public int predicted(int c) {
    return sum(t -> confusion[t][c]);
  }

  /** Of the pictures read as class {@code c}, the share that is. */
  public double precision(int c) {
    return ratio(confusion[c][c], predicted(c));
  }

  /** Of the pictures of class {@code c}, the share read as such. */
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

  private int sum(IntUnaryOperator ofClass) {
    return IntStream.range(0, confusion.length).map(ofClass).sum();
  }

  private double mean(IntToDoubleFunction ofClass) {
    return IntStream.range(0, confusion.length)
        .filter(c -> support(c) + predicted(c) > 0)
        .mapToDouble(ofClass)
        .average()
        .orElse(0);
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
        && worst.equals(e.worst);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.deepHashCode(confusion) + Double.hashCode(loss);
  }
}
