package dev.fovea.train;

import dev.fovea.data.PreprocessedDataset;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.layer.Losses;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/** The objective that training minimizes: adds to a graph, after the network's logits, a scalar. */
@FunctionalInterface
public interface Loss {
  /** Softmax and the mean of -log of the true class's probability; logits {@code [N, C]}, class indices {@code [N]}. */
  Loss CROSS_ENTROPY = named("cross entropy", (g, logits, labels) -> g.op(new Op.SoftmaxCrossEntropyLoss(), logits, labels));

  /** The same for two classes and one logit; logits {@code [N, 1]}, targets 0 or 1 {@code [N]}. */
  Loss BINARY_CROSS_ENTROPY =
      named("binary cross entropy", (g, logits, labels) -> g.op(new Op.SigmoidCrossEntropyLoss(), logits, labels));

  /**
   * Cross entropy of each pixel, the mean over all that have a class; logits {@code [N, C, H, W]}, class indices
   * {@code [N, H, W]}, {@link dev.fovea.data.PreprocessedDataset#IGNORED} for a pixel without a class.
   */
  Loss PIXEL_CROSS_ENTROPY =
      named(
          "pixel cross entropy",
          (g, logits, labels) -> g.op(new Op.SoftmaxCrossEntropyLoss(0, PreprocessedDataset.IGNORED), logits, labels));

  /**
   * Adds the loss to the graph.
   *
   * @param logits {@code [N, C]} or {@code [N, C, H, W]}
   * @param labels the classes' indices, {@code [N]} or {@code [N, H, W]}
   * @return a scalar
   */
  Value apply(GraphBuilder g, Value logits, Value labels);

  /** The loss and all its settings as text: a run resumes only if this text is the same. */
  default String describe() {
    return "custom";
  }

  /** The names that {@link #of} accepts, the default first. */
  static List<String> names() {
    return List.of("cross-entropy", "focal", "dice", "hinge", "mse", "rbf");
  }

  /**
   * {@link #PIXEL_CROSS_ENTROPY} if the model labels pixels, {@link #BINARY_CROSS_ENTROPY} if it has one output, else {@link
   * #CROSS_ENTROPY}.
   */
  static Loss forModel(Model model) {
    return forGraph(model.graph());
  }

  /** As {@link #forModel}, for a model's graph. */
  static Loss forGraph(Graph graph) {
    return crossEntropy(graph.outputShape(Model.OUTPUT));
  }

  /**
   * The loss with these settings. The focal loss has gamma 2, the loss of radial basis functions j 1.
   *
   * @param logits their shape, the batch included
   * @throws FoveaException if the settings contradict each other, or do not fit the network
   */
  static Loss of(LossSettings settings, Shape logits) {
    String name = settings.name();
    double smoothing = settings.labelSmoothing();
    double[] weights = settings.classWeights().stream().mapToDouble(Double::doubleValue).toArray();
    boolean plain = settings.isPlain();
    boolean entropy = name.equals(LossSettings.STANDARD.name());
    int classes = logits.dim(1);
    if (classes == 1 && !(entropy && plain)) {
      throw new FoveaException(
          "a network with one output is trained with plain cross-entropy only: leave the loss, label smoothing"
              + " and class weights out");
    }
    if (!entropy && !plain) {
      throw new FoveaException(
          "label smoothing and class weights are options of cross-entropy, not of the loss " + name + ": leave them out");
    }
    if (weights.length != 0 && weights.length != classes) {
      throw new FoveaException("class weights: expected " + classes + " numbers, one per class, got " + weights.length);
    }
    int ignored = PreprocessedDataset.IGNORED;
    return switch (name) {
      case "cross-entropy" -> plain ? crossEntropy(logits)
          : named("cross entropy, smoothing " + smoothing + ", weights " + Arrays.toString(weights),
              (g, z, labels) -> weights.length == 0
                  ? Losses.crossEntropy(g, z, labels, smoothing, ignored)
                  : Losses.crossEntropy(g, z, labels, smoothing, ignored, Losses.vector(g, weights)));
      case "focal" -> named("focal, gamma 2", (g, z, labels) -> Losses.focal(g, z, labels, 2));
      case "dice" -> named("dice", Losses::dice);
      case "hinge" -> named("hinge", (g, z, labels) -> Losses.hinge(g, z, labels, 1));
      case "mse" -> named("mse", Losses::mse);
      case "rbf" -> named("rbf, j 1", (g, z, labels) -> Losses.rbfCrossEntropy(g, z, labels, 1));
      default -> throw new FoveaException("there is no loss '" + name + "': " + Names.nearest(name, names()));
    };
  }

  private static Loss crossEntropy(Shape logits) {
    if (logits.rank() == 4) {
      return PIXEL_CROSS_ENTROPY;
    }
    return logits.dim(1) == 1 ? BINARY_CROSS_ENTROPY : CROSS_ENTROPY;
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
