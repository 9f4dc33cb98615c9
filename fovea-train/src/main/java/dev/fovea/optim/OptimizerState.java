package dev.fovea.optim;

import dev.fovea.graph.Backend;
import dev.fovea.graph.Backends;
import dev.fovea.graph.Parameters;
import dev.fovea.optim.Optimizer.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * An optimizer with its slots for a network. A step splits the trainable parameters into parts that fit into a core's cache, or into
 * whole parameters for optimizers that need them. For large networks, whose steps are bound by memory bandwidth, the parts are
 * distributed over threads.
 */
public final class OptimizerState {
  /** Parameters per part: about 0.1 MB with gradients and slots. */
  private static final int PART = 1 << 13;

  /** Below this number, one thread is done before another wakes up. */
  private static final int SMALL = 1 << 18;

  private final Parameters parameters;
  private final List<Part> parts;

  /** Zero before the first step. */
  private final float[][] slots;

  /** Its threads execute the step. */
  private final Backend engine;

  private final int threads;

  /** A range of parameters that are updated in the same way. */
  private record Part(Span span, Optimizer optimizer, ParameterGroup group) {}

  private OptimizerState(Optimizer optimizer, Parameters parameters, List<Part> parts, int threads) {
    this.parameters = parameters;
    this.parts = parts;
    this.slots = new float[optimizer.slots()][parameters.trainableSize()];
    this.engine = Backends.find();
    this.threads = threads;
  }

  /** The state before the first step; all parameters are updated in the same way. */
  public static OptimizerState of(Optimizer optimizer, Parameters parameters, int threads) {
    return of(optimizer, parameters, _ -> ParameterGroup.ALL, threads);
  }

  /**
   * The state before the first step.
   *
   * @param groups how each trainable parameter is updated
   */
  public static OptimizerState of(Optimizer optimizer, Parameters parameters,
      Function<Parameters.Entry, ParameterGroup> groups, int threads) {
    Optimizer undecayed = optimizer.weightDecay(0);
    int length = optimizer.wholeParameters() ? Integer.MAX_VALUE : PART;
    List<Part> runs = new ArrayList<>();
    for (Parameters.Entry entry : parameters.entries()) {
      ParameterGroup group = groups.apply(entry);
      if (!entry.trainable() || group.rate() == 0) {
        continue;
      }
      Span span = new Span(entry.offset(), entry.offset() + entry.shape().size());
      boolean together = !optimizer.wholeParameters() && !runs.isEmpty() && runs.getLast().group.equals(group)
          && runs.getLast().span.to() == span.from();
      Span all = together ? new Span(runs.removeLast().span.from(), span.to()) : span;
      runs.add(new Part(all, group.decays() ? optimizer : undecayed, group));
    }
    List<Part> parts = new ArrayList<>();
    runs.forEach(run -> split(run, length, parts));
    return new OptimizerState(optimizer, parameters, List.copyOf(parts), threads);
  }

  private static void split(Part whole, int length, List<Part> to) {
    long end = whole.span.to();
    for (long from = whole.span.from(); from < end; from += length) {
      to.add(new Part(new Span((int) from, (int) Math.min(end, from + length)), whole.optimizer, whole.group));
    }
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
    int shares = parameters.trainableSize() < SMALL ? 1 : threads;
    engine.loop(shares, shares, share -> {
      int end = (int) ((long) parts.size() * (share + 1) / shares);
      for (int i = (int) ((long) parts.size() * share / shares); i < end; i++) {
        Part part = parts.get(i);
        if (step >= part.group.since()) {
          part.optimizer.step(
              parameters.values(), gradients, part.span, slots, learningRate * part.group.rate(), step - part.group.since());
        }
      }
    });
    parameters.changed();
  }
}
