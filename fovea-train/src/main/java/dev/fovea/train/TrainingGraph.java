package dev.fovea.train;

import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Program;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.graph.Workspace;
import dev.fovea.graph.Workspace.Slot;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The graph of a training step: forward pass in training mode, loss, and the gradients of the parameters. */
public final class TrainingGraph {
  /** The input of the true classes or numbers. */
  public static final String LABELS = "labels";

  /** The input of the partners' classes, if images are mixed. */
  static final String PARTNER_LABELS = "partner_labels";

  /** The input of the weight of each image's own class, if images are mixed; a scalar from 0 to 1. */
  static final String LABEL_WEIGHT = "label_weight";

  /** The output that is minimized. */
  public static final String LOSS = "loss";

  private TrainingGraph() {}

  /** The model's graph for a batch, its loss with the weighted losses of auxiliary heads, and the parameters' gradients. */
  public static Graph of(Model model, Loss loss, int batch) {
    return of(model.graph(), loss, batch);
  }

  static Graph of(Graph graph, Loss loss, int batch) {
    return of(graph, loss, batch, false);
  }

  /** With {@code mixed}, the loss is the weighted mean of those for {@link #LABELS} and for {@link #PARTNER_LABELS}. */
  static Graph of(Graph graph, Loss loss, int batch, boolean mixed) {
    return Gradients.withGradients(forward(graph, loss, batch, mixed), LOSS);
  }

  /** Without gradients. */
  static Graph forward(Graph graph, Loss loss, int batch, boolean mixed) {
    Graph forward = Rewrite.training(Rewrite.withBatch(graph, batch));
    GraphBuilder g = new GraphBuilder();
    List<Value> values = Rewrite.replayInto(g, forward, (_, _, _) -> Optional.empty());
    Value logits = values.get(forward.output(Model.OUTPUT).id());
    Value labels = g.input(LABELS, loss.labels(g.shape(logits)));
    Loss whole = mixed ? mixed(loss, g.input(PARTNER_LABELS, g.shape(labels)), g.input(LABEL_WEIGHT, Shape.of())) : loss;
    Value total = whole.apply(g, logits, labels);
    for (Map.Entry<String, Float> head : forward.heads().entrySet()) {
      Value auxiliary = whole.apply(g, values.get(forward.output(head.getKey()).id()), labels);
      total = g.add(total, g.mul(auxiliary, g.number(head.getValue())));
    }
    g.output(LOSS, total);
    forward.outputs().forEach((name, value) -> {
      if (!forward.heads().containsKey(name)) {
        g.output(name, values.get(value.id()));
      }
    });
    return g.build();
  }

  private static Loss mixed(Loss loss, Value partnerLabels, Value weight) {
    return (g, logits, labels) -> {
      Value rest = g.add(g.number(1), g.mul(weight, g.number(-1)));
      return g.add(g.mul(weight, loss.apply(g, logits, labels)), g.mul(rest, loss.apply(g, logits, partnerLabels)));
    };
  }

  /** The path of a batch normalisation with one element per channel and image: a batch of one then has no variance. */
  static Optional<String> normalisationOfOneElement(Graph graph) {
    return graph.nodes().stream()
        .filter(node -> node.op() instanceof Op.BatchNormalization && node.shape().sizeFrom(2) == 1)
        .map(node -> node.path().isEmpty() ? node.op().type() : node.path())
        .findFirst();
  }

  /** Copies the batch normalisations' new running statistics from the workspace into the parameters. */
  public static void moveStatistics(Program program, Workspace workspace, Parameters parameters) {
    program.graph().outputs().keySet().forEach(output -> Rewrite.updatedParameterOf(output).ifPresent(running -> {
      Slot to = workspace.output(output);
      System.arraycopy(to.array(), to.offset(), parameters.values(), parameters.entry(running).offset(), to.shape().size());
    }));
  }
}
