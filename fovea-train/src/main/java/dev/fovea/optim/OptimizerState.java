package dev.fovea.optim;

import dev.fovea.graph.Backend;
import dev.fovea.graph.Backends;
import dev.fovea.graph.Parameters;
import dev.fovea.optim.Optimizer.Span;

/**
 * An optimizer with its slots for a network. A step splits the trainable parameters into parts that fit into a core's cache.
 * For large networks, whose steps are bound by memory bandwidth, the parts are distributed over threads.
 */
public final class OptimizerState {
  /** Parameters per part: about 0.1 MB with gradients and slots. */
  private static final int PART = 1 << 13;

  /** Below this number, one thread is done before another wakes up. */
  private static final int SMALL = 1 << 18;

  private final Optimizer optimizer;
  private final Parameters parameters;

  /** Zero before the first step. */
  private final float[][] slots;

  /** Its threads execute the step. */
  private final Backend engine;

  private final int threads;

  private OptimizerState(Optimizer optimizer, Parameters parameters, int threads) {
    this.optimizer = optimizer;
    this.parameters = parameters;
    this.slots = new float[optimizer.slots()][parameters.trainableSize()];
    this.engine = Backends.find();
    this.threads = threads;
  }

  /** The state before the first step. */
  public static OptimizerState of(Optimizer optimizer, Parameters parameters, int threads) {
    return new OptimizerState(optimizer, parameters, threads);
  }

  Parameters parameters() {
    return parameters;
  }

  /** The arrays themselves, for a checkpoint. */
  public float[][] slots() {
    return slots;
  }

  /**
   * Performs a step, and marks the parameters as changed.
   *
   * @param step the number of steps before this one
   */
  public void step(float[] gradients, double learningRate, long step) {
    int count = parameters.trainableSize();
    int shares = count < SMALL ? 1 : threads;
    engine.loop(shares, shares, share -> {
      int end = (int) ((long) count * (share + 1) / shares);
      for (int from = (int) ((long) count * share / shares); from < end; from += PART) {
        Span part = new Span(from, Math.min(end, from + PART));
        optimizer.step(parameters.values(), gradients, part, slots, learningRate, step);
      }
    });
    parameters.changed();
  }
}
