package dev.fovea.metric;

import dev.fovea.data.DataOptions;
import dev.fovea.data.DataSpec;
import dev.fovea.data.Dataset;
import dev.fovea.data.Datasets;
import dev.fovea.data.Parts;
import dev.fovea.data.Split;
import dev.fovea.model.Model;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What of a data set a model is measured on: its test part; without one its validation part; without either all of it, unless the
 * model has learned from it, and then what was held out.
 *
 * @param why in one line, where it is no test part
 */
public record TestSet(Dataset images, Optional<String> why) {
  /**
   * Chooses by what the model's card tells of its training data: their fingerprint and their name.
   *
   * @param options as the data were opened with, of the seed of the model's training
   */
  public static TestSet of(Model model, DataSpec spec, Parts parts, DataOptions options) {
    if (parts.test().isPresent()) {
      return new TestSet(parts.test().get(), Optional.empty());
    }
    if (parts.validation().isPresent()) {
      return because(parts.validation().get(), spec + ": has no test part, so its validation images are measured");
    }
    Map<String, String> card = model.card().provenance();
    Dataset all = parts.train();
    Split split = parts.split(options.messages(_ -> {}));
    Dataset held = split.evaluation();
    String heldOut = "the " + held.size() + " of " + all.size() + " images that were held out of training are measured";
    if (learnedFrom(split.train(), model)) {
      return because(held, spec + ": has no test part and the model was trained on it, so " + heldOut);
    }
    if (spec.toString().equals(card.get("data"))) {
      return because(held, spec + ": has no test part and the model was trained on it, so " + heldOut
          + "; but it has changed since, so the model may have learned from some of them");
    }
    return because(all, spec + ": has no test part, so all " + all.size() + " images are measured"
        + (learnedFrom(all, model) ? ", from which the model has learned" : ""));
  }

  private static TestSet because(Dataset images, String why) {
    return new TestSet(images, Optional.of(why));
  }

  private static boolean learnedFrom(Dataset images, Model model) {
    String learned = model.card().provenance().getOrDefault("data_fingerprint", "");
    List<String> known = model.card().classes();
    if (images.classes().equals(known)) {
      return images.fingerprint().equals(learned);
    }
    boolean some = !images.segments() && new HashSet<>(images.classes()).containsAll(known);
    return some && Datasets.only(images, known).fingerprint().equals(learned);
  }
}
