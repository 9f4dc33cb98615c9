package dev.fovea.run;

import dev.fovea.data.SkippedFile;
import dev.fovea.format.AtomicFile;
import dev.fovea.format.FileNames;
import dev.fovea.metric.EpochMetrics;
import dev.fovea.model.Model;
import dev.fovea.model.ModelFormats;
import dev.fovea.tensor.FoveaException;
import dev.fovea.train.Checkpoint;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/**
 * The folder of a run: {@code config.json} (the configuration, and at the end the result), {@code metrics.jsonl} (one line per
 * epoch), {@code model.safetensors} (the last network), {@code best.safetensors} (the one with the best score on the validation
 * images), {@code checkpoints/} (the last two), {@code left-out.txt} (the files of the data that were skipped, if any), and at the
 * end {@code report.html}. Each file is replaced atomically, so a run can be resumed wherever it was interrupted. While it is open,
 * no other process can open it.
 */
public final class RunFolder implements AutoCloseable {
  /** What to do with a folder that holds a run. */
  public enum Mode {
    /** Refuse it. */
    NEW,
    /** Resume it with the same settings; without a checkpoint it starts again. */
    RESUME,
    /** Delete it. */
    OVERWRITE
  }

  private static final String CONFIG = "config.json";
  private static final String BEST = "best.safetensors";
  static final String METRICS = "metrics.jsonl";
  private static final String CHECKPOINTS = "checkpoints";
  private static final String REPORT = "report.html";
  private static final String LEFT_OUT = "left-out.txt";
  private static final Pattern HIDDEN = Pattern.compile("\\.lock|\\.fovea-.*\\.tmp");
  private static final Pattern CHECKPOINT = Pattern.compile("step-(\\d{1,18})\\.safetensors");

  private final Path path;
  private final RunLock lock;
  private final RunConfig config;

  private RunFolder(Path path, RunLock lock, RunConfig config) {
    this.path = path;
    this.lock = lock;
    this.config = config;
  }

  /**
   * Opens the folder for a run, and creates it if it does not exist.
   *
   * @throws FoveaException if it holds other files and the mode does not allow that, if another process trains in it, or if the
   *     run in it was started with other settings
   */
  public static RunFolder open(Path path, Mode mode, RunConfig config) {
    examine(path, mode, CONFIG, "run");
    RunLock lock = RunLock.of(path);
    boolean opened = false;
    try {
      examine(path, mode, CONFIG, "run");
      RunFolder folder = new RunFolder(path, lock, config);
      folder.prepare(mode);
      opened = true;
      return folder;
    } catch (IOException e) {
      throw new FoveaException(path + ": cannot be used as a run's folder: " + FileNames.reason(e) + "; name another folder", e);
    } finally {
      if (!opened) {
        lock.close();
      }
    }
  }

  /**
   * Checks what {@link #open} checks, so that a folder can be refused before data are read.
   *
   * @throws FoveaException if the folder holds other files and the mode does not allow that, or cannot be created
   */
  public static void check(Path path, Mode mode) {
    examine(path, mode, CONFIG, "run");
  }

  /** Refuses a folder with a {@code what}, marked by the file {@code marker}, if the mode forbids it, or with other files. */
  static void examine(Path path, Mode mode, String marker, String what) {
    requireWritable(path);
    if (!Files.exists(path)) {
      return;
    }
    if (Files.exists(path.resolve(marker))) {
      if (mode == Mode.NEW) {
        throw new FolderInUseException(
            path + ": already holds a " + what + ": resume it, overwrite it, or name another folder", Mode.RESUME,
            Mode.OVERWRITE);
      }
      return;
    }
    list(path).filter(file -> !HIDDEN.matcher(nameOf(file)).matches()).findFirst().ifPresent(other -> {
      throw new FoveaException(
          path + ": holds other files (" + nameOf(other) + ") and no " + what + ": name a new or an empty folder");
    });
  }

  /** The folder, or the nearest above it that exists. */
  private static void requireWritable(Path path) {
    Path existing = path.toAbsolutePath();
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    String prefix = existing.equals(path.toAbsolutePath()) ? path + ": " : path + ": cannot be created, " + existing + " ";
    if (!Files.isDirectory(existing)) {
      throw new FoveaException(prefix + "is a file, expected a folder: name another folder");
    }
    if (!Files.isWritable(existing)) {
      throw new FoveaException(prefix + "is not writable: name another folder");
    }
  }

  private void prepare(Mode mode) throws IOException {
    deleteIf(path, name -> name.startsWith(".fovea-"));
    Path configFile = path.resolve(CONFIG);
    if (mode == Mode.RESUME && Files.exists(configFile)) {
      RunConfig.of(JsonFile.read(configFile)).difference(config).ifPresent(difference -> {
        throw new FoveaException(
            path + ": the run was started with " + difference + ": resume with the same settings, or name another folder");
      });
    } else {
      clear(path);
      writeConfig(Optional.empty());
    }
    Files.createDirectories(checkpoints());
    deleteIf(checkpoints(), name -> name.startsWith(".fovea-"));
  }

  private static void clear(Path path) throws IOException {
    // The configuration is deleted last and written first: it marks the other files as those of a run.
    Files.deleteIfExists(path.resolve(Model.FILE));
    deleteIf(path.resolve(CHECKPOINTS), name -> true);
    for (String name : List.of(METRICS, BEST, REPORT, LEFT_OUT, CONFIG)) {
      Files.deleteIfExists(path.resolve(name));
    }
  }

  /** Deletes the run in that folder, if there is one; and the folder, unless it holds other files. */
  static void delete(Path path) {
    if (!Files.exists(path.resolve(CONFIG))) {
      return;
    }
    RunLock lock = RunLock.of(path);
    try {
      clear(path);
      Files.deleteIfExists(path.resolve(CHECKPOINTS));
    } catch (IOException e) {
      throw new FoveaException(path + ": cannot be deleted: " + FileNames.reason(e) + "; delete it, or name another folder", e);
    } finally {
      lock.close();
    }
    try {
      Files.deleteIfExists(path.resolve(RunLock.NAME));
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // It holds other files.
    }
  }

  /** Writes one line per file, with the reason. */
  void writeLeftOut(List<SkippedFile> files) {
    if (!files.isEmpty()) {
      AtomicFile.write(path.resolve(LEFT_OUT), files.stream().map(file -> file + "\n").collect(Collectors.joining()));
    }
  }

  private void writeConfig(Optional<RunResult> result) {
    ObjectNode json = JsonFile.object();
    json.put("fovea", Version.text());
    config.writeTo(json);
    result.ifPresent(r -> r.writeTo(json.putObject("result")));
    JsonFile.write(path.resolve(CONFIG), json);
  }

  public Path path() {
    return path;
  }

  public RunConfig config() {
    return config;
  }

  /** The result of the run; empty if it is not finished. */
  public Optional<RunResult> result() {
    JsonFile json = JsonFile.read(path.resolve(CONFIG));
    return json.has("result") && Files.exists(modelFile()) ? Optional.of(RunResult.of(json.object("result"))) : Optional.empty();
  }

  /** The metrics of the epochs of the run in that folder so far; empty if there is none. */
  public static List<EpochMetrics> curve(Path folder) {
    return MetricsFile.read(folder.resolve(METRICS)).epochs();
  }

  /** Makes sure that no other process trains here, even if the lock file was deleted. */
  void verifyLock() {
    lock.keep();
  }

  /** Marks the run as finished. */
  void finish(RunResult result) {
    verifyLock();
    writeConfig(Optional.of(result));
  }

  /** The last network's file. */
  public Path modelFile() {
    return path.resolve(Model.FILE);
  }

  /** The file of the network with the best score on the validation images. */
  public Path bestFile() {
    return path.resolve(BEST);
  }

  /** The report of the run, written at its end. */
  public Path reportFile() {
    return path.resolve(REPORT);
  }

  Path metricsFile() {
    return path.resolve(METRICS);
  }

  private Path checkpoints() {
    return path.resolve(CHECKPOINTS);
  }

  Path checkpointFile(long step) {
    return checkpoints().resolve(String.format(Locale.ROOT, "step-%09d.safetensors", step));
  }

  /** Deletes all other checkpoints. */
  void keepOnly(List<Path> wanted) {
    list(checkpoints()).filter(file -> CHECKPOINT.matcher(nameOf(file)).matches() && !wanted.contains(file)).forEach(file -> {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new FoveaException(file + ": cannot be deleted: " + FileNames.reason(e) + "; make its folder writable", e);
      }
    });
  }

  /**
   * The last valid checkpoint; empty if there is none.
   *
   * @param messages receives a message for each damaged one
   * @throws FoveaException if there are checkpoints and all are damaged
   */
  public Optional<Checkpoint> latest(Consumer<String> messages) {
    List<Path> files =
        list(checkpoints())
            .filter(file -> CHECKPOINT.matcher(nameOf(file)).matches())
            .sorted(Comparator.comparingLong(RunFolder::stepOf).reversed())
            .toList();
    for (Path file : files) {
      try {
        return Optional.of(Checkpoint.read(file));
      } catch (FoveaException e) {
        messages.accept(e.getMessage() + "; using the previous one");
      }
    }
    if (!files.isEmpty()) {
      throw new FolderInUseException(path + ": all of its checkpoints are damaged: overwrite the run", Mode.OVERWRITE);
    }
    return Optional.empty();
  }

  private static long stepOf(Path file) {
    Matcher match = CHECKPOINT.matcher(nameOf(file));
    return match.matches() ? Long.parseLong(match.group(1)) : 0;
  }

  /** Whether that folder holds a run. */
  public static boolean isIn(Path folder) {
    return Files.exists(folder.resolve(CONFIG));
  }

  /** Whether a run's folder holds a network, as it does after the first epoch. */
  public static boolean hasModel(Path folder) {
    return Files.exists(folder.resolve(Model.FILE));
  }

  /** The configuration of the run in that folder. */
  public static RunConfig configOf(Path folder) {
    Path file = folder.resolve(CONFIG);
    if (!isIn(folder)) {
      throw new FoveaException(folder + ": holds no run (no " + CONFIG + "): name the folder of a run");
    }
    return RunConfig.of(JsonFile.read(file));
  }

  /** The model for a path: the file or folder itself if it is a model of any format, or the last network of a run's folder. */
  public static Path modelFile(Path modelOrFolder) {
    if (!Files.exists(modelOrFolder)) {
      throw new FoveaException(modelOrFolder + ": no such file: name a model file, or the folder of a run");
    }
    if (!Files.isDirectory(modelOrFolder) || ModelFormats.isKnown(modelOrFolder)) {
      return modelOrFolder;
    }
    Path file = modelOrFolder.resolve(Model.FILE);
    if (!Files.exists(file)) {
      throw new FoveaException(
          modelOrFolder + ": holds no " + Model.FILE + ": name a model file, or a run that has finished an epoch");
    }
    return file;
  }

  /**
   * Loads a model file, or a run's last network, as {@link Model#load} does, with messages about runs. The network of the best
   * epoch is {@code Model.load(folder.resolve("best.safetensors"))}.
   */
  public static Model model(Path modelOrFolder) {
    return Model.load(modelFile(modelOrFolder));
  }

  @Override
  public void close() {
    lock.close();
  }

  private static void deleteIf(Path folder, Predicate<String> unwanted) throws IOException {
    for (Path file : list(folder).toList()) {
      if (unwanted.test(nameOf(file)) && Files.isRegularFile(file)) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static Stream<Path> list(Path folder) {
    List<Path> files = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
        entries.forEach(files::add);
      } catch (IOException e) {
        throw new FoveaException(folder + ": cannot be listed: " + FileNames.reason(e) + "; make it readable", e);
      }
    }
    return files.stream().sorted();
  }

  private static String nameOf(Path file) {
    return String.valueOf(file.getFileName());
  }
}
