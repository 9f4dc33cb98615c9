package dev.fovea.cli;

import dev.fovea.data.DataOptions;
import dev.fovea.data.DataSpec;
import dev.fovea.data.Dataset;
import dev.fovea.data.Datasets;
import dev.fovea.data.FittedDataset;
import dev.fovea.data.Split;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import java.util.HashSet;
import java.util.List;

/** Data sets as commands open them. */
final class DataSets {
  private DataSets() {}

  /** Opens it, with {@code classes} alone where some are named. */
  static Split open(DataSpec spec, long seed, List<String> classes, Streams streams) {
    Split split = Datasets.open(spec, DataOptions.standard().seed(seed).messages(streams::say));
    return classes.isEmpty() ? split : Datasets.only(split, classes);
  }

  /** The seed that the model was trained with, which chose the pictures held out of its training; 1 where it is not known. */
  static long seed(Model model) {
    try {
      return Long.parseLong(model.card().provenance().getOrDefault("seed", "1"));
    } catch (NumberFormatException e) {
      return 1;
    }
  }

  /** The parts that training reads, decoded and resized now, so that from then on it can be stopped at any step. */
  static Split fitted(Split split, Model model, Streams streams) {
    Dataset train = prepared(split.train(), model, streams);
    try (Wait wait = streams.waiting("fingerprint of the training images", 0)) {
      wait.accept(0);
      train.fingerprint();
    }
    return new Split(train, prepared(split.validation(), model, streams),
        split.test().map(test -> fitted(test, model, reading(test, streams))));
  }

  private static FittedDataset fitted(Dataset data, Model model, Wait wait) {
    return data.fitted(model.card().preprocessing(), wait);
  }

  private static Wait reading(Dataset data, Streams streams) {
    return streams.waiting("reading " + data.name(), data.size());
  }

  private static Dataset prepared(Dataset data, Model model, Streams streams) {
    try (Wait wait = reading(data, streams)) {
      FittedDataset fitted = fitted(data, model, wait);
      fitted.prepare();
      return fitted;
    }
  }

  /**
   * The data under the model's classes: as they are where the names are the same, or where an idx folder has numbers for names;
   * else the model's alone, where the data have them all.
   *
   * @throws FoveaException where the data show something else than the model knows
   */
  static Dataset suited(Dataset data, DataSpec spec, Model model, Streams streams) {
    List<String> known = model.card().classes();
    List<String> given = data.classes();
    if (given.equals(known) || (spec.kind() == DataSpec.Kind.IDX && given.size() == known.size())) {
      return data;
    }
    if (!data.segments() && new HashSet<>(given).containsAll(known)) {
      if (given.size() > known.size()) {
        streams.say(data.name() + ": only the model's classes are looked at: " + String.join(", ", known));
      }
      return Datasets.only(data, known);
    }
    throw new FoveaException(data.name() + ": shows " + listed(given) + ", the model tells apart " + listed(known)
        + ": evaluate it on data of its kind, or learn these from it with fovea train --init");
  }

  private static String listed(List<String> classes) {
    int shown = Math.min(12, classes.size());
    return String.join(", ", classes.subList(0, shown)) + (shown < classes.size() ? ", ... (" + classes.size() + ")" : "");
  }
}
