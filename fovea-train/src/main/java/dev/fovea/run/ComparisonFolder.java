package dev.fovea.run;

import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The folder of a comparison: {@code compare.json}, {@code compare.html}, and a run's folder for each run. While it is open, no
 * other process can open it. If no run has begun, it is deleted at the end.
 */
final class ComparisonFolder implements AutoCloseable {
  static final String JSON = "compare.json";
  static final String PAGE = "compare.html";

  /** The names that {@link #name} creates; others in a file were not written by this class. */
  private static final Pattern RUN = Pattern.compile("[\\w+-][\\w.+-]*(/seed--?\\d+)?");

  private final Path path;
  private final RunLock lock;
  private final ComparisonResult plan;

  private ComparisonFolder(Path path, RunLock lock, ComparisonResult plan) {
    this.path = path;
    this.lock = lock;
    this.plan = plan;
  }

  /** The folder name for a value. */
  static String name(String value) {
    return value.replaceAll("[^\\w.+-]", "-").replaceFirst("^\\.", "-");
  }

  /**
   * Opens it for a comparison, as {@link RunFolder#open} does for a run.
   *
   * @throws FoveaException if it holds another comparison or other files, and the mode does not allow that
   */
  static ComparisonFolder open(Path path, RunFolder.Mode mode, ComparisonResult plan) {
    Comparison.check(path, mode);
    ComparisonFolder folder = new ComparisonFolder(path, RunLock.of(path), plan);
    boolean opened = false;
    try {
      Comparison.check(path, mode);
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
    if (mode == RunFolder.Mode.RESUME && Files.exists(json())) {
      requireSame(ComparisonResult.planOf(JsonFile.read(json())));
      return;
    }
    if (mode == RunFolder.Mode.OVERWRITE) {
      delete();
    }
    write(plan);
  }

  private void requireSame(ComparisonResult before) {
    Map<String, String> now = plan.plan();
    Map<String, String> former = before.plan();
    Set<String> names = new LinkedHashSet<>(former.keySet());
    names.addAll(now.keySet());
    for (String name : names) {
      String was = former.getOrDefault(name, "(none)");
      String is = now.getOrDefault(name, "(none)");
      if (!was.equals(is)) {
        throw new FolderInUseException(path + ": holds another comparison (" + name + " " + was + ", now " + is
            + "): overwrite it, or name another folder", RunFolder.Mode.OVERWRITE);
      }
    }
  }

  /** Deletes the runs of the comparison in this folder, and those with the names of this one's runs. */
  private void delete() {
    Set<String> runs = new TreeSet<>();
    plan.variants().forEach(v -> v.runs().forEach(run -> runs.add(run.folder())));
    if (Files.exists(json())) {
      try {
        ComparisonResult.planOf(JsonFile.read(json())).variants().forEach(v -> v.runs().forEach(run -> runs.add(run.folder())));
      } catch (FoveaException e) {
        // A damaged file names no runs; it is replaced.
      }
    }
    for (String run : runs) {
      if (RUN.matcher(run).matches()) {
        RunFolder.delete(path.resolve(run));
      }
    }
    runs.stream().filter(run -> RUN.matcher(run).matches()).forEach(this::removeParent);
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
    return path.resolve(JSON);
  }

  /** The comparison's page, written at its end. */
  Path page() {
    return path.resolve(PAGE);
  }

  Path run(ComparisonResult.Run run) {
    return path.resolve(run.folder());
  }

  void write(ComparisonResult result) {
    lock.keep();
    JsonFile.write(json(), result.node());
  }

  @Override
  public void close() {
    lock.close();
    List<ComparisonResult.Run> runs = plan.variants().stream().flatMap(v -> v.runs().stream()).toList();
    if (runs.stream().noneMatch(run -> Files.exists(run(run)))) {
      runs.forEach(run -> removeParent(run.folder()));
      remove(json());
      remove(path.resolve(RunLock.NAME));
      remove(path);
    }
  }
}
