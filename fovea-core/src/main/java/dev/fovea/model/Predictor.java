package dev.fovea.model;

import dev.fovea.graph.Backends;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Program;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Workspace;
import dev.fovea.image.Image;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * One picture at a time, from as many threads as like: each run takes a workspace out of a pool and puts it back, so there are
 * as many as there were callers at once. A run uses its caller's thread alone.
 */
final class Predictor {
  private final Graph graph;
  private final Parameters parameters;
  private final Card card;
  private final Queue<Workspace> idle = new ConcurrentLinkedQueue<>();
  private volatile @Nullable Program program;

  Predictor(Graph graph, Parameters parameters, Card card) {
    this.graph = graph;
    this.parameters = parameters;
    this.card = card;
  }

  Prediction predict(Image image) {
    Program plan = program();
    Workspace workspace = idle.poll();
    if (workspace == null) {
      workspace = plan.workspace();
    }
    Workspace.Slot input = workspace.input(Model.INPUT);
    card.preprocessing().apply(image, input.array(), input.offset());
    plan.run(workspace);
    Workspace.Slot output = workspace.output(Model.OUTPUT);
    Prediction prediction = Prediction.of(output.array(), output.offset(), output.shape().size(), card.classes());
    idle.add(workspace);
    return prediction;
  }

  private Program program() {
    Program plan = program;
    if (plan == null) {
      synchronized (this) {
        plan = program;
        if (plan == null) {
          plan = Backends.find().compile(Rewrite.inference(Rewrite.withBatch(graph, 1)), parameters, 1);
          program = plan;
        }
      }
    }
    return plan;
  }
}
