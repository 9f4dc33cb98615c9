package dev.fovea.feature;

import dev.fovea.data.download.Cache;
import dev.fovea.format.FileNames;
import dev.fovea.format.SafeTensors;
import dev.fovea.format.Sha256;
import dev.fovea.graph.Backends;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphJson;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Precision;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * Features that earlier runs computed, in a folder: one safetensors file for each body, named after the hash of its graph, its
 * parameters and the preprocessing, with a tensor for each image, named after the hash of its pixels and the checksum of the values.
 * A damaged file or tensor is computed again. Results do not depend on the cache; if it cannot be written, that is said once, and the
 * run goes on.
 */
public final class FeatureCache {
  /** The name of the folder within the cache of this user. */
  public static final String FOLDER = "features";

  /** Keeps nothing. */
  public static final FeatureCache NONE = new FeatureCache(Optional.empty(), _ -> {});

  /** The features of a body may take this many bytes, all files together four times as many; the oldest files go first. */
  private static final long MAX_BYTES = 1L << 30;

  private static final int ALL = 4;

  /** Changes when the engine computes other bits. */
  private static final int ENGINE = 1;

  private static final String ENDING = ".safetensors";

  private final Optional<Path> folder;
  private final Consumer<String> messages;

  /** Whether that was said. */
  private boolean unwritable;

  private FeatureCache(Optional<Path> folder, Consumer<String> messages) {
    this.folder = folder;
    this.messages = messages;
  }

  /**
   * A cache in a folder, which need not exist yet.
   *
   * @param messages receives what cannot be read or written, one line each
   */
  public static FeatureCache in(Path folder, Consumer<String> messages) {
    return new FeatureCache(Optional.of(folder), messages);
  }

  /** What is known about a body. */
  Entries entries(Graph body, Parameters parameters, Preprocessing preprocessing) {
    return new Entries(folder.map(path -> path.resolve(hash(body, parameters, preprocessing) + ENDING)));
  }

  private static String hash(Graph body, Parameters parameters, Preprocessing preprocessing) {
    Sha256 hash = new Sha256().number(ENGINE).text(Precision.chosen().spelling()).text(Backends.find().name())
        .text(GraphJson.write(body).text()).text(preprocessing.toString());
    for (Op.Param param : body.params()) {
      Parameters.Entry entry = parameters.entry(param.name());
      ByteBuffer bytes = ByteBuffer.allocate(entry.shape().size() * Float.BYTES);
      bytes.asFloatBuffer().put(parameters.values(), entry.offset(), entry.shape().size());
      hash.text(entry.name()).bytes(bytes.array());
    }
    return hash.hex();
  }

  /** Features of one body by image. */
  final class Entries {
    private final Optional<Path> file;
    private final Map<String, float[]> known = new LinkedHashMap<>();
    private boolean changed;

    Entries(Optional<Path> file) {
      this.file = file;
      file.filter(Files::exists).ifPresent(this::read);
    }

    private void read(Path path) {
      try (SafeTensors tensors = SafeTensors.read(path)) {
        if (tensors.bytes() > limit()) {
          return; // would be too much to hold
        }
        for (String name : tensors.names()) {
          float[] values = tensors.tensor(name).values();
          if (name.endsWith(checksum(values))) {
            known.put(name.substring(0, name.length() - checksum(values).length()), values);
          }
        }
        Files.setLastModifiedTime(path, FileTime.from(Instant.now()));
      } catch (FoveaException e) {
        messages.accept("features are computed again: " + e.getMessage());
      } catch (IOException e) {
        // only the age of the file is wrong
      }
    }

    Optional<float[]> find(Image image) {
      return known.isEmpty() ? Optional.empty() : Optional.ofNullable(known.get(key(image)));
    }

    void add(Image image, float[] values) {
      if (file.isPresent()) {
        changed = true;
        known.put(key(image), values);
      }
    }

    /** Writes the file, if there is something new and it is not too large. */
    void save() {
      long bytes = known.values().stream().mapToLong(values -> (long) values.length * Float.BYTES).sum();
      if (!changed || bytes > limit() || unwritable) {
        return;
      }
      Path path = file.orElseThrow();
      List<SafeTensors.Part> parts = new ArrayList<>();
      known.forEach((key, values) -> parts.add(new SafeTensors.Part(key + checksum(values), Shape.of(values.length), values, 0)));
      try {
        Files.createDirectories(path.getParent());
        SafeTensors.write(path, parts, Map.of());
        removeOldest(path);
      } catch (FoveaException e) {
        unwritable(String.valueOf(e.getMessage()));
      } catch (IOException e) {
        unwritable(FileNames.text(folder.orElseThrow()) + ": " + FileNames.reason(e)
            + "; make the folder writable, or name another cache in " + Cache.VARIABLE);
      }
      changed = false;
    }
  }

  private void unwritable(String why) {
    unwritable = true;
    messages.accept("features are not kept for later runs: " + why);
  }

  private static long limit() {
    return Math.min(MAX_BYTES, Runtime.getRuntime().maxMemory() / 4);
  }

  private static String key(Image image) {
    Sha256 hash = new Sha256().number(image.channels()).number(image.width()).number(image.height());
    return hash.bytes(image.pixels()).hex() + "-";
  }

  private static String checksum(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
    bytes.asFloatBuffer().put(values);
    CRC32 crc = new CRC32();
    crc.update(bytes.array());
    return String.format("%08x", crc.getValue());
  }

  private static void removeOldest(Path kept) throws IOException {
    Map<Path, FileTime> ages = new HashMap<>();
    long bytes = 0;
    try (Stream<Path> files = Files.list(kept.getParent())) {
      for (Path path : files.filter(file -> file.toString().endsWith(ENDING)).toList()) {
        ages.put(path, Files.getLastModifiedTime(path));
        bytes += Files.size(path);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    List<Path> oldest =
        ages.keySet().stream().filter(path -> !path.equals(kept)).sorted(Comparator.comparing(ages::get)).toList();
    for (Path path : oldest) {
      if (bytes <= ALL * MAX_BYTES) {
        return;
      }
      bytes -= Files.size(path);
      Files.deleteIfExists(path);
    }
  }
}
