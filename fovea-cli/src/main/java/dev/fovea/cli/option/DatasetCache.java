package dev.fovea.cli.option;

import dev.fovea.cli.console.Streams;
import dev.fovea.data.Split;
import dev.fovea.image.Preprocessing;
import dev.fovea.model.Model;
import java.util.Optional;

/** The pictures that were read last, and as they were made ready for a model: the next of several runs mostly takes the same. */
public final class DatasetCache {
  private final Streams streams;
  private Optional<Read> read = Optional.empty();
  private Optional<Ready> ready = Optional.empty();

  private record Read(RunOptions.Pictures pictures, Split split) {}

  private record Ready(RunOptions.Pictures pictures, Preprocessing preprocessing, Split split) {}

  public DatasetCache(Streams streams) {
    this.streams = streams;
  }

  public Split open(RunOptions.Pictures pictures) {
    Read now = read.filter(r -> r.pictures.equals(pictures)).orElseGet(() -> new Read(pictures, pictures.open(streams)));
    read = Optional.of(now);
    return now.split;
  }

  /** The same at the size and with the mean that the model takes. */
  public Split fitted(RunOptions.Pictures pictures, Model model) {
    Preprocessing wanted = model.card().preprocessing();
    Ready now = ready.filter(r -> r.pictures.equals(pictures) && r.preprocessing.equals(wanted))
        .orElseGet(() -> new Ready(pictures, wanted, DataSets.fitted(open(pictures), model, streams)));
    ready = Optional.of(now);
    return now.split;
  }
}
