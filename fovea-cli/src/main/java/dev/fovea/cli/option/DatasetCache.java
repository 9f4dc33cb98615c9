package dev.fovea.cli.option;

import dev.fovea.cli.console.Streams;
import dev.fovea.data.Split;
import dev.fovea.image.Preprocessing;
import dev.fovea.model.Model;
import java.util.Optional;

/** The images that were read last, and as they were made ready for a model: the next of several runs mostly takes the same. */
public final class DatasetCache {
  private final Streams streams;
  private Optional<Read> read = Optional.empty();
  private Optional<Ready> ready = Optional.empty();

  private record Read(RunOptions.DatasetChoice images, Split split) {}

  private record Ready(RunOptions.DatasetChoice images, Preprocessing preprocessing, Split split) {}

  public DatasetCache(Streams streams) {
    this.streams = streams;
  }

  public Split open(RunOptions.DatasetChoice images) {
    Read now = read.filter(r -> r.images.equals(images)).orElseGet(() -> new Read(images, images.open(streams)));
    read = Optional.of(now);
    return now.split;
  }

  /** The same at the size and with the mean that the model takes. */
  public Split fitted(RunOptions.DatasetChoice images, Model model) {
    Preprocessing wanted = model.card().preprocessing();
    Ready now = ready.filter(r -> r.images.equals(images) && r.preprocessing.equals(wanted))
        .orElseGet(() -> new Ready(images, wanted, DataSets.fitted(open(images), model, streams)));
    ready = Optional.of(now);
    return now.split;
  }
}
