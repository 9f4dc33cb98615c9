package dev.fovea.train;

import dev.fovea.data.FittedDataset;
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
   * The first for each pixel, the mean over all that have a class; logits {@code [N, C, H, W]}, class numbers {@code [N, H, W]},
   * {@link dev.fovea.data.FittedDataset#IGNORED} where a pixel has none.
   */
  Loss PIXEL_CROSS_ENTROPY =
      named(
          "pixel cross entropy",
          (g, logits, labels) -> g.op(new Op.SoftmaxCrossEntropyLoss(0, FittedDataset.IGNORED), logits, labels));

  /**
   * Writes the loss.
   *
   * @param logits {@code [N, C]} or {@code [N, C, H, W]}
   * @param labels the classes' numbers, {@code [N]} or {@code [N, H, W]}
   * @return a scalar
   */
  Value apply(GraphBuilder g, Value logits, Value labels);

  /** A text that names it and all its settings: a run goes on only under the same one. */
  default String describe() {
    return "custom";
  }

  /**
   * {@link #PIXEL_CROSS_ENTROPY} where the model labels pixels, {@link #BINARY_CROSS_ENTROPY} where it has one output, else {@link
   * #CROSS_ENTROPY}.
   */
  static Loss forModel(Model model) {
    if (model.segments()) {
      return PIXEL_CROSS_ENTROPY;
    }
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
