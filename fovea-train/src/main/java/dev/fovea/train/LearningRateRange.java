package dev.fovea.train;

import dev.fovea.data.Dataset;
import dev.fovea.optim.Schedule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * The learning rate range test of Smith 2017 (Cyclical learning rates for training neural networks, arXiv 1506.01186, section 3.3)
 * in the form that fastai made common: the learning rate rises exponentially from 1e-6 to 10 over a short run. Where the smoothed
 * loss falls fastest, the learning rate suits; beyond that of the least loss training becomes unstable.
 *
 * @param points one per step, by ascending learning rate
 */
public record LearningRateRange(List<Point> points) {
  private static final double LOWEST = 1e-6;
  private static final double HIGHEST = 10;
  private static final int MAX_STEPS = 100;
  private static final int MIN_STEPS = 30;

  /** The weight of the earlier losses in the moving average. */
  private static final double MOMENTUM = 0.98;

  /** The test ends when the smoothed loss is this multiple of its least value. */
  public static final int MAX_RATIO = 4;

  /** The descent is measured over two of these parts of the points: that of a single step is noisy. */
  private static final int WINDOWS = 10;

  /**
   * A step.
   *
   * @param loss of the step's batch, before its update
   * @param smoothed the exponential moving average of the losses so far, divided by the sum of its weights
   */
  public record Point(double learningRate, double loss, double smoothed) {}

  public LearningRateRange {
    points = List.copyOf(points);
  }

  /**
   * Trains the trainer's model in place, with its settings other than schedule and length: 100 steps, or an epoch if it is shorter,
   * but at least 30. The test ends early when the smoothed loss is 4 times its least value, or not finite.
   *
   * @param data the training images; batches are those of a run's first steps
   * @param listener receives each point
   */
  public static LearningRateRange of(Trainer trainer, Dataset data, Consumer<Point> listener) {
    long stepsPerEpoch = Math.ceilDiv(data.size(), trainer.settings().batchSize);
    int steps = Math.clamp(stepsPerEpoch, MIN_STEPS, MAX_STEPS);
    Schedule rising = (step, _) -> LOWEST * StrictMath.pow(HIGHEST / LOWEST, step / (steps - 1.0));
    Average average = new Average(listener);
    // an epoch ends with an evaluation, which is of no use here: one image
    Dataset one = data.subset(new int[] {0}, data.name());
    try {
      trainer.schedule(rising).epochs((int) Math.ceilDiv(steps, stepsPerEpoch)).steps(steps).patience(0)
          .listen(average).stopWhen(average::isExceeded).fit(data, one);
    } catch (DivergedException e) {
      // which is what the test is to find
    }
    return new LearningRateRange(average.points);
  }

  private static final class Average implements Consumer<TrainEvent> {
    private final Consumer<Point> listener;
    private final List<Point> points = new ArrayList<>();
    private double sum;
    private double weights;
    private double least = Double.POSITIVE_INFINITY;

    Average(Consumer<Point> listener) {
      this.listener = listener;
    }

    @Override
    public void accept(TrainEvent event) {
      if (event instanceof TrainEvent.StepDone done) {
        sum = MOMENTUM * sum + (1 - MOMENTUM) * done.loss();
        weights = MOMENTUM * weights + (1 - MOMENTUM);
        Point point = new Point(done.learningRate(), done.loss(), sum / weights);
        least = Math.min(least, point.smoothed);
        points.add(point);
        listener.accept(point);
      }
    }

    boolean isExceeded() {
      return !points.isEmpty() && points.getLast().smoothed > MAX_RATIO * least;
    }
  }

  /**
   * The suggestion: the learning rate around which the smoothed loss falls fastest, from a tenth of the points before it to a tenth
   * after it. The first tenth is left out, because an average of few losses is noisy. Empty if the loss does not fall.
   */
  public OptionalDouble steepest() {
    int window = Math.max(1, points.size() / WINDOWS);
    double fastest = 0;
    OptionalDouble learningRate = OptionalDouble.empty();
    for (int i = 2 * window; i + window < points.size(); i++) {
      double change = points.get(i + window).smoothed - points.get(i - window).smoothed;
      if (change < fastest) {
        fastest = change;
        learningRate = OptionalDouble.of(points.get(i).learningRate);
      }
    }
    return learningRate;
  }

  /** The bound: a tenth of the learning rate at which the smoothed loss is least. Empty if the loss does not fall. */
  public OptionalDouble bound() {
    double rate = points.stream().min(Comparator.comparingDouble(Point::smoothed)).map(Point::learningRate).orElse(Double.NaN);
    return steepest().isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(rate / 10);
  }
}
