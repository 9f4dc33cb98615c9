package dev.fovea.optim;

import dev.fovea.tensor.FoveaException;

/**
 * Reduces the learning rate when the validation loss has stopped falling, as PyTorch's ReduceLROnPlateau: after more than
 * {@code patience} epochs without a loss below {@code (1 - threshold)} of the lowest one, the factor of the schedule's learning rate is
 * multiplied by {@code factor}.
 *
 * @param cooldown epochs after a reduction that are not counted
 * @param minimum of the factor of the schedule's learning rate
 */
public record Plateau(double factor, int patience, double threshold, int cooldown, double minimum) {
  /** A tenth after more than 10 epochs without a loss lower by 1e-4 of it. */
  public static final Plateau STANDARD = new Plateau(0.1, 10, 1e-4, 0, 0);

  public Plateau {
    if (!(factor > 0 && factor < 1) || patience < 0 || !(threshold >= 0 && threshold < 1) || cooldown < 0
        || !(minimum >= 0 && minimum <= 1)) {
      throw new FoveaException(
          "a plateau needs a factor between 0 and 1, patience and cooldown of 0 or more, and a threshold and a"
              + " minimum from 0 to 1, got " + factor + ", " + patience + ", " + cooldown + ", " + threshold + " and " + minimum);
    }
  }

  /**
   * What is known after some epochs.
   *
   * @param best the lowest loss
   * @param waited epochs since then
   * @param cooling epochs that are still not counted
   * @param scale the factor of the schedule's learning rate
   */
  public record State(double best, int waited, int cooling, double scale) {
    /** Before the first epoch. */
    public static final State START = new State(Double.POSITIVE_INFINITY, 0, 0, 1);
  }

  /** After one more epoch. */
  public State after(State state, double loss) {
    boolean better = loss < state.best * (1 - threshold);
    int cooling = Math.max(0, state.cooling - 1);
    int waited = better || state.cooling > 0 ? 0 : state.waited + 1;
    boolean reduced = waited > patience;
    return new State(better ? loss : state.best, reduced ? 0 : waited, reduced ? cooldown : cooling,
        reduced ? Math.max(minimum, state.scale * factor) : state.scale);
  }
}
