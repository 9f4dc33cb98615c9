package dev.fovea.optim;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import java.util.List;
import java.util.stream.LongStream;

/** The learning rate of each step. */
@FunctionalInterface
public interface Schedule {
  /** The rate of step {@code step}, counted from 0, of a run of {@code totalSteps}. */
  double at(long step, long totalSteps);

  /** A text that names it and all its settings, as a record's own does: a run goes on only under the same one. */
  default String describe() {
    return getClass().isRecord() ? toString() : "custom";
  }

  /** The same rate throughout. */
  static Schedule constant(double rate) {
    return new Constant(rate);
  }

  /** The rate is multiplied by {@code gamma} each {@code every} steps (not epochs). */
  static Schedule step(double rate, double gamma, long every) {
    return new Step(rate, gamma, every);
  }

  /** The rate is multiplied by {@code gamma} at each of those steps. */
  static Schedule multistep(double rate, double gamma, long... milestones) {
    return new Multistep(rate, gamma, LongStream.of(milestones).boxed().toList());
  }

  /** The rate is multiplied by {@code gamma} after every step. */
  static Schedule exponential(double rate, double gamma) {
    return step(rate, gamma, 1);
  }

  /** Half a cosine from {@code rate} down to 0 over the whole run: Loshchilov and Hutter 2017 (arXiv 1608.03983), one period. */
  static Schedule cosine(double rate) {
    return cosine(rate, 0);
  }

  /** The same down to {@code floor}. */
  static Schedule cosine(double rate, double floor) {
    return new Cosine(rate, floor);
  }

  /** {@code rate * (1 - step / totalSteps)^power}. */
  static Schedule polynomial(double rate, double power) {
    return new Polynomial(rate, power);
  }

  /**
   * From a 25th of {@code rate} up to it over the first 0.3 of the run, then down to a ten thousandth of the first, each along half
   * a cosine: Smith and Topin 2018 (arXiv 1708.07120) as PyTorch has it, the momentum as it is.
   */
  static Schedule oneCycle(double rate) {
    return new OneCycle(rate, 0.3, 25, 1e4, false);
  }

  /**
   * Before this schedule {@code steps} steps that rise in a line from {@code startFactor} times its first rate up to it: Goyal et
   * al. 2017 (arXiv 1706.02677, section 2.2). What follows is this schedule over the steps that are left.
   */
  default Schedule warmup(long steps, double startFactor) {
    return new Warmup(this, steps, startFactor);
  }

  /** This schedule as in a run of so many steps, however many there are: one that falls ends there, and stays where it ended. */
  default Schedule over(long steps) {
    return new Over(this, steps);
  }

  /** The names that {@link #named} knows. */
  static List<String> names() {
    return List.of("constant", "step", "multistep", "exponential", "cosine", "one-cycle", "polynomial");
  }

  /**
   * One of {@link #names}, over the whole run: {@code step} falls to a tenth after each third of it, {@code multistep} after its
   * half and its three quarters (He et al. 2016, arXiv 1512.03385, section 4.2), {@code exponential} to a hundredth at its end,
   * {@code polynomial} with the power 0.9 (Chen et al. 2018, arXiv 1606.00915, section 4.1).
   *
   * @param totalSteps that the schedule has, those of a warm-up not counted
   */
  static Schedule named(String name, double rate, long totalSteps) {
    long steps = Math.max(1, totalSteps);
    return switch (name) {
      case "constant" -> constant(rate);
      case "step" -> step(rate, 0.1, Math.ceilDiv(steps, 3));
      case "multistep" -> multistep(rate, 0.1, Math.ceilDiv(steps, 2), steps - steps / 4);
      case "exponential" -> exponential(rate, StrictMath.pow(0.01, 1.0 / steps));
      case "cosine" -> cosine(rate);
      case "one-cycle" -> oneCycle(rate);
      case "polynomial" -> polynomial(rate, 0.9);
      default -> throw new FoveaException("there is no schedule '" + name + "': " + Names.nearest(name, names()));
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
  }

  /** {@link #step}. */
  record Step(double rate, double gamma, long every) implements Schedule {
    public Step {
      requireRate(rate);
      requireGamma(gamma);
      if (every < 1) {
        throw new FoveaException("a step schedule falls each 1 step or more, got " + every);
      }
    }

    @Override
    public double at(long step, long totalSteps) {
      return fallen(rate, gamma, step / every);
    }
  }

  /** {@link #multistep}. */
  record Multistep(double rate, double gamma, List<Long> milestones) implements Schedule {
    public Multistep {
      requireRate(rate);
      requireGamma(gamma);
      milestones = List.copyOf(milestones);
      if (milestones.stream().anyMatch(m -> m < 0)) {
        throw new FoveaException("a multistep schedule falls at steps from 0 on, got " + milestones);
      }
    }

    @Override
    public double at(long step, long totalSteps) {
      return fallen(rate, gamma, milestones.stream().filter(m -> m <= step).count());
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
      return halfCosine(rate, floor, part(step, totalSteps));
    }
  }

  /** {@link #polynomial}. */
  record Polynomial(double rate, double power) implements Schedule {
    public Polynomial {
      requireRate(rate);
      if (!(power > 0 && power < Double.POSITIVE_INFINITY)) {
        throw new FoveaException("a polynomial schedule needs a power above 0, got " + power);
      }
    }

    @Override
    public double at(long step, long totalSteps) {
      return rate * StrictMath.pow(1 - part(step, totalSteps), power);
    }
  }

  /**
   * {@link #oneCycle}.
   *
   * @param rate the highest
   * @param pctStart the part of the run over which the rate rises, 0 to 1
   * @param divFactor the first rate is {@code rate / divFactor}
   * @param finalDivFactor the last rate is the first divided by this
   * @param linear in straight lines, not along cosines
   */
  record OneCycle(double rate, double pctStart, double divFactor, double finalDivFactor, boolean linear) implements Schedule {
    public OneCycle {
      requireRate(rate);
      requireRate(rate / divFactor);
      requireRate(rate / divFactor / finalDivFactor);
      if (!(pctStart >= 0 && pctStart <= 1)) {
        throw new FoveaException("a one-cycle schedule rises over a part of the run from 0 to 1, got " + pctStart);
      }
    }

    @Override
    public double at(long step, long totalSteps) {
      double first = rate / divFactor;
      double top = pctStart * totalSteps - 1;
      if (totalSteps == 0 || step < top) {
        return between(first, rate, totalSteps == 0 ? 0 : step / top);
      }
      double end = totalSteps - 1.0;
      return between(rate, first / finalDivFactor, step == top ? 0 : Math.min(1, (step - top) / (end - top)));
    }

    private double between(double from, double to, double part) {
      return linear ? from + (to - from) * part : halfCosine(from, to, part);
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

  /** {@link #over}. */
  record Over(Schedule schedule, long steps) implements Schedule {
    public Over {
      if (steps < 1) {
        throw new FoveaException("a schedule goes over 1 step or more, got " + steps);
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

  private static double fallen(double rate, double gamma, long times) {
    return rate * StrictMath.pow(gamma, (double) times);
  }

  private static double halfCosine(double from, double to, double part) {
    return to + (from - to) * (1 + StrictMath.cos(Math.PI * part)) / 2;
  }

  /** How much of the run is over, 0 to 1; a run of no steps is at its beginning. */
  private static double part(long step, long totalSteps) {
    return step == 0 ? 0 : Math.min(1, (double) step / totalSteps);
  }

  private static void requireRate(double rate) {
    if (!(rate > 0 && rate < Double.POSITIVE_INFINITY)) {
      throw new FoveaException("a learning rate must be above 0, got " + rate);
    }
  }

  private static void requireGamma(double gamma) {
    if (!(gamma > 0 && gamma <= 1)) {
      throw new FoveaException("a schedule falls by a gamma above 0, at most 1, got " + gamma);
    }
  }
}
