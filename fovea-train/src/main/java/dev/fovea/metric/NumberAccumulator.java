package dev.fovea.metric;

import dev.fovea.model.Task.Quantity;
import java.util.List;
import java.util.stream.IntStream;

/** Accumulates {@link NumberMetrics}. */
final class NumberAccumulator implements MetricAccumulator {
  private final List<Quantity> of;
  private final List<Quantity> outputs;
  private final Sums[] sums;
  private double loss;
  private int count;

  /** Of one number: of errors and their squares, and the truth's mean and its sum of squares around it (Welford 1962). */
  private static final class Sums {
    private double absolute;
    private double squares;
    private double mean;
    private double around;
  }

  /**
   * For data and a network that standardise the same numbers.
   *
   * @param of how the data do
   * @param outputs how the network does
   */
  NumberAccumulator(List<Quantity> of, List<Quantity> outputs) {
    this.of = of;
    this.outputs = outputs;
    this.sums = IntStream.range(0, of.size()).mapToObj(_ -> new Sums()).toArray(Sums[]::new);
  }

  @Override
  public void add(int index, float[] labels, int at, float[] values, int offset) {
    count++;
    for (int k = 0; k < sums.length; k++) {
      double truth = of.get(k).value(labels[at + k]);
      double error = outputs.get(k).value(values[offset + k]) - truth;
      Sums s = sums[k];
      s.absolute += Math.abs(error);
      s.squares += error * error;
      double difference = truth - s.mean;
      s.mean += difference / count;
      s.around += difference * (truth - s.mean);
      loss += error / outputs.get(k).std() * (error / outputs.get(k).std());
    }
  }

  @Override
  public Metrics metrics() {
    return new NumberMetrics(IntStream.range(0, sums.length).mapToObj(this::number).toList(), count, loss / count / sums.length);
  }

  private NumberMetrics.OfNumber number(int k) {
    Sums s = sums[k];
    double r2 = s.around > 0 ? 1 - s.squares / s.around : s.squares == 0 ? 1 : 0;
    return new NumberMetrics.OfNumber(of.get(k).name(), s.absolute / count, Math.sqrt(s.squares / count), r2);
  }
}
