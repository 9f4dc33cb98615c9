package dev.fovea.train;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.model.Model;

/** What training makes small: writes, behind a network's logits, the scalar whose gradients are followed. */
@FunctionalInterface
public interface Loss {
  /** Softmax and the mean of -log of the true class's probability; logits {@code [N, C]}, class numbers {@code [N]}. */
  Loss CROSS_ENTROPY = named("cross entropy", (g, logits, labels) -> g.op(new Op.SoftmaxCrossEntropyLoss(), logits, labels));

  /** The same for two classes that one logit tells apart; logits {@code [N, 1]}, targets 0 or 1 {@code [N]}. */
  Loss BINARY_CROSS_ENTROPY =
      named("binary cross entropy", (g, logits, labels) -> g.op(new Op.SigmoidCrossEntropyLoss(), logits, labels));

  /**
   * Writes the loss.
   *
   * @param logits {@code [N, C]}
   * @param labels the classes' numbers, {@code [N]}
   * @return a scalar
   */
  Value apply(GraphBuilder g, Value logits, Value labels);

  /** A text that names it and all its settings: a run goes on only under the same one. */
  default String describe() {
    return "custom";
  }

  /** {@link #BINARY_CROSS_ENTROPY} where the model has one output, else {@link #CROSS_ENTROPY}. */
  static Loss forModel(Model model) {
    return model.graph().outputShape(Model.OUTPUT).dim(1) == 1 ? BINARY_CROSS_ENTROPY : CROSS_ENTROPY;
  }

  private static Loss named(String name, Loss loss) {
    return new Loss() {
      @Override
      public Value apply(GraphBuilder g, Value logits, Value labels) {
        return loss.apply(g, logits, labels);
      }

      @Override
      public String describe() {
        return name;
      }
    };
  }
}
