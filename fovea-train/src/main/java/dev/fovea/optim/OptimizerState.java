package dev.fovea.optim;

import dev.fovea.graph.Backend;
import dev.fovea.graph.Backends;
import dev.fovea.graph.Parameters;
import dev.fovea.optim.Optimizer.Span;

/**
 * An optimizer at work on a network: its slots, and the trainable parameters cut into parts that stay in a core's cache while the
 * optimizer goes over them. Threads share the parts of large networks, whose steps are as long as memory is slow.
 */
public final class OptimizerState {
  /** Parameters at a time: with gradients and slots a tenth of a megabyte. */
  private static final int PART = 1 << 13;

  /** Fewer are done before another thread is awake. */
  private static final int SMALL = 1 << 18;

  private final Optimizer optimizer;
  private final Parameters parameters;

  /** The optimizer's, zero before the first step. */
  private final float[][] slots;

  /** Whose threads take part. */
  private final Backend engine;

  private final int threads;

  private OptimizerState(Optimizer optimizer, Parameters parameters, int threads) {
    this.optimizer = optimizer;
    this.parameters = parameters;
    this.slots = new float[optimizer.slots()][parameters.trainableSize()];
    this.engine = Backends.find();
    this.threads = threads;
  }

  /** An update that has not yet made a step. */
  public static OptimizerState of(Optimizer optimizer, Parameters parameters, int threads) {
    return new OptimizerState(optimizer, parameters, threads);
  }

  Parameters parameters() {
    return parameters;
  }

  /** As they are, for a checkpoint. */
  public float[][] slots() {
    return slots;
  }

  /**
   * Makes a step, and says that the parameters have changed.
   *
   * @param step how many steps were made before this one
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
