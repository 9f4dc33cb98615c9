package dev.fovea.train;

import dev.fovea.data.PreprocessedDataset;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Shapes;
import dev.fovea.graph.Value;
import dev.fovea.layer.Losses;
import dev.fovea.model.Model;
import dev.fovea.model.Task;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import java.util.function.UnaryOperator;

/** The objective that training minimizes: adds to a graph, after the network's logits, a scalar. */
@FunctionalInterface
public interface Loss {
  /** Softmax and the mean of -log of the true class's probability; logits {@code [N, C]}, class indices {@code [N]}. */
  Loss CROSS_ENTROPY = ofClasses("cross entropy", (g, logits, labels) -> g.op(new Op.SoftmaxCrossEntropyLoss(), logits, labels));

  /** The same for two classes and one logit; logits {@code [N, 1]}, targets 0 or 1 {@code [N]}. */
  Loss BINARY_CROSS_ENTROPY =
      ofClasses("binary cross entropy", (g, logits, labels) -> g.op(new Op.SigmoidCrossEntropyLoss(), logits, labels));

  /**
   * Cross entropy of each pixel, the mean over all that have a class; logits {@code [N, C, H, W]}, class indices
   * {@code [N, H, W]}, {@link dev.fovea.data.PreprocessedDataset#IGNORED} for a pixel without a class.
   */
  Loss PIXEL_CROSS_ENTROPY =
      ofClasses(
          "pixel cross entropy",
          (g, logits, labels) -> g.op(new Op.SoftmaxCrossEntropyLoss(0, PreprocessedDataset.IGNORED), logits, labels));

  /**
   * Adds the loss to the graph.
   *
   * @param logits {@code [N, C]} or {@code [N, C, H, W]}
   * @param labels of the shape {@link #labels}
   * @return a scalar
   */
  Value apply(GraphBuilder g, Value logits, Value labels);

  /**
   * The shape of the labels that it compares with logits of this shape: of classes' indices, {@code [N]} or {@code [N, H, W]}, by
   * default; for several labels and numbers {@code [N, C]}.
   */
  default Shape labels(Shape logits) {
    return Shapes.labelsOf(logits);
  }

  /** The weight of a label of that class in the mean over labels; 1 by default. */
  default double weight(int label) {
    return 1;
  }

  /** The loss and all its settings as text: a run resumes only if this text is the same. */
  default String describe() {
    return "custom";
  }

  /** The names that {@link #of} accepts. */
  static List<String> names() {
    return Arrays.stream(Task.Kind.values()).flatMap(kind -> names(kind).stream()).distinct().toList();
  }

  /** Those for a kind of task, its standard first. */
  private static List<String> names(Task.Kind kind) {
    return switch (kind) {
      case NONE, LABEL -> List.of("cross-entropy", "focal", "dice", "hinge", "mse", "rbf");
      case LABELS -> List.of("binary-cross-entropy");
      case NUMBERS -> List.of("mse", "l1", "smooth-l1");
    };
  }

  /** The standard loss of the model's task. */
  static Loss forModel(Model model) {
    return of(LossSettings.STANDARD, model.card().task(), model.graph().outputShape(Model.OUTPUT));
  }

  /** {@link #PIXEL_CROSS_ENTROPY} if the output is a map, {@link #BINARY_CROSS_ENTROPY} if it is one logit, else {@link #CROSS_ENTROPY}. */
  static Loss forGraph(Graph graph) {
    return crossEntropy(graph.outputShape(Model.OUTPUT));
  }

  /**
   * The loss with these settings. The focal loss has gamma 2, the loss of radial basis functions j 1, smooth l1 beta 1.
   *
   * @param settings balanced class weights are none here: {@link LossSettings#on} gives their values
   * @param logits their shape, the batch included
   * @throws FoveaException if the settings contradict each other, or do not fit the task or the network
   */
  static Loss of(LossSettings settings, Task task, Shape logits) {
    List<String> own = names(task.kind());
    String name = settings.name().isEmpty() ? own.getFirst() : settings.name();
    if (!names().contains(name)) {
      throw new FoveaException("there is no loss '" + name + "': " + Names.nearest(name, names()));
    }
    if (!own.contains(name)) {
      throw new FoveaException("the loss " + name + " is not for " + task.kind() + ": choose " + String.join(" or ", own)
          + ", or leave it out");
    }
    return switch (task) {
      case Task.SeveralLabels labels -> severalLabels(settings, labels.size());
      case Task.Numbers _ -> numbers(settings, name);
      case Task.OneLabel _, Task.None _ -> oneLabel(settings, name, logits);
    };
  }

  private static Loss severalLabels(LossSettings settings, int classes) {
    double[] weights = settings.classWeights().array();
    if (settings.labelSmoothing() != 0) {
      throw new FoveaException("label smoothing is an option of cross-entropy with one label: leave it out");
    }
    requireWeights(weights, classes);
    return perLogit("binary cross entropy of each class" + (weights.length == 0 ? "" : ", weights " + Arrays.toString(weights)),
        (g, z, targets) -> Losses.binaryCrossEntropy(g, z, targets,
            weights.length == 0 ? Optional.empty() : Optional.of(Losses.vector(g, weights))));
  }

  private static Loss numbers(LossSettings settings, String name) {
    if (!settings.isPlain()) {
      throw new FoveaException("label smoothing and class weights are for classes, not for numbers: leave them out");
    }
    return switch (name) {
      case "mse" -> perLogit("mse of numbers", Losses::mse);
      case "l1" -> perLogit("l1", Losses::l1);
      default -> perLogit("smooth l1, beta 1", (g, z, targets) -> Losses.smoothL1(g, z, targets, 1));
    };
  }

  private static void requireWeights(double[] weights, int classes) {
    if (weights.length != 0 && weights.length != classes) {
      throw new FoveaException("class weights: expected " + classes + " numbers, one per class, got " + weights.length);
    }
  }

  private static Loss oneLabel(LossSettings settings, String name, Shape logits) {
    double smoothing = settings.labelSmoothing();
    double[] weights = settings.classWeights().array();
    boolean plain = settings.isPlain();
    boolean entropy = name.equals("cross-entropy");
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
    requireWeights(weights, classes);
    int ignored = PreprocessedDataset.IGNORED;
    return switch (name) {
      case "cross-entropy" -> plain ? crossEntropy(logits)
          : named("cross entropy, smoothing " + smoothing + ", weights " + Arrays.toString(weights),
              (g, z, labels) -> weights.length == 0
                  ? Losses.crossEntropy(g, z, labels, smoothing, ignored)
                  : Losses.crossEntropy(g, z, labels, smoothing, ignored, Losses.vector(g, weights)),
              Shapes::labelsOf, label -> weights.length == 0 ? 1 : weights[label]);
      case "focal" -> ofClasses("focal, gamma 2", (g, z, labels) -> Losses.focal(g, z, labels, 2));
      case "dice" -> ofClasses("dice", Losses::dice);
      case "hinge" -> ofClasses("hinge", (g, z, labels) -> Losses.hinge(g, z, labels, 1));
      case "mse" -> ofClasses("mse", Losses::mse);
      default -> ofClasses("rbf, j 1", (g, z, labels) -> Losses.rbfCrossEntropy(g, z, labels, 1));
    };
  }

  private static Loss crossEntropy(Shape logits) {
    if (logits.rank() == 4) {
      return PIXEL_CROSS_ENTROPY;
    }
    return logits.dim(1) == 1 ? BINARY_CROSS_ENTROPY : CROSS_ENTROPY;
  }

  private static Loss ofClasses(String name, Loss loss) {
    return named(name, loss, Shapes::labelsOf, _ -> 1);
  }

  /** With a label for each logit. */
  private static Loss perLogit(String name, Loss loss) {
    return named(name, loss, logits -> logits, _ -> 1);
  }

  private static Loss named(String name, Loss loss, UnaryOperator<Shape> labels, IntToDoubleFunction weight) {
    return new Loss() {
      @Override
      public Value apply(GraphBuilder g, Value logits, Value targets) {
        return loss.apply(g, logits, targets);
      }

      @Override
      public Shape labels(Shape logits) {
        return labels.apply(logits);
      }

      @Override
      public double weight(int label) {
        return weight.applyAsDouble(label);
      }

      @Override
      public String describe() {
        return name;
      }
    };
  }
}
