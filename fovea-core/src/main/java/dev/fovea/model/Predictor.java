package dev.fovea.model;

import dev.fovea.graph.Workspace;
import dev.fovea.image.Image;
import dev.fovea.image.LabelMap;
import dev.fovea.image.TestTimeAugmentation;
import dev.fovea.tensor.FoveaException;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Predicts one image at a time with a model in its {@link Model#standardForm}, from any number of threads. */
final class Predictor {
  private final Model model;
  private final Runner runner;

  Predictor(Model model, Runner runner) {
    this.model = model;
    this.runner = runner;
  }

  Prediction predict(Image image, TestTimeAugmentation augmentation) {
    requireClassifier(model);
    runner.prepare();
    List<double[]> views = augmentation.views(image, model.card().preprocessing()).stream()
        .map(view -> run(view, logits -> probabilities(model, logits, 0)))
        .toList();
    return Prediction.of(mean(views), model.card().classes());
  }

  Segmentation segment(Image image) {
    requireSegmentation(model);
    runner.prepare();
    LabelMap labels = run(model.card().preprocessing().fit(image), logits -> labels(model, logits, 0));
    return new Segmentation(labels.resize(image.width(), image.height()), model.card().classes());
  }

  Map<String, Double> numbers(Image image) {
    requireNumbers(model);
    runner.prepare();
    return run(model.card().preprocessing().fit(image), outputs -> numbers(model, outputs, 0));
  }

  /** The probabilities of the image in that row of a batch. */
  static double[] probabilities(Model model, Workspace.Slot logits, int row) {
    int outputs = logits.shape().sizeFrom(1);
    int offset = logits.offset() + row * outputs;
    if (model.card().task() instanceof Task.SeveralLabels) {
      double[] p = new double[outputs];
      Arrays.setAll(p, c -> Prediction.sigmoid(logits.array()[offset + c]));
      return p;
    }
    return Prediction.probabilities(logits.array(), offset, outputs, model.card().temperature());
  }

  /** The labels of the image in that row of a batch, at the network's size. */
  static LabelMap labels(Model model, Workspace.Slot logits, int row) {
    int offset = logits.offset() + row * logits.shape().sizeFrom(1);
    return LabelMap.ofLogits(logits.array(), offset, model.card().classes().size(), logits.shape().dim(2), logits.shape().dim(3));
  }

  /** The numbers of the image in that row of a batch, in the user's units. */
  static Map<String, Double> numbers(Model model, Workspace.Slot outputs, int row) {
    int offset = outputs.offset() + row * outputs.shape().sizeFrom(1);
    Map<String, Double> values = new LinkedHashMap<>();
    if (model.card().task() instanceof Task.Numbers(List<Task.Quantity> quantities)) {
      for (int i = 0; i < quantities.size(); i++) {
        values.put(quantities.get(i).name(), quantities.get(i).value(outputs.array()[offset + i]));
      }
    }
    return Collections.unmodifiableMap(values);
  }

  /** The mean of the views' probabilities, in their order; of a single one the same bits. */
  static double[] mean(List<double[]> views) {
    double[] mean = new double[views.getFirst().length];
    views.forEach(p -> Arrays.setAll(mean, c -> mean[c] + p[c]));
    Arrays.setAll(mean, c -> mean[c] / views.size());
    return mean;
  }

  static void requireClassifier(Model model) {
    require(model, !model.segments(), "labels each pixel of an image: use segment");
    require(model, !(model.card().task() instanceof Task.Numbers), "gives numbers and no classes: use numbers");
  }

  static void requireSegmentation(Model model) {
    require(model, model.segments(), "labels no pixels: use predict or numbers");
    require(model, model.card().classes().size() <= LabelMap.VOID,
        "has more than " + LabelMap.VOID + " classes, the limit of a label map");
  }

  static void requireNumbers(Model model) {
    require(model, model.card().task() instanceof Task.Numbers, "gives classes and no numbers: use predict or segment");
  }

  private static void require(Model model, boolean holds, String instead) {
    if (!holds) {
      throw new FoveaException(model.card().network() + " " + instead);
    }
  }

  private <T> T run(Image view, Function<Workspace.Slot, T> read) {
    return runner.run(
        workspace -> {
          Workspace.Slot input = workspace.input(Model.INPUT);
          model.card().preprocessing().normalise(view, input.array(), input.offset());
        },
        workspace -> {
          Workspace.Slot logits = workspace.output(Model.OUTPUT);
          requireFinite(model, logits, 0);
          return read.apply(logits);
        });
  }

  /** Refuses outputs of the image in that row of a batch that are not finite. */
  static void requireFinite(Model model, Workspace.Slot logits, int row) {
    int outputs = logits.shape().sizeFrom(1);
    boolean finite = true;
    for (int i = 0; i < outputs; i++) {
      finite &= Float.isFinite(logits.array()[logits.offset() + row * outputs + i]);
    }
    require(model, finite, "gives outputs that are not finite: its weights have diverged or are damaged; use an earlier model, or"
        + " train it again");
  }
}
