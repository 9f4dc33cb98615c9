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
 * other process can open it. Where no run has begun, none is left.
 */
final class ComparisonFolder implements AutoCloseable {
  static final String JSON = "compare.json";
  static final String PAGE = "compare.html";

  /** What {@link #name} makes; a file that says otherwise was not written here. */
  private static final Pattern RUN = Pattern.compile("[\\w+-][\\w.+-]*(/seed--?\\d+)?");

  private final Path path;
  private final RunLock lock;
  private final ComparisonResult plan;

  private ComparisonFolder(Path path, RunLock lock, ComparisonResult plan) {
    this.path = path;
    this.lock = lock;
    this.plan = plan;
  }

  /** The value as a folder's name. */
  static String name(String value) {
    return value.replaceAll("[^\\w.+-]", "-").replaceFirst("^\\.", "-");
  }

  /**
   * Opens it for a comparison, as {@link RunFolder#open} does for a run.
   *
   * @throws FoveaException where another comparison or other things are in it, and the mode does not allow for that
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
    Map<String, String> mine = plan.plan();
    Map<String, String> theirs = before.plan();
    Set<String> names = new LinkedHashSet<>(theirs.keySet());
    names.addAll(mine.keySet());
    for (String name : names) {
      String was = theirs.getOrDefault(name, "(none)");
      String is = mine.getOrDefault(name, "(none)");
      if (!was.equals(is)) {
        throw new FolderInUseException(path + ": holds another comparison (" + name + " " + was + ", now " + is
            + "): overwrite it, or name another folder", RunFolder.Mode.OVERWRITE);
      }
    }
  }

  /** The runs of the comparison that was here, and those that would be in this one's way. */
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

  /** The folder of a value with several seeds, where it is empty. */
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
      // Something of somebody else's is in it.
    }
  }

  private Path json() {
    return path.resolve(JSON);
  }

  /** The comparison on one page, written at its end. */
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
