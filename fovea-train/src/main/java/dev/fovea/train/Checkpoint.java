package dev.fovea.train;

import dev.fovea.format.SafeTensors;
import dev.fovea.format.SafeTensors.Part;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Parameters.Entry;
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

/**
 * A run between two steps: parameters, optimizer slots, {@link TrainState} and the settings, all that it takes to go on to the
 * same bits. As a file it is one safetensors file with the tensors {@code parameters/NAME}, {@code slot0/NAME} and so on, and the
 * rest in its metadata. One that comes with an event is a view of the run's arrays: write it before the listener returns, or let
 * it go. One that was read is a view of its file.
 */
public final class Checkpoint {
  private static final String FORMAT = "fovea checkpoint 1";
  private static final String CHECKSUM = "crc32c";
  private static final String SETTING = "setting: ";

  private final Map<String, String> settings;
  private final TrainState state;
  private final Numbers numbers;

  private Checkpoint(Map<String, String> settings, TrainState state, Numbers numbers) {
    this.settings = settings;
    this.state = state;
    this.numbers = numbers;
  }

  /** Where the tensors are. */
  private sealed interface Numbers {
    /** In a run's arrays. */
    record Live(Parameters parameters, float[][] slots) implements Numbers {}

    /** In a file, which was whole when it had that checksum. */
    record Stored(Path file, String checksum) implements Numbers {}
  }

  /** A view of a run's arrays as they now are. */
  static Checkpoint of(Map<String, String> settings, TrainState state, Parameters parameters, float[][] slots) {
    return new Checkpoint(settings, state, new Numbers.Live(parameters, slots));
  }

  public TrainState state() {
    return state;
  }

  /** Writes the file, whole or not at all. */
  public void write(Path file) {
    List<Part> all = switch (numbers) {
      case Numbers.Live(Parameters parameters, float[][] slots) -> parts(parameters, slots);
      case Numbers.Stored(Path from, _) -> parts(from);
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
    settings.forEach((name, value) -> metadata.put(SETTING + name, value));
    metadata.put(CHECKSUM, checksum(metadata, all));
    SafeTensors.write(file, all, metadata);
  }

  /**
   * Reads a file through, and keeps none of its tensors.
   *
   * @throws FoveaException where it is damaged or no checkpoint
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
          settings.put(name.substring(SETTING.length()), value);
        }
      });
      if (!fields.text(CHECKSUM).equals(checksum(tensors))) {
        throw fields.damaged("its content has changed since they were written");
      }
      return new Checkpoint(settings, state, new Numbers.Stored(file, fields.text(CHECKSUM)));
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
   * Copies its numbers into a run's arrays.
   *
   * @param settings the run's; all must be equal to those it was written under
   * @throws FoveaException naming the setting or the tensor that differs; then nothing has been copied
   */
  TrainState restore(Map<String, String> settings, Parameters parameters, float[][] slots) {
    if (!(numbers instanceof Numbers.Stored(Path file, String checksum))) {
      throw new IllegalStateException("a run goes on from a checkpoint that was read");
    }
    settings.forEach((name, value) -> {
      String before = this.settings.getOrDefault(name, "unknown");
      if (!before.equals(value)) {
        throw new FoveaException(file + ": was written with the " + name + " " + before + ", this run has " + value
            + ": go on with the same settings, or start anew");
      }
    });
    List<Part> to = parts(parameters, slots);
    try (SafeTensors from = SafeTensors.read(file)) {
      if (!checksum.equals(from.metadata().get(CHECKSUM))) {
        throw new FoveaException(file + ": has been replaced since it was read: try again");
      }
      for (Part part : to) {
        if (!from.has(part.name()) || !from.shape(part.name()).equals(part.shape())) {
          throw new FoveaException(file + ": expected " + part.name() + " of " + part.shape() + ", got "
              + (from.has(part.name()) ? from.shape(part.name()) : "none") + ": it belongs to another network");
        }
      }
      to.forEach(part -> from.readInto(part.name(), part.values(), part.offset()));
    }
    parameters.changed();
    return state;
  }

  private static List<Part> parts(Parameters parameters, float[][] slots) {
    List<Part> parts = new ArrayList<>();
    for (Entry entry : parameters.entries()) {
      parts.add(new Part("parameters/" + entry.name(), entry.shape(), parameters.values(), entry.offset()));
    }
    for (int i = 0; i < slots.length; i++) {
      for (Entry entry : parameters.entries()) {
        if (entry.trainable()) {
          parts.add(new Part("slot" + i + "/" + entry.name(), entry.shape(), slots[i], entry.offset()));
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

  /** Of an open file, tensor by tensor in one buffer. */
  private static String checksum(SafeTensors tensors) {
    Checksum sum = new Checksum(tensors.metadata());
    float[] buffer = new float[tensors.names().stream().mapToInt(name -> tensors.shape(name).size()).max().orElse(0)];
    for (String name : tensors.names()) {
      tensors.readInto(name, buffer, 0);
      sum.add(new Part(name, tensors.shape(name), buffer, 0));
    }
    return sum.text();
  }

  /** Of the metadata, whatever their order, and the tensors; against disks and copies that lose bits. */
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
      int most = chunk.capacity() / Float.BYTES;
      int end = part.offset() + part.shape().size();
      for (int i = part.offset(); i < end; i += most) {
        int count = Math.min(most, end - i);
        chunk.clear().asFloatBuffer().put(part.values(), i, count);
        crc.update(chunk.limit(count * Float.BYTES));
      }
    }

    String text() {
      return Long.toHexString(crc.getValue());
    }
  }

  /** The metadata's fields, read with suspicion. */
  private record Fields(String place, Map<String, String> metadata) {
    String text(String name) {
      String value = metadata.get(name);
      if (value == null) {
        throw damaged("it has no " + name);
      }
      return value;
    }

    long count(String name, long most) {
      try {
        long value = Long.parseLong(text(name));
        if (value >= 0 && value <= most) {
          return value;
        }
      } catch (NumberFormatException e) {
        throw damaged("its " + name + " is no whole number", e);
      }
      throw damaged("its " + name + " is out of range");
    }

    double number(String name) {
      try {
        return Double.parseDouble(text(name));
      } catch (NumberFormatException e) {
        throw damaged("its " + name + " is no number", e);
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
          best);
    }

    FoveaException damaged(String why) {
      return new FoveaException(place + ": is no whole checkpoint: " + why);
    }

    FoveaException damaged(String why, Exception cause) {
      return new FoveaException(place + ": is no whole checkpoint: " + why, cause);
    }
  }
}
