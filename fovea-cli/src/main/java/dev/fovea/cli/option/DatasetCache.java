package dev.fovea.cli.option;

import dev.fovea.cli.console.Streams;
import dev.fovea.data.Split;
import dev.fovea.image.Preprocessing;
import dev.fovea.model.Model;
import java.util.Optional;

/** Keeps the data set that was opened last, raw and preprocessed: the next of several runs mostly needs the same. */
public final class DatasetCache {
  private final Streams streams;
  private Optional<Opened> opened = Optional.empty();
  private Optional<Preprocessed> preprocessed = Optional.empty();

  private record Opened(RunOptions.DatasetChoice images, Split split) {}

  private record Preprocessed(RunOptions.DatasetChoice images, Preprocessing preprocessing, Split split) {}

  public DatasetCache(Streams streams) {
    this.streams = streams;
  }

  public Split open(RunOptions.DatasetChoice images) {
    Opened last = opened.filter(o -> o.images.equals(images)).orElseGet(() -> new Opened(images, images.open(streams)));
    opened = Optional.of(last);
    return last.split;
  }

  /** The same at the input size of the model. */
  public Split preprocessed(RunOptions.DatasetChoice images, Model model) {
    Preprocessing wanted = model.card().preprocessing();
    Preprocessed last = preprocessed.filter(p -> p.images.equals(images) && p.preprocessing.equals(wanted))
        .orElseGet(() -> new Preprocessed(images, wanted, DataSets.preprocessed(open(images), model, streams)));
    preprocessed = Optional.of(last);
    return last.split;
  }
}
