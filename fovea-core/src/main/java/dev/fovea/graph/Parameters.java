package dev.fovea.graph;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A network's parameters: one flat array and an index of names in PyTorch's spelling, {@code features.0.weight}. Gradients and
 * optimizer state are arrays under the same index, so a step of SGD is one loop. The trainable parameters come first.
 *
 * <p>Concurrent reads are safe; writes must come from one thread, without concurrent reads.
 */
public final class Parameters {
  /** The position of a parameter in the flat array. */
  public record Entry(String name, Shape shape, int offset, boolean trainable) {}

  private static final Parameters NONE = new Parameters(Map.of(), new float[0], 0, 0);

  private final Map<String, Entry> entries;
  private final float[] values;
  private final int size;
  private final int trainableSize;
  private volatile long version;

  private Parameters(Map<String, Entry> entries, float[] values, int size, int trainableSize) {
    this.entries = entries;
    this.values = values;
    this.size = size;
    this.trainableSize = trainableSize;
  }

  /** The parameters that the graph declares, all zero. */
  public static Parameters zeros(Graph graph) {
    Parameters declared = declared(graph);
    return new Parameters(declared.entries, new float[declared.size], declared.size, declared.trainableSize);
  }

  /** Names, shapes and offsets without {@link #values()}, for planning. */
  public static Parameters declared(Graph graph) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    long offset = 0;
    long trainable = 0;
    List<Op.Param> declared = new ArrayList<>(graph.params().stream().filter(Op.Param::trainable).toList());
    graph.params().stream().filter(p -> !p.trainable()).forEach(declared::add);
    for (Op.Param param : declared) {
      entries.put(param.name(), new Entry(param.name(), param.shape(), Math.toIntExact(offset), param.trainable()));
      offset += param.shape().size();
      trainable += param.trainable() ? param.shape().size() : 0;
      if (offset > Integer.MAX_VALUE - 8) {
        throw new FoveaException("a network of more than 2^31 parameters does not fit one array");
      }
    }
    return new Parameters(Collections.unmodifiableMap(entries), new float[0], (int) offset, (int) trainable);
  }

  /** The parameters that the graph declares, initialised: a function of the seed and each parameter's name. */
  public static Parameters initial(Graph graph, long seed) {
    return initial(graph, seed, NONE);
  }

  /** As {@link #initial(Graph, long)}, but those that another network has under the same name and with the same shape are copied. */
  public static Parameters initial(Graph graph, long seed, Parameters other) {
    Parameters parameters = zeros(graph);
    Rng random = Rng.of(seed).at("init");
    for (Op.Param param : graph.params()) {
      int offset = parameters.entry(param.name()).offset();
      Entry known = other.entries.get(param.name());
      if (known != null && known.shape().equals(param.shape())) {
        System.arraycopy(other.values, known.offset(), parameters.values, offset, param.shape().size());
      } else {
        param.init().fill(param.shape(), random.at(param.name()), parameters.values, offset);
      }
    }
    return parameters;
  }

  public Collection<Entry> entries() {
    return entries.values();
  }

  public Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new FoveaException("no parameter is called " + name);
    }
    return entry;
  }

  public boolean has(String name) {
    return entries.containsKey(name);
  }

  /** The values themselves, not a copy. Code that writes to them must call {@link #changed()}. */
  public float[] values() {
    return values;
  }

  /** The number of values. */
  public int size() {
    return size;
  }

  /** The number of values that training may change: they are the first of {@link #values()}. */
  public int trainableSize() {
    return trainableSize;
  }

  /** Increases with each change, so that the holder of packed weights can tell when they are stale. */
  public long version() {
    return version;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes parameters, any thread may read the version
  public void changed() {
    version++;
  }

  /** The SHA-256 of all values in order, as 64 hexadecimal digits: equal exactly if all bits are equal. */
  public String fingerprint() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      ByteBuffer chunk = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < values.length;) {
        int end = Math.min(values.length, i + chunk.capacity() / Float.BYTES);
        chunk.clear();
        for (; i < end; i++) {
          chunk.putFloat(values[i]);
        }
        digest.update(chunk.flip());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
