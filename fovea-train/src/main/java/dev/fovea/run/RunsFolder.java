package dev.fovea.run;

import dev.fovea.format.AtomicFile;
import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The folder of several runs that belong together, as in a comparison: a JSON file with the plan and the results so far, a page, and
 * a run's folder for each run. While it is open, no other process can open it. If no run has begun, it is deleted at the end.
 */
public final class RunsFolder implements AutoCloseable {
  /** The names that {@link #name} creates; others in a file were not written by this class. */
  private static final Pattern RUN = Pattern.compile("[\\w+-][\\w.+-]*(/seed--?\\d+)?");

  private final Path path;
  private final RunLock lock;
  private final Kind kind;
  private final Plan plan;
  private boolean resumed;

  /**
   * What the runs are for.
   *
   * @param name of its files, {@code NAME.json} and {@code NAME.html}
   * @param what for messages
   * @param plan reads the plan from the JSON file; it throws a {@link FoveaException} if the file is damaged
   */
  public record Kind(String name, String what, Function<Path, Plan> plan) {
    String json() {
      return name + ".json";
    }

    /** The name of the page. */
    public String page() {
      return name + ".html";
    }
  }

  /**
   * What was requested.
   *
   * @param settings by name, to distinguish it from another request
   * @param runs their folders, relative
   */
  public record Plan(Map<String, String> settings, List<String> runs) {
    public Plan {
      settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
      runs = List.copyOf(runs);
    }

    /** The plan in a file that has the settings as {@code plan}, and objects with a {@code folder} as {@code runs}. */
    public static Plan read(Path file) {
      JsonFile json = JsonFile.read(file);
      return new Plan(json.texts("plan"), json.objects("runs").stream().map(run -> run.text("folder")).toList());
    }
  }

  private RunsFolder(Path path, RunLock lock, Kind kind, Plan plan) {
    this.path = path;
    this.lock = lock;
    this.kind = kind;
    this.plan = plan;
  }

  /** The folder name for a value. */
  static String name(String value) {
    return value.replaceAll("[^\\w.+-]", "-").replaceFirst("^\\.", "-");
  }

  /** Checks a folder before {@link #open} does, as {@link RunFolder#check} does for a run. */
  public static void check(Path path, RunFolder.Mode mode, Kind kind) {
    RunFolder.examine(path, mode, kind.json(), kind.what);
  }

  /**
   * Opens it, as {@link RunFolder#open} does for a run.
   *
   * @throws FoveaException if it holds another plan or other files, and the mode does not allow that
   */
  public static RunsFolder open(Path path, RunFolder.Mode mode, Kind kind, Plan plan) {
    check(path, mode, kind);
    RunsFolder folder = new RunsFolder(path, RunLock.of(path), kind, plan);
    boolean opened = false;
    try {
      check(path, mode, kind);
      folder.prepare(mode);
      opened = true;
      return folder;
    } finally {
      if (!opened) {
        folder.lock.close();
      }
    }
  }

  private void prepare(RunFolder.Mode mode) {
    resumed = mode == RunFolder.Mode.RESUME && Files.exists(json());
    if (resumed) {
      requireSame(kind.plan.apply(json()).settings);
    } else if (mode == RunFolder.Mode.OVERWRITE) {
      delete();
    }
  }

  private void requireSame(Map<String, String> former) {
    Set<String> names = new LinkedHashSet<>(former.keySet());
    names.addAll(plan.settings.keySet());
    for (String name : names) {
      String was = former.getOrDefault(name, "(none)");
      String is = plan.settings.getOrDefault(name, "(none)");
      if (!was.equals(is)) {
        throw new FolderInUseException(path + ": holds another " + kind.what + " (" + name + " " + was + ", now " + is
            + "): overwrite it, or name another folder", RunFolder.Mode.OVERWRITE);
      }
    }
  }

  /** Deletes the runs of the plan in this folder, and those with the names of this one's runs. */
  private void delete() {
    Set<String> runs = new TreeSet<>(plan.runs);
    if (Files.exists(json())) {
      try {
        runs.addAll(kind.plan.apply(json()).runs);
      } catch (FoveaException e) {
        // A damaged file names no runs; it is replaced.
      }
    }
    runs.removeIf(run -> !RUN.matcher(run).matches());
    runs.forEach(run -> RunFolder.delete(path.resolve(run)));
    runs.forEach(this::removeParent);
    remove(page());
  }

  /** Removes the folder of a value with several seeds, if it is empty. */
  private void removeParent(String run) {
    if (run.contains("/")) {
      remove(path.resolve(run.substring(0, run.indexOf('/'))));
    }
  }

  /** Deletes a file, or an empty folder. */
  private static void remove(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // It holds other files.
    }
  }

  private Path json() {
    return path.resolve(kind.json());
  }

  /** The page, to be written at the end. */
  public Path page() {
    return path.resolve(kind.page());
  }

  /** The folder of a run. */
  public Path run(String name) {
    return path.resolve(name);
  }

  /** Writes the JSON file before the first run; that of a resumed plan is kept. */
  public void begin(String json) {
    if (!resumed) {
      write(json);
    }
  }

  /** Replaces the JSON file atomically. */
  public void write(String json) {
    lock.keep();
    AtomicFile.write(json(), json + "\n");
  }

  @Override
  public void close() {
    lock.close();
    if (plan.runs.stream().noneMatch(run -> Files.exists(run(run)))) {
      plan.runs.forEach(this::removeParent);
      remove(json());
      remove(path.resolve(RunLock.NAME));
      remove(path);
    }
  }
}
