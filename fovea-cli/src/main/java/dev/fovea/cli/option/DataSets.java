package dev.fovea.cli.option;

import dev.fovea.cli.console.ProgressLine;
import dev.fovea.cli.console.Streams;
import dev.fovea.data.DataOptions;
import dev.fovea.data.DataSpec;
import dev.fovea.data.Dataset;
import dev.fovea.data.Datasets;
import dev.fovea.data.PreprocessedDataset;
import dev.fovea.data.Split;
import dev.fovea.data.UnreadableImages;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** Data sets as commands open them. */
public final class DataSets {
  private DataSets() {}

  public static DataOptions options(long seed, boolean skipUnreadable, Streams streams) {
    return DataOptions.standard().seed(seed).skipUnreadable(skipUnreadable).messages(streams::say);
  }

  /** The seed that the model was trained with, which chose the images held out of its training; 1 where it is not known. */
  public static long seed(Model model) {
    try {
      return Long.parseLong(model.card().provenance().getOrDefault("seed", "1"));
    } catch (NumberFormatException e) {
      return 1;
    }
  }

  /**
   * The parts, decoded and resized now, so that from then on training can be stopped at any step, and none that cannot be read is
   * met at its end.
   *
   * @throws UnreadableImages naming all files that cannot be read, of whichever part
   */
  public static Split fitted(Split split, Model model, Streams streams) {
    List<UnreadableImages> failed = new ArrayList<>();
    Dataset train = prepared(split.train(), model, failed, streams);
    Dataset validation = prepared(split.validation(), model, failed, streams);
    Optional<Dataset> test = split.test().map(t -> prepared(t, model, failed, streams));
    if (!failed.isEmpty()) {
      throw UnreadableImages.all(failed, train.size() + validation.size() + test.map(Dataset::size).orElse(0));
    }
    try (ProgressLine wait = streams.waiting("fingerprint of the training images", 0)) {
      wait.accept(0);
      train.fingerprint();
    }
    return new Split(train, validation, test, split.leftOut());
  }

  private static Dataset prepared(Dataset data, Model model, List<UnreadableImages> failed, Streams streams) {
    try (ProgressLine wait = streams.waiting("reading " + data.name(), data.size())) {
      PreprocessedDataset fitted = data.fitted(model.card().preprocessing(), wait);
      try {
        fitted.prepare();
      } catch (UnreadableImages e) {
        failed.add(e);
      }
      return fitted;
    }
  }

  /**
   * The data under the model's classes: as they are where the names are the same, or where an idx folder has numbers for names;
   * else of the data the model's classes alone.
   *
   * @throws FoveaException where the data show something else than the model knows
   */
  public static Dataset suited(Dataset data, DataSpec spec, Model model, Streams streams) {
    List<String> known = model.card().classes();
    List<String> given = data.classes();
    if (given.equals(known) || (spec.kind() == DataSpec.Kind.IDX && given.size() == known.size())) {
      return data;
    }
    if (!data.segments() && new HashSet<>(known).containsAll(given)) {
      return Datasets.under(data, known);
    }
    if (!data.segments() && new HashSet<>(given).containsAll(known)) {
      streams.say(data.name() + ": only the model's classes are looked at: " + String.join(", ", known));
      return Datasets.only(data, known);
    }
    throw new FoveaException(data.name() + ": shows " + listed(given) + ", the model tells apart " + listed(known)
        + ": evaluate it on data of its kind, or learn these from it with fovea train --init");
  }

  public static String listed(List<String> classes) {
    int shown = Math.min(12, classes.size());
    return String.join(", ", classes.subList(0, shown)) + (shown < classes.size() ? ", ... (" + classes.size() + ")" : "");
  }
}
