package dev.fovea.metric;

import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * The metrics of a network that gives an image several labels. A class counts as found if its probability is {@link
 * dev.fovea.model.Prediction#THRESHOLD} or more; the average precision is that of all thresholds. Every metric is from 0 to 1, and 0
 * if its divisor is 0.
 *
 * @param classes in label order
 * @param count the number of images
 * @param exact the number of images all of whose labels are right
 * @param loss the mean binary cross-entropy over images and classes in nats; NaN if the network's outputs are NaN
 */
public record LabelMetrics(List<OfClass> classes, long count, long exact, double loss) implements Metrics {
  /**
   * One class.
   *
   * @param found the images that have it and where it is found: true positives
   * @param wrong those where it is found and that do not have it: false positives
   * @param missed those that have it and where it is not found: false negatives
   * @param averagePrecision the mean of the precision over the recalls that rank the images by its probability; NaN if no image has it
   */
  public record OfClass(String name, long found, long wrong, long missed, double averagePrecision) {
    /** The number of images that have it. */
    public long support() {
      return found + missed;
    }

    /** Whether it occurs as a label or is found somewhere. */
    public boolean occurs() {
      return found + wrong + missed > 0;
    }

    /** The share of those that have it among those where it is found. */
    public double precision() {
      return ratio(found, found + wrong);
    }

    /** The share of those where it is found among those that have it. */
    public double recall() {
      return ratio(found, support());
    }

    /** The harmonic mean of precision and recall. */
    public double f1() {
      return ratio(2 * found, 2 * found + wrong + missed);
    }
  }

  public LabelMetrics {
    classes = List.copyOf(classes);
  }

  @Override
  public Metric metric() {
    return Metric.MEAN_AVERAGE_PRECISION;
  }

  @Override
  public double score() {
    return meanAveragePrecision();
  }

  /** The unweighted mean of the average precisions of the classes that some image has. */
  public double meanAveragePrecision() {
    return classes.stream().filter(c -> c.support() > 0).mapToDouble(OfClass::averagePrecision).average().orElse(0);
  }

  /** The share of images all of whose labels are right: subset accuracy. */
  public double exactMatch() {
    return ratio(exact, count);
  }

  /** Precision over all pairs of image and class. */
  public double microPrecision() {
    return ratio(sum(OfClass::found), sum(c -> c.found + c.wrong));
  }

  /** Recall over all pairs of image and class. */
  public double microRecall() {
    return ratio(sum(OfClass::found), sum(OfClass::support));
  }

  /** F1 over all pairs of image and class. */
  public double microF1() {
    return ratio(2 * sum(OfClass::found), sum(c -> 2 * c.found + c.wrong + c.missed));
  }

  /** The unweighted mean of {@link OfClass#precision} over the classes that occur. */
  public double macroPrecision() {
    return mean(OfClass::precision);
  }

  /** The unweighted mean of {@link OfClass#recall} over the classes that occur. */
  public double macroRecall() {
    return mean(OfClass::recall);
  }

  /** The unweighted mean of {@link OfClass#f1} over the classes that occur. */
  public double macroF1() {
    return mean(OfClass::f1);
  }

  private long sum(ToLongFunction<OfClass> of) {
    return classes.stream().mapToLong(of).sum();
  }

  private double mean(ToDoubleFunction<OfClass> of) {
    return classes.stream().filter(OfClass::occurs).mapToDouble(of).average().orElse(0);
  }

  private static double ratio(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }
}
