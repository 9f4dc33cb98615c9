package dev.fovea.graph;

import dev.fovea.tensor.FoveaException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/** Finds the engines on the class path and the module path. */
public final class Backends {
  /** The system property that selects an engine by name; if that engine cannot run, it is an error and no other is used. */
  public static final String PROPERTY = "fovea.backend";

  private static final AtomicBoolean WARNED = new AtomicBoolean();
  private static final AtomicBoolean WARM = new AtomicBoolean();

  private Backends() {}

  /** Every engine that was found, usable or not, by descending rank. */
  public static List<Backend> all() {
    List<Backend> found = new ArrayList<>();
    ServiceLoader.load(Backend.class, Backends.class.getClassLoader()).forEach(found::add);
    found.sort(Comparator.comparingInt(Backend::rank).reversed());
    return found;
  }

  /**
   * The engine that {@link #PROPERTY} names, else the usable one of the highest rank, with the
   * {@link Precision#chosen chosen precision}. A warning is logged once if an engine of a higher rank cannot run.
   */
  public static Backend find() {
    return find(all(), System.getProperty(PROPERTY, "")).with(Precision.chosen());
  }

  /**
   * Warms up the engine that {@link #find} returns, once and on a separate thread, while the caller prepares its first run. {@link
   * dev.fovea.model.Model#load} does so for large models.
   */
  public static void warmUp() {
    if (!WARM.getAndSet(true)) {
      Thread.ofPlatform().daemon().name("fovea-warm-up").start(() -> warmUp(all(), System.getProperty(PROPERTY, "")));
    }
  }

  /** A failure here, a missing engine or too little memory, occurs again at the first use and is reported there. */
  static void warmUp(List<Backend> found, String forced) {
    try {
      usable(found, forced).ifPresent(backend -> backend.with(Precision.chosen()).warmUp());
    } catch (RuntimeException | Error e) {
      System.getLogger(Backends.class.getName()).log(Level.DEBUG, "an engine could not warm up", e);
    }
  }

  private static Optional<Backend> usable(List<Backend> found, String forced) {
    return found.stream().filter(b -> forced.isEmpty() || b.name().equals(forced)).filter(Backend::usable).findFirst();
  }

  static Backend find(List<Backend> found, String forced) {
    if (found.isEmpty()) {
      throw new FoveaException("no engine is on the class path or module path: add the artifact dev.fovea:fovea-cpu");
    }
    String names = found.stream().map(Backend::name).collect(Collectors.joining(", "));
    if (!forced.isEmpty()) {
      Backend backend =
          found.stream()
              .filter(b -> b.name().equals(forced))
              .findFirst()
              .orElseThrow(
                  () -> new FoveaException("-D" + PROPERTY + "=" + forced + ": there is no such engine; available: " + names));
      if (!backend.usable()) {
        throw new FoveaException("-D" + PROPERTY + "=" + forced + ": " + backend.describe());
      }
      return backend;
    }
    Backend backend =
        usable(found, "")
            .orElseThrow(() -> new FoveaException("no engine can run here: " + found.getFirst().describe()));
    if (!found.getFirst().usable() && !WARNED.getAndSet(true)) {
      System.getLogger(Backends.class.getName())
          .log(Level.WARNING, "using the slow engine \"" + backend.name() + "\"; " + found.getFirst().describe());
    }
    return backend;
  }
}
