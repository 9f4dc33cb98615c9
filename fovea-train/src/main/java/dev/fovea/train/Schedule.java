package dev.fovea.train;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import java.util.List;

/** The learning rate of each step. */
@FunctionalInterface
public interface Schedule {
  /** The rate of step {@code step}, counted from 0, of a run of {@code totalSteps}. */
  double at(long step, long totalSteps);

  /** A text that names it and all its settings: a run goes on only under the same one. */
  default String describe() {
    return "custom";
  }

  /** The same rate throughout. */
  static Schedule constant(double rate) {
    return new Constant(rate);
  }

  /** The rate is multiplied by {@code gamma} each {@code every} steps (not epochs). */
  static Schedule step(double rate, double gamma, long every) {
    return new Step(rate, gamma, every);
  }

  /** Half a cosine from {@code rate} down to 0 over the whole run: Loshchilov and Hutter 2017 (arXiv 1608.03983), one period. */
  static Schedule cosine(double rate) {
    return cosine(rate, 0);
  }

  /** The same down to {@code floor}. */
  static Schedule cosine(double rate, double floor) {
    return new Cosine(rate, floor);
  }

  /**
   * Before this schedule {@code steps} steps that rise in a line from {@code startFactor} times its first rate up to it: Goyal et
   * al. 2017 (arXiv 1706.02677, section 2.2). What follows is this schedule over the steps that are left.
   */
  default Schedule warmup(long steps, double startFactor) {
    return new Warmup(this, steps, startFactor);
  }

  /** {@code constant}, {@code step} (a tenth after each third of the run) or {@code cosine}. */
  static Schedule named(String name, double rate, long totalSteps) {
    return switch (name) {
      case "constant" -> constant(rate);
      case "step" -> step(rate, 0.1, Math.max(1, (totalSteps + 2) / 3));
      case "cosine" -> cosine(rate);
      default -> throw new FoveaException(
          "there is no schedule '" + name + "': " + Names.nearest(name, List.of("constant", "step", "cosine")));
    };
  }

  /** {@link #constant}. */
  record Constant(double rate) implements Schedule {
    public Constant {
      requireRate(rate);
    }

    @Override
    public double at(long step, long totalSteps) {
      return rate;
    }

    @Override
    public String describe() {
      return toString();
    }
  }

  /** {@link #step}. */
  record Step(double rate, double gamma, long every) implements Schedule {
    public Step {
      requireRate(rate);
      if (every < 1 || !(gamma > 0 && gamma <= 1)) {
        throw new FoveaException(
            "a step schedule needs a gamma above 0, at most 1, and 1 step or more, got " + gamma + " and " + every);
      }
    }

    @Override
    public double at(long step, long totalSteps) {
      long drops = step / every;
      return rate * StrictMath.pow(gamma, (double) drops);
    }

    @Override
    public String describe() {
      return toString();
    }
  }

  /** {@link #cosine}. */
  record Cosine(double rate, double floor) implements Schedule {
    public Cosine {
      requireRate(rate);
      if (!(floor >= 0 && floor <= rate)) {
        throw new FoveaException("a cosine schedule ends between 0 and its first rate " + rate + ", got " + floor);
      }
    }

    @Override
    public double at(long step, long totalSteps) {
      double part = step == 0 ? 0 : Math.min(1, (double) step / totalSteps);
      return floor + (rate - floor) * (1 + StrictMath.cos(Math.PI * part)) / 2;
    }

    @Override
    public String describe() {
      return toString();
    }
  }

  /** {@link #warmup}. */
  record Warmup(Schedule then, long steps, double startFactor) implements Schedule {
    public Warmup {
      if (steps < 0 || !(startFactor > 0 && startFactor <= 1)) {
        throw new FoveaException(
            "a warm-up needs 0 steps or more and a start factor above 0, at most 1, got " + steps + " and " + startFactor);
      }
    }

    @Override
    public double at(long step, long totalSteps) {
      long rest = Math.max(0, totalSteps - steps);
      if (step >= steps) {
        return then.at(step - steps, rest);
      }
      return then.at(0, rest) * (startFactor + (1 - startFactor) * step / steps);
    }

    @Override
    public String describe() {
      return "Warmup[then=" + then.describe() + ", steps=" + steps + ", startFactor=" + startFactor + "]";
    }
  }

  private static void requireRate(double rate) {
    if (!(rate > 0 && rate < Double.POSITIVE_INFINITY)) {
      throw new FoveaException("a learning rate must be above 0, got " + rate);
    }
  }
}
