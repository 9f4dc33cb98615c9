package dev.fovea.model;

import dev.fovea.graph.Backends;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Program;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Workspace;
import dev.fovea.image.Image;
import dev.fovea.image.LabelMap;
import dev.fovea.tensor.FoveaException;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Predicts one image at a time, from any number of threads: each run borrows a workspace from a pool. The pool keeps up to one idle
 * workspace per processor and drops the others. A run uses the caller's thread and up to the given number of the engine's
 * threads.
 */
final class Predictor {
  private final Graph graph;
  private final Parameters parameters;
  private final Card card;
  private final int threads;
  private final Queue<Workspace> idle = new ArrayBlockingQueue<>(Runtime.getRuntime().availableProcessors());
  private volatile @Nullable Program program;

  Predictor(Graph graph, Parameters parameters, Card card, int threads) {
    this.graph = graph;
    this.parameters = parameters;
    this.card = card;
    this.threads = threads;
  }

  Prediction predict(Image image) {
    require(graph.outputShape(Model.OUTPUT).rank() == 2, "labels each pixel of an image: use segment");
    return run(image, logits -> Prediction.of(logits.array(), logits.offset(), logits.shape().size(), card.classes()));
  }

  Segmentation segment(Image image) {
    require(graph.outputShape(Model.OUTPUT).rank() == 4, "classifies images and labels no pixels: use predict");
    require(card.classes().size() <= LabelMap.VOID,
        "has more than " + LabelMap.VOID + " classes, the limit of a label map");
    LabelMap labels = run(image, logits -> LabelMap.ofLogits(
        logits.array(), logits.offset(), logits.shape().dim(1), logits.shape().dim(2), logits.shape().dim(3)));
    return new Segmentation(labels.resize(image.width(), image.height()), card.classes());
  }

  private void require(boolean holds, String instead) {
    if (!holds) {
      throw new FoveaException(card.network() + " " + instead);
    }
  }

  private <T> T run(Image image, Function<Workspace.Slot, T> read) {
    Program plan = program();
    Workspace workspace = idle.poll();
    if (workspace == null) {
      ProcessMemory.largest(1, _ -> plan.workspaceBytes());
      workspace = plan.workspace();
    }
    try {
      Workspace.Slot input = workspace.input(Model.INPUT);
      card.preprocessing().apply(image, input.array(), input.offset());
      plan.run(workspace);
      Workspace.Slot logits = workspace.output(Model.OUTPUT);
      require(areFinite(logits), "gives outputs that are not finite: its weights have diverged or are damaged; use an earlier"
          + " model, or train it again");
      return read.apply(logits);
    } finally {
      idle.offer(workspace);
    }
  }

  private static boolean areFinite(Workspace.Slot logits) {
    boolean finite = true;
    for (int i = 0; i < logits.shape().size(); i++) {
      finite &= Float.isFinite(logits.array()[logits.offset() + i]);
    }
    return finite;
  }

  /**
   * Plans prediction for {@code batch} images at once.
   *
   * @throws FoveaException if not even the plan fits into memory, or the engine refuses it
   */
  static Program plan(Graph graph, Parameters parameters, int batch, int threads) {
    try {
      return Backends.find().compile(Rewrite.inference(Rewrite.withBatch(graph, batch)), parameters, threads);
    } catch (OutOfMemoryError e) {
      throw new FoveaException("not even the plan of this network fits into the memory of "
          + (Runtime.getRuntime().maxMemory() >> 20) + " MiB: use smaller images, or give the JVM more memory, as in -Xmx8g", e);
    }
  }

  private Program program() {
    Program plan = program;
    if (plan == null) {
      synchronized (this) {
        plan = program;
        if (plan == null) {
          plan = plan(graph, parameters, 1, threads);
          program = plan;
        }
      }
    }
    return plan;
  }
}
