package dev.fovea.model;

import dev.fovea.graph.Workspace;
import dev.fovea.image.Image;
import dev.fovea.image.LabelMap;
import dev.fovea.tensor.FoveaException;
import java.util.function.Function;

/** Predicts one image at a time with a model in its {@link Model#standardForm}, from any number of threads. */
final class Predictor {
  private final Model model;
  private final Runner runner;

  Predictor(Model model, Runner runner) {
    this.model = model;
    this.runner = runner;
  }

  Prediction predict(Image image) {
    require(!model.segments(), "labels each pixel of an image: use segment");
    return run(image,
        logits -> Prediction.of(logits.array(), logits.offset(), logits.shape().size(), model.card().classes()));
  }

  Segmentation segment(Image image) {
    require(model.segments(), "classifies images and labels no pixels: use predict");
    require(model.card().classes().size() <= LabelMap.VOID,
        "has more than " + LabelMap.VOID + " classes, the limit of a label map");
    LabelMap labels = run(image, logits -> LabelMap.ofLogits(
        logits.array(), logits.offset(), logits.shape().dim(1), logits.shape().dim(2), logits.shape().dim(3)));
    return new Segmentation(labels.resize(image.width(), image.height()), model.card().classes());
  }

  private void require(boolean holds, String instead) {
    if (!holds) {
      throw new FoveaException(model.card().network() + " " + instead);
    }
  }

  private <T> T run(Image image, Function<Workspace.Slot, T> read) {
    return runner.run(
        workspace -> {
          Workspace.Slot input = workspace.input(Model.INPUT);
          model.card().preprocessing().apply(image, input.array(), input.offset());
        },
        workspace -> {
          Workspace.Slot logits = workspace.output(Model.OUTPUT);
          require(areFinite(logits), "gives outputs that are not finite: its weights have diverged or are damaged; use an earlier"
              + " model, or train it again");
          return read.apply(logits);
        });
  }

  private static boolean areFinite(Workspace.Slot logits) {
    boolean finite = true;
    for (int i = 0; i < logits.shape().size(); i++) {
      finite &= Float.isFinite(logits.array()[logits.offset() + i]);
    }
    return finite;
  }
}
