package dev.fovea.run;

import dev.fovea.data.LeftOut;
import dev.fovea.format.AtomicFile;
import dev.fovea.model.Model;
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
 * The folder of a run: {@code config.json} (what was asked for, and at the end what it came to), {@code metrics.jsonl} (a line an
 * epoch), {@code model.safetensors} (the last network), {@code best.safetensors} (the one that did best on the held-out
 * images), {@code checkpoints/} (the last two), {@code left-out.txt} (the files of the data that were not read, where there are
 * some), and at the end {@code report.html}. Each file is replaced whole or not at all,
 * so a run that was cut off anywhere can go on. While it is open, no other process can open it.
 */
public final class RunFolder implements AutoCloseable {
  /** What may become of a folder that holds a run. */
  public enum Mode {
    /** Nothing: it is refused. */
    NEW,
    /** It goes on under the same settings; without a checkpoint it starts afresh. */
    RESUME,
    /** It is deleted. */
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
   * Opens the folder for a run, and makes it where it does not exist.
   *
   * @throws FoveaException where it holds other things and the mode does not allow for that, where another process trains in it,
   *     or where the run in it was started with other settings
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
      throw new FoveaException(path + ": cannot be made a run's folder: " + reason(e) + "; name another", e);
    } finally {
      if (!opened) {
        lock.close();
      }
    }
  }

  /**
   * Refuses now what {@link #open} would refuse later, so that nobody waits for data to be read first.
   *
   * @throws FoveaException where the folder holds other things and the mode does not allow for that, or cannot be made
   */
  public static void check(Path path, Mode mode) {
    examine(path, mode, CONFIG, "run");
  }

  /** Refuses a folder that holds {@code what}, which its file {@code sign} shows, where the mode does, and one of other things. */
  static void examine(Path path, Mode mode, String sign, String what) {
    requireWritable(path);
    if (!Files.exists(path)) {
      return;
    }
    if (Files.exists(path.resolve(sign))) {
      if (mode == Mode.NEW) {
        throw new FolderInUseException(
            path + ": holds a " + what + " already: resume it, overwrite it, or name another folder", Mode.RESUME,
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
    Path there = path.toAbsolutePath();
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    String place = there.equals(path.toAbsolutePath()) ? path + ": " : path + ": cannot be made, " + there + " ";
    if (!Files.isDirectory(there)) {
      throw new FoveaException(place + "is a file, expected a folder: name another");
    }
    if (!Files.isWritable(there)) {
      throw new FoveaException(place + "may not be written to: name another folder");
    }
  }

  private void prepare(Mode mode) throws IOException {
    deleteIf(path, name -> name.startsWith(".fovea-"));
    Path configFile = path.resolve(CONFIG);
    if (mode == Mode.RESUME && Files.exists(configFile)) {
      RunConfig.of(JsonFile.read(configFile)).difference(config).ifPresent(difference -> {
        throw new FoveaException(
            path + ": the run was started with " + difference + ": go on with the same settings, or name another folder");
      });
    } else {
      clear(path);
      writeConfig(Optional.empty());
    }
    Files.createDirectories(checkpoints());
    deleteIf(checkpoints(), name -> name.startsWith(".fovea-"));
  }

  private static void clear(Path path) throws IOException {
    // The configuration goes last and comes first: without it the rest would be somebody's files.
    Files.deleteIfExists(path.resolve(Model.FILE));
    deleteIf(path.resolve(CHECKPOINTS), name -> true);
    for (String name : List.of(METRICS, BEST, REPORT, LEFT_OUT, CONFIG)) {
      Files.deleteIfExists(path.resolve(name));
    }
  }

  /** Deletes the run in that folder, where there is one; the folder too, unless something else is in it. */
  static void delete(Path path) {
    if (!Files.exists(path.resolve(CONFIG))) {
      return;
    }
    RunLock lock = RunLock.of(path);
    try {
      clear(path);
      Files.deleteIfExists(path.resolve(CHECKPOINTS));
    } catch (IOException e) {
      throw new FoveaException(path + ": cannot be deleted: " + reason(e) + "; delete it, or name another folder", e);
    } finally {
      lock.close();
    }
    try {
      Files.deleteIfExists(path.resolve(RunLock.NAME));
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // Something of somebody else's is in it.
    }
  }

  /** One file a line, with the reason. */
  void writeLeftOut(List<LeftOut> files) {
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

  /** What the run came to; empty while it is not finished. */
  public Optional<RunResult> result() {
    JsonFile json = JsonFile.read(path.resolve(CONFIG));
    return json.has("result") && Files.exists(modelFile()) ? Optional.of(RunResult.of(json.object("result"))) : Optional.empty();
  }

  /** Sees to it that no other process trains here, even where the lock's file was deleted. */
  void keep() {
    lock.keep();
  }

  /** Marks the run as finished. */
  void finish(RunResult result) {
    keep();
    writeConfig(Optional.of(result));
  }

  /** The last network's file. */
  public Path modelFile() {
    return path.resolve(Model.FILE);
  }

  /** The file of the network that did best on the held-out images. */
  public Path bestFile() {
    return path.resolve(BEST);
  }

  /** The run on one page, written at its end. */
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

  /** Deletes all checkpoints but those. */
  void keepOnly(List<Path> wanted) {
    list(checkpoints()).filter(file -> CHECKPOINT.matcher(nameOf(file)).matches() && !wanted.contains(file)).forEach(file -> {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new FoveaException(file + ": cannot be deleted: " + reason(e), e);
      }
    });
  }

  /**
   * The last whole checkpoint; empty where there is none.
   *
   * @param messages hears of those that are damaged
   * @throws FoveaException where there are some and all are damaged
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
        messages.accept(e.getMessage() + "; taking the one before it");
      }
    }
    if (!files.isEmpty()) {
      throw new FolderInUseException(path + ": none of its checkpoints is whole: overwrite the run", Mode.OVERWRITE);
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

  /** The configuration of the run in that folder. */
  public static RunConfig configOf(Path folder) {
    Path file = folder.resolve(CONFIG);
    if (!isIn(folder)) {
      throw new FoveaException(folder + ": holds no run (no " + CONFIG + "): name a folder that was trained into");
    }
    return RunConfig.of(JsonFile.read(file));
  }

  /** Where a model is asked for, a run's folder will do: then it is the file of its last network. */
  public static Path modelFile(Path modelOrFolder) {
    if (!Files.exists(modelOrFolder)) {
      throw new FoveaException(modelOrFolder + ": there is no such file: name a model's file, or a folder that was trained into");
    }
    if (!Files.isDirectory(modelOrFolder)) {
      return modelOrFolder;
    }
    Path file = modelOrFolder.resolve(Model.FILE);
    if (!Files.exists(file)) {
      throw new FoveaException(
          modelOrFolder + ": holds no " + Model.FILE + ": name a model's file, or a run that has finished an epoch");
    }
    return file;
  }

  /**
   * Loads a model's file, or a run's last network, as {@link Model#load} does; where there is none the message speaks of runs. That of the
   * best epoch is {@code Model.load(folder.resolve("best.safetensors"))}.
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
        throw new FoveaException(folder + ": cannot be listed: " + reason(e), e);
      }
    }
    return files.stream().sorted();
  }

  private static String nameOf(Path file) {
    return String.valueOf(file.getFileName());
  }

  private static String reason(IOException e) {
    return e.getClass().getSimpleName().replace("Exception", "");
  }
}
