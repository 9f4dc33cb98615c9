package dev.fovea.train;

import dev.fovea.format.SafeTensors;
import dev.fovea.format.SafeTensors.Part;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Parameters.Entry;
import dev.fovea.optim.Plateau;
import dev.fovea.probe.NonFinite;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * A run between two steps: parameters, optimizer slots, {@link TrainState} and the settings, all that is needed to continue to the
 * same bits. It is stored as one safetensors file with the tensors {@code parameters/NAME}, {@code slot0/NAME} and so on, and the
 * rest in its metadata. A checkpoint of an event is a view of the run's arrays, valid until the listener returns. A checkpoint that
 * was read is a view of its file.
 */
public final class Checkpoint {
  private static final String FORMAT = "fovea checkpoint 1";
  private static final String CHECKSUM = "crc32c";
  private static final String SETTING = "setting: ";

  /** Former names in the texts of settings, which checkpoints of earlier versions hold, and their current names. */
  private static final Map<String, String> RENAMED =
      Map.of("rate", "learningRate", "rateDecay", "learningRateDecay", "every", "stepSize", "floor", "minimum", "then",
          "schedule");

  /** Likewise for the names of settings themselves. */
  private static final Map<String, String> RENAMED_SETTINGS = Map.of("number of training pictures", "number of training images");

  private final Map<String, String> settings;
  private final TrainState state;
  private final Tensors source;

  /** A checkpoint, for the JDK's flight recorder. */
  @Name("dev.fovea.Checkpoint")
  @Label("Checkpoint")
  @Description("The state of a training run, written to a file")
  @Category({"Fovea", "Training"})
  @StackTrace(false)
  @SuppressWarnings("UnusedVariable") // the recorder reads them
  private static final class WriteEvent extends Event {
    @Label("Step")
    long step;

    @Label("File")
    String file = "";

    @Label("Size of the Tensors")
    @DataAmount
    long bytes;
  }

  private Checkpoint(Map<String, String> settings, TrainState state, Tensors source) {
    this.settings = settings;
    this.state = state;
    this.source = source;
  }

  /** The source of the tensors. */
  private sealed interface Tensors {
    /** In a run's arrays. */
    record Live(Arrays arrays) implements Tensors {}

    /** In a file with that checksum. */
    record Stored(Path file, String checksum) implements Tensors {}
  }

  /**
   * The arrays of a run.
   *
   * @param parameters their names and places
   * @param values of the parameters; not the parameters' own while these hold the average
   * @param average of the parameters; without elements if they are not averaged
   */
  @SuppressWarnings("ArrayRecordComponent") // the run's own
  record Arrays(Parameters parameters, float[] values, float[][] slots, float[] average) {
    /** Of a run that does not average. */
    Arrays(Parameters parameters, float[][] slots) {
      this(parameters, parameters.values(), slots, new float[0]);
    }
  }

  /** A view of a run's arrays, not a copy. */
  static Checkpoint of(Map<String, String> settings, TrainState state, Arrays arrays) {
    return new Checkpoint(settings, state, new Tensors.Live(arrays));
  }

  public TrainState state() {
    return state;
  }

  /**
   * Refuses parameters that are not finite, from which no run could continue.
   *
   * @throws DivergedException naming the first
   */
  public void requireFinite() {
    if (source instanceof Tensors.Live(Arrays arrays)) {
      NonFinite.among(arrays.parameters, arrays.values).ifPresent(found -> {
        throw new DivergedException(found, state.step());
      });
    }
  }

  /**
   * Writes the file atomically.
   *
   * @throws DivergedException if the parameters are not finite; nothing is written then
   */
  public void write(Path file) {
    WriteEvent event = new WriteEvent();
    event.begin();
    requireFinite();
    List<Part> all = switch (source) {
      case Tensors.Live(Arrays arrays) -> parts(arrays);
      case Tensors.Stored(Path from, _) -> parts(from);
    };
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", FORMAT);
    metadata.put("step", String.valueOf(state.step()));
    metadata.put("epochs", String.valueOf(state.epochs()));
    metadata.put("loss_sum", String.valueOf(state.lossSum()));
    metadata.put("correct", String.valueOf(state.correct()));
    metadata.put("labels", String.valueOf(state.labels()));
    metadata.put("images", String.valueOf(state.images()));
    metadata.put("seconds", String.valueOf(state.seconds()));
    metadata.put("best_epoch", String.valueOf(state.best().epoch()));
    metadata.put("best_score", String.valueOf(state.best().score()));
    metadata.put("best_loss", String.valueOf(state.best().loss()));
    if (!state.plateau().equals(Plateau.State.START)) {
      metadata.put("plateau_best", String.valueOf(state.plateau().best()));
      metadata.put("plateau_waited", String.valueOf(state.plateau().waited()));
      metadata.put("plateau_cooling", String.valueOf(state.plateau().cooling()));
      metadata.put("plateau_scale", String.valueOf(state.plateau().scale()));
    }
    settings.forEach((name, value) -> metadata.put(SETTING + name, value));
    metadata.put(CHECKSUM, checksum(metadata, all));
    SafeTensors.write(file, all, metadata);
    event.step = state.step();
    event.file = file.toString();
    event.bytes = all.stream().mapToLong(part -> (long) Float.BYTES * part.shape().size()).sum();
    event.commit();
  }

  /**
   * Reads and verifies a whole file; keeps none of its tensors.
   *
   * @throws FoveaException if it is damaged or not a checkpoint
   */
  public static Checkpoint read(Path file) {
    try (SafeTensors tensors = SafeTensors.read(file)) {
      Fields fields = new Fields(file.toString(), tensors.metadata());
      if (!fields.text("format").equals(FORMAT)) {
        throw fields.damaged("its format is not '" + FORMAT + "'");
      }
      TrainState state = fields.state();
      Map<String, String> settings = new LinkedHashMap<>();
      tensors.metadata().forEach((name, value) -> {
        if (name.startsWith(SETTING)) {
          String setting = name.substring(SETTING.length());
          settings.put(RENAMED_SETTINGS.getOrDefault(setting, setting), value);
        }
      });
      if (!fields.text(CHECKSUM).equals(checksum(tensors))) {
        throw fields.damaged("its content does not match its checksum");
      }
      return new Checkpoint(settings, state, new Tensors.Stored(file, fields.text(CHECKSUM)));
    }
  }

  private static List<Part> parts(Path file) {
    try (SafeTensors tensors = SafeTensors.read(file)) {
      List<Part> parts = new ArrayList<>();
      for (String name : tensors.names()) {
        Tensor tensor = tensors.tensor(name);
        parts.add(new Part(name, tensor.shape(), tensor.values(), 0));
      }
      return parts;
    }
  }

  /**
   * Copies its tensors into a run's arrays.
   *
   * @param settings the run's; all must be equal to those stored in the checkpoint
   * @throws FoveaException naming the setting or the tensor that differs; nothing is copied then
   */
  TrainState restore(Map<String, String> settings, Arrays arrays) {
    if (!(source instanceof Tensors.Stored(Path file, String checksum))) {
      throw new IllegalStateException("only a checkpoint that was read can be restored");
    }
    Map<String, String> all = new LinkedHashMap<>(settings);
    this.settings.keySet().forEach(name -> all.putIfAbsent(name, "none"));
    all.forEach((name, value) -> {
      String before = this.settings.getOrDefault(name, "none");
      if (!renamed(before).equals(renamed(value))) {
        throw new FoveaException(file + ": was written with the " + name + " " + before + ", this run has " + value
            + ": resume with the same settings, or start a new run");
      }
    });
    List<Part> to = parts(arrays);
    try (SafeTensors from = SafeTensors.read(file)) {
      if (!checksum.equals(from.metadata().get(CHECKSUM))) {
        throw new FoveaException(file + ": was replaced after it was read: try again");
      }
      for (Part part : to) {
        if (!from.has(part.name()) || !from.shape(part.name()).equals(part.shape())) {
          throw new FoveaException(file + ": expected " + part.name() + " of " + part.shape() + ", got "
              + (from.has(part.name()) ? from.shape(part.name()) : "none") + ": it belongs to another network");
        }
      }
      to.forEach(part -> from.readInto(part.name(), part.values(), part.offset()));
    }
    arrays.parameters.changed();
    return state;
  }

  /** With current names for former ones, as in {@code Constant[rate=0.1]}. */
  static String renamed(String setting) {
    String text = setting;
    for (Map.Entry<String, String> name : RENAMED.entrySet()) {
      text = text.replaceAll("(?<=[\\[ ])" + name.getKey() + "=", name.getValue() + "=");
    }
    return text;
  }

  private static List<Part> parts(Arrays arrays) {
    List<Part> parts = new ArrayList<>();
    for (Entry entry : arrays.parameters.entries()) {
      parts.add(new Part("parameters/" + entry.name(), entry.shape(), arrays.values, entry.offset()));
      if (arrays.average.length > 0) {
        parts.add(new Part("average/" + entry.name(), entry.shape(), arrays.average, entry.offset()));
      }
    }
    for (int i = 0; i < arrays.slots.length; i++) {
      for (Entry entry : arrays.parameters.entries()) {
        if (entry.trainable()) {
          parts.add(new Part("slot" + i + "/" + entry.name(), entry.shape(), arrays.slots[i], entry.offset()));
        }
      }
    }
    return parts;
  }

  private static String checksum(Map<String, String> metadata, List<Part> parts) {
    Checksum sum = new Checksum(metadata);
    parts.forEach(sum::add);
    return sum.text();
  }

  /** Of an open file, read tensor by tensor into one buffer. */
  private static String checksum(SafeTensors tensors) {
    Checksum sum = new Checksum(tensors.metadata());
    float[] buffer = new float[tensors.names().stream().mapToInt(name -> tensors.shape(name).size()).max().orElse(0)];
    for (String name : tensors.names()) {
      tensors.readInto(name, buffer, 0);
      sum.add(new Part(name, tensors.shape(name), buffer, 0));
    }
    return sum.text();
  }

  /** Of the metadata, in the order of their names, and the tensors; detects corrupted files. */
  private static final class Checksum {
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer chunk = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

    Checksum(Map<String, String> metadata) {
      new TreeMap<>(metadata).forEach((name, value) -> {
        if (!name.equals(CHECKSUM)) {
          crc.update((name + '\0' + value + '\0').getBytes(StandardCharsets.UTF_8));
        }
      });
    }

    void add(Part part) {
      int capacity = chunk.capacity() / Float.BYTES;
      int end = part.offset() + part.shape().size();
      for (int i = part.offset(); i < end; i += capacity) {
        int count = Math.min(capacity, end - i);
        chunk.clear().asFloatBuffer().put(part.values(), i, count);
        crc.update(chunk.limit(count * Float.BYTES));
      }
    }

    String text() {
      return Long.toHexString(crc.getValue());
    }
  }

  /** The metadata's fields, validated as they are read. */
  private record Fields(String file, Map<String, String> metadata) {
    String text(String name) {
      String value = metadata.get(name);
      if (value == null) {
        throw damaged("it has no " + name);
      }
      return value;
    }

    long count(String name, long max) {
      try {
        long value = Long.parseLong(text(name));
        if (value >= 0 && value <= max) {
          return value;
        }
      } catch (NumberFormatException e) {
        throw damaged("its " + name + " is not an integer", e);
      }
      throw damaged("its " + name + " is out of range");
    }

    double number(String name) {
      try {
        return Double.parseDouble(text(name));
      } catch (NumberFormatException e) {
        throw damaged("its " + name + " is not a number", e);
      }
    }

    TrainState state() {
      TrainState.Best best =
          new TrainState.Best((int) count("best_epoch", Integer.MAX_VALUE), number("best_score"), number("best_loss"));
      return new TrainState(
          count("step", Long.MAX_VALUE),
          (int) count("epochs", Integer.MAX_VALUE),
          number("loss_sum"),
          count("correct", Long.MAX_VALUE),
          count("labels", Long.MAX_VALUE),
          count("images", Long.MAX_VALUE),
          number("seconds"),
          best,
          plateau());
    }

    private Plateau.State plateau() {
      return metadata.containsKey("plateau_best")
          ? new Plateau.State(number("plateau_best"), (int) count("plateau_waited", Integer.MAX_VALUE),
              (int) count("plateau_cooling", Integer.MAX_VALUE), number("plateau_scale"))
          : Plateau.State.START;
    }

    FoveaException damaged(String why) {
      return new FoveaException(file + ": is not a valid checkpoint: " + why);
    }

    FoveaException damaged(String why, Exception cause) {
      return new FoveaException(file + ": is not a valid checkpoint: " + why, cause);
    }
  }
}
