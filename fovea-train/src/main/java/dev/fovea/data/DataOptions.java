package dev.fovea.data;

import dev.fovea.data.download.Cache;
import dev.fovea.model.Task;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Options for opening a data set.
 *
 * @param seed of the drawn digits and of the choice of validation images
 * @param validation the number of training images held out if the data set has no validation images; empty: one in twelve
 * @param cache the folder of downloaded files
 * @param source base address for downloads instead of the public one, with a slash at its end
 * @param messages receives messages for the user, one line each: on downloads, on skipped images
 * @param skipUnreadable whether images that cannot be read are skipped; all images are then read at the start
 * @param task what the columns of a CSV file are read as; empty: what follows from their cells
 * @param names the classes or numbers of a model that is to be evaluated: a CSV file's columns of these names are read
 */
public record DataOptions(long seed, OptionalInt validation, Path cache, Optional<URI> source, Consumer<String> messages,
    boolean skipUnreadable, Optional<Task.Kind> task, List<String> names) {
  public DataOptions {
    names = List.copyOf(names);
  }

  /** Seed 1, the default validation part, the user's cache, the public sources; messages are dropped. */
  public static DataOptions standard() {
    return new DataOptions(1, OptionalInt.empty(), Cache.folder(), Optional.empty(), message -> {}, false,
        Optional.empty(), List.of());
  }

  public DataOptions seed(long seed) {
    return new DataOptions(seed, validation, cache, source, messages, skipUnreadable, task, names);
  }

  public DataOptions validation(int validation) {
    return new DataOptions(seed, OptionalInt.of(validation), cache, source, messages, skipUnreadable, task, names);
  }

  public DataOptions cache(Path cache) {
    return new DataOptions(seed, validation, cache, source, messages, skipUnreadable, task, names);
  }

  public DataOptions source(URI source) {
    return new DataOptions(seed, validation, cache, Optional.of(source), messages, skipUnreadable, task, names);
  }

  public DataOptions messages(Consumer<String> messages) {
    return new DataOptions(seed, validation, cache, source, messages, skipUnreadable, task, names);
  }

  public DataOptions skipUnreadable(boolean skip) {
    return new DataOptions(seed, validation, cache, source, messages, skip, task, names);
  }

  public DataOptions task(Task.Kind task) {
    return new DataOptions(seed, validation, cache, source, messages, skipUnreadable, Optional.of(task), names);
  }

  /** For a model of that task. */
  public DataOptions task(Task of) {
    return new DataOptions(seed, validation, cache, source, messages, skipUnreadable, Optional.of(of.kind()), of.names());
  }
}
