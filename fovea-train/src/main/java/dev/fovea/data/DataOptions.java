package dev.fovea.data;

import dev.fovea.data.download.Cache;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * What opening a data set may need beside its name.
 *
 * @param seed draws the digits and chooses the validation images
 * @param validation how many training images are held out where the data set brings none for validation; empty: one in twelve
 * @param cache the folder that downloads are kept in
 * @param home where to download from instead of the public home, the folder's address with a slash at its end
 * @param messages hears what people should know, one line each: a download, images left out
 * @param skipUnreadable whether images in files that cannot be read are left out; each is then read at the start
 */
public record DataOptions(long seed, OptionalInt validation, Path cache, Optional<URI> home, Consumer<String> messages,
    boolean skipUnreadable) {
  /** Seed 1, the usual validation part, the user's cache, the public homes; messages go nowhere. */
  public static DataOptions standard() {
    return new DataOptions(1, OptionalInt.empty(), Cache.folder(), Optional.empty(), message -> {}, false);
  }

  public DataOptions seed(long seed) {
    return new DataOptions(seed, validation, cache, home, messages, skipUnreadable);
  }

  public DataOptions validation(int validation) {
    return new DataOptions(seed, OptionalInt.of(validation), cache, home, messages, skipUnreadable);
  }

  public DataOptions cache(Path cache) {
    return new DataOptions(seed, validation, cache, home, messages, skipUnreadable);
  }

  public DataOptions home(URI home) {
    return new DataOptions(seed, validation, cache, Optional.of(home), messages, skipUnreadable);
  }

  public DataOptions messages(Consumer<String> messages) {
    return new DataOptions(seed, validation, cache, home, messages, skipUnreadable);
  }

  public DataOptions skipUnreadable(boolean skip) {
    return new DataOptions(seed, validation, cache, home, messages, skip);
  }
}
