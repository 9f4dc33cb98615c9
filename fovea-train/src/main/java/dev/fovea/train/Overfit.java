package dev.fovea.train;

import dev.fovea.data.Dataset;
import dev.fovea.data.FittedDataset;
import dev.fovea.graph.Parameters;
import dev.fovea.model.Model;
import dev.fovea.tensor.Rng;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.stream.IntStream;

/**
 * What a network makes of one batch, again and again: where its loss does not fall, its first weights, its rate or a gradient is
 * wrong, and no larger run will mend that.
 *
 * @param losses of the batch at each step, before that step's change
 */
public record Overfit(List<Double> losses) {
  public Overfit {
    losses = List.copyOf(losses);
  }

  /**
   * Trains the model in place.
   *
   * @param config of a run over all the data for its epochs: these steps have the rates of its first ones; no picture is varied
   * @param data of which a batch is taken, evenly from first to last
   * @param listener hears each loss
   * @throws DivergedException where the loss is no longer a number
   */
  public static Overfit of(RunConfig config, Model model, Dataset data, int steps, DoubleConsumer listener) {
    RunConfig.Training training = config.training();
    int count = Math.min(training.batchSize(), data.size());
    int[] places = IntStream.range(0, count).map(i -> (int) ((long) i * data.size() / count)).toArray();
    FittedDataset pictures = data.subset(places, data.name()).fitted(model.card().preprocessing());
    Batches.Variation none = new Batches.Variation(Augmentation.NONE, training.seed());
    Loss loss = config.loss(model);
    Batches batches = new Batches(model, loss, pictures, none, training.threads(), new WorkingMemory());
    batches.requireEnough(count);
    Batches.Part all = new Batches.Part(0, IntStream.range(0, count).toArray(), 0, count);
    Parameters parameters = model.parameters();
    Optimizer optimizer = config.optimizer();
    long whole = Math.max(steps, config.epochs() * Math.ceilDiv((long) data.size(), training.batchSize()));
    Schedule schedule = config.schedule(whole);
    Update update = Update.of(optimizer, parameters, training.threads());
    List<Double> losses = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      Batches.Outcome outcome = batches.run(all, Rng.of(training.seed()).at("step").at(step));
      double rate = schedule.at(step, whole);
      Trainer.requireFinite("loss", outcome.loss(), step, rate);
      losses.add(outcome.loss());
      listener.accept(outcome.loss());
      update.step(outcome.gradients(), rate, step);
    }
    return new Overfit(losses);
  }

  public double first() {
    return losses.getFirst();
  }

  public double last() {
    return losses.getLast();
  }

  /** The last loss as a part of the first. */
  public double ratio() {
    return last() / first();
  }
}
