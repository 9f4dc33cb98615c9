package dev.fovea.tune;

import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.List;

/**
 * Successive halving: Jamieson and Talwalkar 2016 (arXiv 1502.07943, section 3), with the rungs of Li et al. 2018 (Hyperband, arXiv
 * 1603.06560). All trials are trained for a few epochs; the best {@code 1 / eta} of them go on, for {@code eta} times as many, until
 * one is left, which is trained to the end.
 *
 * @param trials of the first rung
 * @param epochs of a whole run
 */
public record Halving(int trials, int eta, int epochs) {
  /**
   * A step of the ladder.
   *
   * @param trials how many are trained in it
   * @param epochs to which they are trained, those of earlier rungs included
   */
  public record Rung(int trials, int epochs) {}

  public Halving {
    if (trials < 2 || eta < 2) {
      throw new FoveaException("successive halving needs 2 trials or more and eta 2 or more, got " + trials + " and " + eta);
    }
    if (epochs < 2) {
      throw new FoveaException(
          "successive halving stops trials at the end of an epoch: train for 2 epochs or more, got " + epochs);
    }
  }

  /**
   * From the first to the last, which has one trial and all epochs. Rungs are left out where there are not enough epochs for them:
   * a trial is trained for one epoch or more in each.
   */
  public List<Rung> rungs() {
    List<Rung> rungs = new ArrayList<>();
    int count = trials;
    for (int left = rungsBelowTheLast(); left > 0; left--) {
      int until = (int) Math.max(1, Math.round(epochs / Math.pow(eta, left)));
      if (rungs.isEmpty() || until > rungs.getLast().epochs) {
        rungs.add(new Rung(count, until));
      }
      count = Math.max(1, count / eta);
    }
    rungs.add(new Rung(1, epochs));
    return rungs;
  }

  private int rungsBelowTheLast() {
    int rungs = 1;
    for (int count = trials; count / eta > 1; count /= eta) {
      rungs++;
    }
    return rungs;
  }

  /** Epochs of training over all rungs. */
  public int trialEpochs() {
    int sum = 0;
    int before = 0;
    for (Rung rung : rungs()) {
      sum += rung.trials * (rung.epochs - before);
      before = rung.epochs;
    }
    return sum;
  }
}
