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
  /** The system property that forces one by its name; then a failure is fatal and nothing else is taken. */
  public static final String PROPERTY = "fovea.backend";

  private static final AtomicBoolean WARNED = new AtomicBoolean();
  private static final AtomicBoolean WARM = new AtomicBoolean();

  private Backends() {}

  /** Every engine that is there, usable or not, the best first. */
  public static List<Backend> all() {
    List<Backend> found = new ArrayList<>();
    ServiceLoader.load(Backend.class, Backends.class.getClassLoader()).forEach(found::add);
    found.sort(Comparator.comparingInt(Backend::rank).reversed());
    return found;
  }

  /**
   * The one that {@link #PROPERTY} names, else the best that is usable, with the {@link Precision#chosen chosen precision}; a warning,
   * once, says where that is not the best of all.
   */
  public static Backend find() {
    return find(all(), System.getProperty(PROPERTY, "")).with(Precision.chosen());
  }

  /**
   * Lets the engine that {@link #find} gives warm up on a thread of its own, once, beside what the caller does until its first run. {@link
   * dev.fovea.model.Model#load} does so for large models.
   */
  public static void warmUp() {
    if (!WARM.getAndSet(true)) {
      Thread.ofPlatform().daemon().name("fovea-warm-up").start(() -> warmUp(all(), System.getProperty(PROPERTY, "")));
    }
  }

  /** What fails here, for want of an engine or of memory, fails again where it is needed, and is told there. */
  static void warmUp(List<Backend> found, String forced) {
    try {
      taken(found, forced).ifPresent(backend -> backend.with(Precision.chosen()).warmUp());
    } catch (RuntimeException | Error e) {
      System.getLogger(Backends.class.getName()).log(Level.DEBUG, "an engine could not warm up", e);
    }
  }

  private static Optional<Backend> taken(List<Backend> found, String forced) {
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
              .orElseThrow(() -> new FoveaException("-D" + PROPERTY + "=" + forced + ": there is no such engine, only " + names));
      if (!backend.usable()) {
        throw new FoveaException("-D" + PROPERTY + "=" + forced + ": " + backend.describe());
      }
      return backend;
    }
    Backend backend =
        taken(found, "")
            .orElseThrow(() -> new FoveaException("no engine can run here: " + found.getFirst().describe()));
    if (!found.getFirst().usable() && !WARNED.getAndSet(true)) {
      System.getLogger(Backends.class.getName())
          .log(Level.WARNING, "the slow engine \"" + backend.name() + "\" is taken; " + found.getFirst().describe());
    }
    return backend;
  }
}
