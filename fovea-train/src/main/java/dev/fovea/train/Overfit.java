package dev.fovea.train;

import dev.fovea.data.Dataset;
import dev.fovea.data.PreprocessedDataset;
import dev.fovea.graph.Graph;
import dev.fovea.graph.SharedWorkspace;
import dev.fovea.model.Model;
import dev.fovea.model.ProcessMemory;
import dev.fovea.optim.OptimizerState;
import dev.fovea.tensor.Rng;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.stream.IntStream;

/**
 * A network trained on a single batch, step after step. If the loss of that batch does not fall, the initial weights, the learning
 * rate or a gradient is wrong, and a longer run will not help.
 *
 * @param losses of the batch at each step, before that step's update
 */
public record Overfit(List<Double> losses) {
  public Overfit {
    losses = List.copyOf(losses);
  }

  /**
   * Trains the trainer's model in place, without augmentation.
   *
   * @param data a batch of which is chosen, evenly spaced from first to last
   * @param totalSteps of the run whose schedule is used: these steps have the learning rates of its first steps
   * @param listener receives each loss
   * @throws DivergedException if the loss is not finite
   */
  public static Overfit of(Trainer trainer, Dataset data, int steps, long totalSteps, DoubleConsumer listener) {
    TrainingSettings settings = trainer.settings();
    Model model = trainer.model();
    int count = Math.min(settings.batchSize, data.size());
    int[] indices = IntStream.range(0, count).map(i -> (int) ((long) i * data.size() / count)).toArray();
    PreprocessedDataset images = data.subset(indices, data.name()).preprocessed(model.card().preprocessing());
    Map<String, FineTuning.Rate> rates = settings.fineTuning.rates(model);
    Graph graph = FineTuning.frozen(model.graph(), rates, 0);
    Loader loader = new Loader(_ -> images, List.of(Model.INPUT, TrainingGraph.LABELS), 1);
    TrainingBatches batches =
        new TrainingBatches(graph, model.parameters(), settings.loss, loader, trainer.threads(), new SharedWorkspace());
    TrainingPlan plan = new TrainingPlan(settings, count);
    batches.requireEnough(plan.partSize());
    ProcessMemory.of(plan.partSize(), batches::bytes); // refuses a batch that does not fit
    List<Loader.Batch> parts = plan.parts(0, batches.minBatch(), _ -> IntStream.range(0, count).toArray());
    GradientSum sum = new GradientSum(model.parameters().trainableSize());
    OptimizerState optimizer =
        OptimizerState.of(settings.optimizer, model.parameters(), entry -> settings.group(entry, rates, 0), trainer.threads());
    List<Double> losses = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      Rng key = Rng.of(settings.seed).at("step").at(step);
      TrainingBatches.StepResult result = sum.of(parts.size(), i -> batches.run(parts.get(i), plan.partKey(key, i), List.of()));
      double learningRate = settings.schedule.at(step, totalSteps);
      Trainer.requireFinite("loss", result.loss(), step, learningRate);
      losses.add(result.loss());
      listener.accept(result.loss());
      settings.clipping.apply(result.gradients(), model.parameters().trainableSize());
      optimizer.step(result.gradients(), learningRate, step);
    }
    return new Overfit(losses);
  }

  public double first() {
    return losses.getFirst();
  }

  public double last() {
    return losses.getLast();
  }

  /** The last loss divided by the first. */
  public double ratio() {
    return last() / first();
  }
}
