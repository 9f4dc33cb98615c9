package dev.fovea.metric;

import dev.fovea.data.DataOptions;
import dev.fovea.data.DataSpec;
import dev.fovea.data.Dataset;
import dev.fovea.data.DatasetParts;
import dev.fovea.data.Datasets;
import dev.fovea.data.Split;
import dev.fovea.model.Model;
import dev.fovea.model.Task;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The part of a data set that a model is evaluated on: its test part; without one its validation part; without either the whole
 * set, or the held-out images if the model was trained on it.
 *
 * @param reason the reason in one line, if it is not a test part
 */
public record TestSet(Dataset images, Optional<String> reason) {
  /**
   * Chooses by the name and fingerprint of the training data in the model's card.
   *
   * @param options with which the data were opened, including the seed of the model's training
   */
  public static TestSet of(Model model, DataSpec spec, DatasetParts parts, DataOptions options) {
    if (parts.test().isPresent()) {
      return new TestSet(parts.test().get(), Optional.empty());
    }
    if (parts.validation().isPresent()) {
      return because(parts.validation().get(), spec + ": has no test part, so its validation images are evaluated");
    }
    Map<String, String> card = model.card().provenance();
    Dataset all = parts.train();
    if (all.size() < 2) {
      return because(all, spec + ": has no test part, so its only image is evaluated");
    }
    Split split = parts.split(options.messages(_ -> {}));
    Dataset held = split.evaluation();
    String heldOut = "the " + held.size() + " of " + all.size() + " images that were held out of training are evaluated";
    if (trainedOn(split.train(), model)) {
      return because(held, spec + ": has no test part and the model was trained on it, so " + heldOut);
    }
    if (spec.toString().equals(card.get("data"))) {
      return because(held, spec + ": has no test part and the model was trained on it, so " + heldOut
          + "; but the data have changed since, so the model may have been trained on some of them");
    }
    return because(all, spec + ": has no test part, so all " + all.size() + " images are evaluated"
        + (trainedOn(all, model) ? ", on which the model was trained" : ""));
  }

  private static TestSet because(Dataset images, String reason) {
    return new TestSet(images, Optional.of(reason));
  }

  private static boolean trainedOn(Dataset images, Model model) {
    String trained = model.card().provenance().getOrDefault("data_fingerprint", "");
    List<String> known = model.card().classes();
    if (images.classes().equals(known)) {
      return images.fingerprint().equals(trained);
    }
    boolean some =
        !images.segments() && images.task() instanceof Task.OneLabel && new HashSet<>(images.classes()).containsAll(known);
    return some && Datasets.only(images, known).fingerprint().equals(trained);
  }
}
