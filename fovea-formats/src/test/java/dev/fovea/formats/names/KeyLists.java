package dev.fovea.formats.names;

import dev.fovea.format.TensorFile;
import dev.fovea.formats.Samples;
import dev.fovea.tensor.Shape;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

/** The keys of state dicts, read once from torchvision and timm: lines of a name, a shape, and the type if it is not float32. */
public final class KeyLists {
  private KeyLists() {}

  /** A tensor's shape and type. */
  public record TensorKey(Shape shape, String dtype) {}

  /** The keys by the zoo's names of the networks. */
  public static Map<String, Map<String, TensorKey>> read(String name) {
    Map<String, Map<String, TensorKey>> networks = new LinkedHashMap<>();
    Map<String, TensorKey> current = new LinkedHashMap<>();
    for (String line : text(Samples.small("names/" + name + ".txt.gz")).lines().toList()) {
      String[] words = line.split(" ", -1);
      if (words[0].equals("network")) {
        current = new LinkedHashMap<>();
        networks.put(words[1], current);
      } else {
        Shape shape = words[1].equals("scalar") ? Shape.of() : Shape.parse(words[1]);
        current.put(words[0], new TensorKey(shape, words.length > 2 ? words[2] : "float32"));
      }
    }
    return networks;
  }

  /** The keys of one network. */
  public static Map<String, TensorKey> network(String name, String network) {
    return Objects.requireNonNull(read(name).get(network), network);
  }

  private static String text(byte[] gzip) {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file with such keys, whose tensor number i is filled with i. */
  public record Keys(Map<String, TensorKey> keys) implements TensorFile {
    @Override
    public List<String> names() {
      return List.copyOf(keys.keySet());
    }

    @Override
    public boolean has(String name) {
      return keys.containsKey(name);
    }

    private TensorKey key(String name) {
      TensorKey key = keys.get(name);
      if (key == null) {
        throw new AssertionError("no " + name);
      }
      return key;
    }

    @Override
    public String dtype(String name) {
      return key(name).dtype();
    }

    @Override
    public boolean isReadable(String name) {
      return key(name).dtype().equals("float32");
    }

    @Override
    public Shape shape(String name) {
      return key(name).shape();
    }

    @Override
    public void readInto(String name, float[] to, int offset) {
      Arrays.fill(to, offset, offset + shape(name).size(), names().indexOf(name));
    }

    @Override
    public void close() {}
  }
}
