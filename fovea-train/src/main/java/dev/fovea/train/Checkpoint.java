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
import java.util.function.Supplier;
import java.util.zip.CRC32C;

/**
 * A run between two steps: parameters, optimizer slots, {@link TrainState} and the settings, all that it takes to go on to the
 * same bits. As a file it is one safetensors file with the tensors {@code parameters/NAME}, {@code slot0/NAME} and so on, and the
 * rest in its metadata. One that comes with an event is a view: write it before the listener returns, or let it go.
 */
public final class Checkpoint {
  private static final String FORMAT = "fovea checkpoint 1";
  private static final String CHECKSUM = "crc32c";
  private static final String SETTING = "setting: ";

  private final String place;
  private final Map<String, String> settings;
  private final TrainState state;
  private final Supplier<List<Part>> parts;

  private Checkpoint(String place, Map<String, String> settings, TrainState state, Supplier<List<Part>> parts) {
    this.place = place;
    this.settings = settings;
    this.state = state;
    this.parts = parts;
  }

  /** A view of a run's arrays as they now are. */
  static Checkpoint of(Map<String, String> settings, TrainState state, Parameters parameters, float[][] slots) {
    return new Checkpoint("checkpoint", settings, state, () -> parts(parameters, slots));
  }

  public TrainState state() {
    return state;
  }

  /** Writes the file, whole or not at all. */
  public void write(Path file) {
    List<Part> all = parts.get();
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
   * Reads a file into memory.
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
      List<Part> parts = new ArrayList<>();
      for (String name : tensors.names()) {
        Tensor tensor = tensors.tensor(name);
        parts.add(new Part(name, tensor.shape(), tensor.values(), 0));
      }
      if (!fields.text(CHECKSUM).equals(checksum(tensors.metadata(), parts))) {
        throw fields.damaged("its content has changed since they were written");
      }
      return new Checkpoint(file.toString(), settings, state, () -> parts);
    }
  }

  /**
   * Copies its numbers into a run's arrays.
   *
   * @param settings the run's; all must be equal to those it was written under
   * @throws FoveaException naming the setting or the tensor that differs; then nothing has been copied
   */
  TrainState restore(Map<String, String> settings, Parameters parameters, float[][] slots) {
    settings.forEach((name, value) -> {
      String before = this.settings.getOrDefault(name, "unknown");
      if (!before.equals(value)) {
        throw new FoveaException(place + ": was written with the " + name + " " + before + ", this run has " + value
            + ": go on with the same settings, or start anew");
      }
    });
    List<Part> to = parts(parameters, slots);
    Map<String, Part> from = new LinkedHashMap<>();
    parts.get().forEach(part -> from.put(part.name(), part));
    for (Part part : to) {
      Part source = from.get(part.name());
      if (source == null || !source.shape().equals(part.shape())) {
        throw new FoveaException(place + ": expected " + part.name() + " of " + part.shape() + ", got "
            + (source == null ? "none" : source.shape()) + ": it belongs to another network");
      }
    }
    for (Part part : to) {
      Part source = from.getOrDefault(part.name(), part);
      System.arraycopy(source.values(), source.offset(), part.values(), part.offset(), part.shape().size());
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

  /** Of the metadata, whatever their order, and the tensors; against disks and copies that lose bits. */
  private static String checksum(Map<String, String> metadata, List<Part> parts) {
    CRC32C crc = new CRC32C();
    new TreeMap<>(metadata).forEach((name, value) -> {
      if (!name.equals(CHECKSUM)) {
        crc.update((name + '\0' + value + '\0').getBytes(StandardCharsets.UTF_8));
      }
    });
    ByteBuffer chunk = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    int most = chunk.capacity() / Float.BYTES;
    for (Part part : parts) {
      int end = part.offset() + part.shape().size();
      for (int i = part.offset(); i < end; i += most) {
        int count = Math.min(most, end - i);
        chunk.clear().asFloatBuffer().put(part.values(), i, count);
        crc.update(chunk.limit(count * Float.BYTES));
      }
    }
    return Long.toHexString(crc.getValue());
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
