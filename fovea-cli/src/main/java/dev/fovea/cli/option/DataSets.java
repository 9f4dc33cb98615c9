package dev.fovea.cli.option;

import dev.fovea.augment.Augmentation;
import dev.fovea.cli.console.ProgressLine;
import dev.fovea.cli.console.Streams;
import dev.fovea.data.CacheBudget;
import dev.fovea.data.DataOptions;
import dev.fovea.data.DataSpec;
import dev.fovea.data.Dataset;
import dev.fovea.data.Datasets;
import dev.fovea.data.PreprocessedDataset;
import dev.fovea.data.Split;
import dev.fovea.data.UnreadableImages;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.model.Task;
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

  /** The seed that the model was trained with, which chose the images held out of its training; 1 if it is not known. */
  public static long seed(Model model) {
    try {
      return Long.parseLong(model.card().provenance().getOrDefault("seed", "1"));
    } catch (NumberFormatException e) {
      return 1;
    }
  }

  /**
   * All parts, decoded and resized before training begins: training can then be stopped at any step, and unreadable test images are
   * found now and not at the end of a run.
   *
   * @param augmentation of the training images, which may need them uncropped
   * @throws UnreadableImages naming all files that cannot be read, in any part
   */
  public static Split preprocessed(Split split, Model model, Augmentation augmentation, Streams streams) {
    List<UnreadableImages> failed = new ArrayList<>();
    CacheBudget budget = new CacheBudget();
    Dataset train = preprocessed(split.train(), model, augmentation.resizes(), budget, failed, streams);
    Dataset validation = preprocessed(split.validation(), model, false, budget, failed, streams);
    Optional<Dataset> test = split.test().map(t -> preprocessed(t, model, false, budget, failed, streams));
    if (!failed.isEmpty()) {
      throw UnreadableImages.all(failed, train.size() + validation.size() + test.map(Dataset::size).orElse(0));
    }
    try (ProgressLine progress = streams.progress("fingerprint of the training images", 0)) {
      progress.accept(0);
      train.fingerprint();
    }
    return new Split(train, validation, test, split.skipped());
  }

  private static Dataset preprocessed(Dataset data, Model model, boolean uncropped, CacheBudget budget,
      List<UnreadableImages> failed, Streams streams) {
    try (ProgressLine progress = streams.progress("reading " + data.name(), data.size())) {
      PreprocessedDataset cropped = data.preprocessed(model.card().preprocessing(), progress);
      PreprocessedDataset preprocessed = budget.take(uncropped ? cropped.uncropped() : cropped);
      try {
        preprocessed.load();
      } catch (UnreadableImages e) {
        failed.add(e);
      }
      return preprocessed;
    }
  }

  /**
   * The data set with the model's classes. It is returned unchanged if its class names are the model's, or if it is an idx folder
   * with the same number of classes, since these have indices for names; so have models whose classes nothing names. Otherwise only
   * images of the model's classes are kept.
   *
   * @throws FoveaException if neither the data set's classes nor the model's are a subset of the other's
   */
  public static Dataset withClassesOf(Model model, Dataset data, DataSpec spec, Streams streams) {
    if (!(data.task() instanceof Task.OneLabel) || !(model.card().task() instanceof Task.OneLabel)) {
      requireSame(model.card().task(), data);
      return data;
    }
    List<String> known = model.card().classes();
    List<String> given = data.classes();
    boolean numbered = spec.kind() == DataSpec.Kind.IDX || model.card().provenance().containsKey(Card.CLASSES);
    if (given.equals(known) || numbered && given.size() == known.size()) {
      return data;
    }
    if (!data.segments() && new HashSet<>(known).containsAll(given)) {
      return Datasets.withClasses(data, known);
    }
    if (!data.segments() && new HashSet<>(given).containsAll(known)) {
      streams.say(data.name() + ": only the model's classes are used: " + String.join(", ", known));
      return Datasets.only(data, known);
    }
    throw new FoveaException(data.name() + ": has the classes " + listed(given) + ", the model has " + listed(known)
        + ": evaluate it on data with its classes, or fine-tune it on these with fovea train --init");
  }

  private static void requireSame(Task task, Dataset data) {
    if (data.task().kind() != task.kind() || !data.task().names().equals(task.names())) {
      throw new FoveaException(
          data.name() + ": has " + data.task().kind() + ": " + listed(data.task().names()) + "; the model has "
              + task.kind() + ": " + listed(task.names())
              + "; evaluate it on data with its own, or choose columns, as in csv:FILE:NAME");
    }
  }

  public static String listed(List<String> classes) {
    int shown = Math.min(12, classes.size());
    return String.join(", ", classes.subList(0, shown)) + (shown < classes.size() ? ", ... (" + classes.size() + ")" : "");
  }
}
