package dev.fovea.train;

import dev.fovea.data.FittedDataset;
import dev.fovea.graph.Backends;
import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Program;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.graph.Workspace;
import dev.fovea.graph.Workspace.Slot;
import dev.fovea.model.Model;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Takes pictures through a model's training program; the last, smaller batch of an epoch gets a program of its own. */
final class Batches {
  static final String LABELS = "labels";
  static final String LOSS = "loss";

  private final Model model;
  private final Loss loss;
  private final FittedDataset pictures;
  private final int threads;
  private final Map<Integer, Plan> plans = new HashMap<>();

  private record Plan(Program program, Workspace workspace) {}

  /** What a step found; the gradients are those of the mean loss, and lie there until the next step. */
  @SuppressWarnings("ArrayRecordComponent") // The workspace's own array, read and let go.
  record Outcome(double loss, int correct, float[] gradients) {}

  Batches(Model model, Loss loss, FittedDataset pictures, int threads) {
    this.model = model;
    this.loss = loss;
    this.pictures = pictures;
    this.threads = threads;
  }

  /** Forward and backward over the pictures {@code order[from]} to {@code order[to - 1]}. */
  Outcome run(int[] order, int from, int to, Rng random) {
    Plan plan = plans.computeIfAbsent(to - from, this::plan);
    Workspace workspace = plan.workspace;
    Slot images = workspace.input(Model.INPUT);
    Slot labels = workspace.input(LABELS);
    int stride = images.shape().sizeFrom(1);
    for (int i = from; i < to; i++) {
      pictures.read(order[i], images.array(), images.offset() + (i - from) * stride);
      labels.array()[labels.offset() + i - from] = pictures.label(order[i]);
    }
    workspace.random(random);
    plan.program.run(workspace);
    Slot mean = workspace.output(LOSS);
    int correct = correct(workspace.output(Model.OUTPUT), order, from, to);
    return new Outcome(mean.array()[mean.offset()], correct, workspace.gradients());
  }

  private int correct(Slot logits, int[] order, int from, int to) {
    int classes = logits.shape().sizeFrom(1);
    int correct = 0;
    for (int i = from; i < to; i++) {
      correct += winner(logits.array(), logits.offset() + (i - from) * classes, classes) == pictures.label(order[i]) ? 1 : 0;
    }
    return correct;
  }

  /** The first of the largest logits; of a single one the class that its sign tells. */
  private static int winner(float[] logits, int offset, int classes) {
    if (classes == 1) {
      return logits[offset] > 0 ? 1 : 0;
    }
    int best = 0;
    for (int k = 1; k < classes; k++) {
      best = logits[offset + k] > logits[offset + best] ? k : best;
    }
    return best;
  }

  private Plan plan(int batch) {
    Program program = Backends.find().compile(graph(model, loss, batch), model.parameters(), threads);
    return new Plan(program, program.workspace());
  }

  /** The model's graph for a batch, its loss against labels, and the parameters' gradients. */
  static Graph graph(Model model, Loss loss, int batch) {
    Graph forward = Rewrite.withBatch(model.graph(), batch);
    GraphBuilder g = new GraphBuilder();
    List<Value> values = Rewrite.replayInto(g, forward, (_, _, _) -> Optional.empty());
    Value logits = values.get(forward.output(Model.OUTPUT).id());
    g.output(LOSS, loss.apply(g, logits, g.input(LABELS, Shape.of(batch))));
    g.output(Model.OUTPUT, logits);
    return Gradients.withGradients(g.build(), LOSS);
  }
}
