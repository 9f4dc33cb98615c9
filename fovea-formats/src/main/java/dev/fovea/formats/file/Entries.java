package dev.fovea.formats.file;

import dev.fovea.format.Quote;
import dev.fovea.tensor.FoveaException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a file has of tensors, by name and in its order. */
public final class Entries<E> {
  private final String source;
  private final Map<String, E> byName;

  /**
   * The entries of a file.
   *
   * @param source the file, for messages
   */
  public Entries(String source, Map<String, E> byName) {
    this.source = source;
    this.byName = Collections.unmodifiableMap(new LinkedHashMap<>(byName));
  }

  public List<String> names() {
    return List.copyOf(byName.keySet());
  }

  public boolean has(String name) {
    return byName.containsKey(name);
  }

  /** The entry of that name; throws if there is none. */
  public E of(String name) {
    E entry = byName.get(name);
    if (entry == null) {
      throw new FoveaException(source + ": there is no tensor " + Quote.quote(name) + "; the file has " + byName.size());
    }
    return entry;
  }
}
