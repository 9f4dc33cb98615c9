package dev.fovea.optim;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import java.util.List;
import java.util.stream.LongStream;

/** The learning rate of each step. */
@FunctionalInterface
public interface Schedule {
  /** The learning rate of step {@code step}, counted from 0, of a run of {@code totalSteps}. */
  double at(long step, long totalSteps);

  /** The schedule and all its settings as text, as a record's {@code toString}: a run resumes only if this text is the same. */
  default String describe() {
    return getClass().isRecord() ? toString() : "custom";
  }

  /** A constant learning rate. */
  static Schedule constant(double learningRate) {
    return new Constant(learningRate);
  }

  /** The learning rate is multiplied by {@code gamma} every {@code stepSize} steps (not epochs). */
  static Schedule step(double learningRate, double gamma, long stepSize) {
    return new Step(learningRate, gamma, stepSize);
  }

  /** The learning rate is multiplied by {@code gamma} at each of these steps. */
  static Schedule multistep(double learningRate, double gamma, long... milestones) {
    return new Multistep(learningRate, gamma, LongStream.of(milestones).boxed().toList());
  }

  /** The learning rate is multiplied by {@code gamma} after every step. */
  static Schedule exponential(double learningRate, double gamma) {
    return step(learningRate, gamma, 1);
  }

  /** Half a cosine from {@code learningRate} to 0 over the whole run: Loshchilov and Hutter 2017 (arXiv 1608.03983), one period. */
  static Schedule cosine(double learningRate) {
    return cosine(learningRate, 0);
  }

  /** The same with the final learning rate {@code minimum}. */
  static Schedule cosine(double learningRate, double minimum) {
    return new Cosine(learningRate, minimum);
  }

  /**
   * Half a cosine from {@code learningRate} to {@code minimum} again and again; the first takes {@code period} steps, each further one
   * {@code growth} times as many: Loshchilov and Hutter 2017 (arXiv 1608.03983, equation 5).
   */
  static Schedule warmRestarts(double learningRate, double minimum, long period, int growth) {
    return new WarmRestarts(learningRate, minimum, period, growth);
  }

  /** {@code learningRate * (1 - step / totalSteps)^power}. */
  static Schedule polynomial(double learningRate, double power) {
    return new Polynomial(learningRate, power);
  }

  /**
   * From 1/25 of {@code learningRate} up to it over the first 0.3 of the run, then down to 1/10,000 of the initial one, each along
   * half a cosine: Smith and Topin 2018 (arXiv 1708.07120) in PyTorch's form, with constant momentum.
   */
  static Schedule oneCycle(double learningRate) {
    return new OneCycle(learningRate, 0.3, 25, 1e4, false);
  }

  /**
   * Linear warm-up: {@code steps} steps from {@code startFactor} times this schedule's initial learning rate up to it, then this
   * schedule over the remaining steps. Goyal et al. 2017 (arXiv 1706.02677, section 2.2).
   */
  default Schedule warmup(long steps, double startFactor) {
    return new Warmup(this, steps, startFactor);
  }

  /** This schedule as in a run of this length, whatever the actual length; after its end a decreasing one keeps its last value. */
  default Schedule over(long steps) {
    return new Over(this, steps);
  }

  /** The names that {@link #named} accepts. */
  static List<String> names() {
    return List.of("constant", "step", "multistep", "exponential", "cosine", "restarts", "one-cycle", "polynomial");
  }

  /**
   * One of {@link #names}, over the whole run: {@code step} decays by 0.1 after each third of it, {@code multistep} after 1/2 and
   * 3/4 of it (He et al. 2016, arXiv 1512.03385, section 4.2), {@code exponential} to 0.01 at its end,
   * {@code polynomial} with the power 0.9 (Chen et al. 2018, arXiv 1606.00915, section 4.1).
   *
   * @param totalSteps of the schedule, without those of a warm-up
   */
  static Schedule named(String name, double learningRate, long totalSteps) {
    long steps = Math.max(1, totalSteps);
    return switch (name) {
      case "constant" -> constant(learningRate);
      case "step" -> step(learningRate, 0.1, Math.ceilDiv(steps, 3));
      case "multistep" -> multistep(learningRate, 0.1, Math.ceilDiv(steps, 2), steps - steps / 4);
      case "exponential" -> exponential(learningRate, StrictMath.pow(0.01, 1.0 / steps));
      case "cosine" -> cosine(learningRate);
      case "restarts" -> warmRestarts(learningRate, 0, Math.ceilDiv(steps, 7), 2); // three: 1 + 2 + 4 periods
      case "one-cycle" -> oneCycle(learningRate);
      case "polynomial" -> polynomial(learningRate, 0.9);
      default -> throw new FoveaException("there is no schedule '" + name + "': " + Names.nearest(name, names()));
    };
  }

  /** {@link #constant}. */
  record Constant(double learningRate) implements Schedule {
    public Constant {
      requireLearningRate(learningRate);
    }

    @Override
    public double at(long step, long totalSteps) {
      return learningRate;
    }
  }

  /** {@link #step}. */
  record Step(double learningRate, double gamma, long stepSize) implements Schedule {
    public Step {
      requireLearningRate(learningRate);
      requireGamma(gamma);
      if (stepSize < 1) {
        throw new FoveaException("the step size of a step schedule must be 1 or more, got " + stepSize);
      }
    }

    @Override
    public double at(long step, long totalSteps) {
      return decayed(learningRate, gamma, step / stepSize);
    }
  }

  /** {@link #multistep}. */
  record Multistep(double learningRate, double gamma, List<Long> milestones) implements Schedule {
    public Multistep {
      requireLearningRate(learningRate);
      requireGamma(gamma);
      milestones = List.copyOf(milestones);
      if (milestones.stream().anyMatch(m -> m < 0)) {
        throw new FoveaException("the milestones of a multistep schedule must be 0 or more, got " + milestones);
      }
    }

    @Override
    public double at(long step, long totalSteps) {
      return decayed(learningRate, gamma, milestones.stream().filter(m -> m <= step).count());
    }
  }

  /** {@link #cosine}. */
  record Cosine(double learningRate, double minimum) implements Schedule {
    public Cosine {
      requireLearningRate(learningRate);
      if (!(minimum >= 0 && minimum <= learningRate)) {
        throw new FoveaException(
            "a cosine schedule must end between 0 and its initial learning rate " + learningRate + ", got " + minimum);
      }
    }

    @Override
    public double at(long step, long totalSteps) {
      return halfCosine(learningRate, minimum, part(step, totalSteps));
    }
  }

  /** {@link #warmRestarts}. */
  record WarmRestarts(double learningRate, double minimum, long period, int growth) implements Schedule {
    public WarmRestarts {
      requireLearningRate(learningRate);
      if (!(minimum >= 0 && minimum <= learningRate) || period < 1 || growth < 1) {
        throw new FoveaException("a schedule with restarts needs a minimum between 0 and its learning rate " + learningRate
            + ", a period and a growth of 1 or more, got " + minimum + ", " + period + " and " + growth);
      }
    }

    @Override
    public double at(long step, long totalSteps) {
      long from = 0;
      long length = period;
      if (growth == 1) {
        from = step / period * period;
      }
      while (step - from >= length) {
        from += length;
        length *= growth;
      }
      return halfCosine(learningRate, minimum, (double) (step - from) / length);
    }
  }

  /** {@link #polynomial}. */
  record Polynomial(double learningRate, double power) implements Schedule {
    public Polynomial {
      requireLearningRate(learningRate);
      if (!(power > 0 && power < Double.POSITIVE_INFINITY)) {
        throw new FoveaException("a polynomial schedule needs a power above 0, got " + power);
      }
    }

    @Override
    public double at(long step, long totalSteps) {
      return learningRate * StrictMath.pow(1 - part(step, totalSteps), power);
    }
  }

  /**
   * {@link #oneCycle}.
   *
   * @param learningRate the maximum
   * @param pctStart the part of the run over which the learning rate rises, 0 to 1
   * @param divFactor the initial learning rate is {@code learningRate / divFactor}
   * @param finalDivFactor the final learning rate is the initial one divided by this
   * @param linear linear interpolation instead of cosines
   */
  record OneCycle(double learningRate, double pctStart, double divFactor, double finalDivFactor, boolean linear)
      implements Schedule {
    public OneCycle {
      requireLearningRate(learningRate);
      requireLearningRate(learningRate / divFactor);
      requireLearningRate(learningRate / divFactor / finalDivFactor);
      if (!(pctStart >= 0 && pctStart <= 1)) {
        throw new FoveaException("the rising part of a one-cycle schedule must be from 0 to 1, got " + pctStart);
      }
    }

    @Override
    public double at(long step, long totalSteps) {
      double first = learningRate / divFactor;
      double top = pctStart * totalSteps - 1;
      if (totalSteps == 0 || step < top) {
        return between(first, learningRate, totalSteps == 0 ? 0 : step / top);
      }
      double end = totalSteps - 1.0;
      return between(learningRate, first / finalDivFactor, step == top ? 0 : Math.min(1, (step - top) / (end - top)));
    }

    private double between(double from, double to, double part) {
      return linear ? from + (to - from) * part : halfCosine(from, to, part);
    }
  }

  /** {@link #warmup}. */
  record Warmup(Schedule schedule, long steps, double startFactor) implements Schedule {
    public Warmup {
      if (steps < 0 || !(startFactor > 0 && startFactor <= 1)) {
        throw new FoveaException(
            "a warm-up needs 0 steps or more and a start factor above 0 and at most 1, got " + steps + " and " + startFactor);
      }
    }

    @Override
    public double at(long step, long totalSteps) {
      long rest = Math.max(0, totalSteps - steps);
      if (step >= steps) {
        return schedule.at(step - steps, rest);
      }
      return schedule.at(0, rest) * (startFactor + (1 - startFactor) * step / steps);
    }

    @Override
    public String describe() {
      return "Warmup[schedule=" + schedule.describe() + ", steps=" + steps + ", startFactor=" + startFactor + "]";
    }
  }

  /** {@link #over}. */
  record Over(Schedule schedule, long steps) implements Schedule {
    public Over {
      if (steps < 1) {
        throw new FoveaException("the length of a schedule must be 1 step or more, got " + steps);
      }
    }

    @Override
    public double at(long step, long totalSteps) {
      return schedule.at(step, steps);
    }

    @Override
    public String describe() {
      return "Over[schedule=" + schedule.describe() + ", steps=" + steps + "]";
    }
  }

  private static double decayed(double learningRate, double gamma, long times) {
    return learningRate * StrictMath.pow(gamma, (double) times);
  }

  private static double halfCosine(double from, double to, double part) {
    return to + (from - to) * (1 + StrictMath.cos(Math.PI * part)) / 2;
  }

  /** The part of the run that is done, 0 to 1; 0 for a run without steps. */
  private static double part(long step, long totalSteps) {
    return step == 0 ? 0 : Math.min(1, (double) step / totalSteps);
  }

  private static void requireLearningRate(double learningRate) {
    if (!(learningRate > 0 && learningRate < Double.POSITIVE_INFINITY)) {
      throw new FoveaException("a learning rate must be above 0, got " + learningRate);
    }
  }

  private static void requireGamma(double gamma) {
    if (!(gamma > 0 && gamma <= 1)) {
      throw new FoveaException("the gamma of a schedule must be above 0 and at most 1, got " + gamma);
    }
  }
}
