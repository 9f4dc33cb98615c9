package dev.fovea.formats.torch;

import dev.fovea.formats.Zips;
import dev.fovea.formats.torch.pickle.Pickles;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes small checkpoints for tests. */
final class Checkpoints {
  private Checkpoints() {}

  /** A tensor of a storage of floats; its pickle is left on the stack. */
  static Pickles tensor(Pickles pickle, String key, long elements, long offset, long[] dims, long[] strides) {
    pickle.global("torch._utils", "_rebuild_tensor_v2").op('(');
    storage(pickle, key, elements);
    pickle.integer(offset).tuple(dims).tuple(strides).op(0x89).global("collections", "OrderedDict").op(')', 'R');
    return pickle.op('t', 'R');
  }

  static Pickles storage(Pickles pickle, String key, long elements) {
    pickle.op('(').text("storage").global("torch", "FloatStorage").text(key).text("cuda:0").integer(elements);
    return pickle.op('t', 'Q');
  }

  /** The pickle of a dictionary with one tensor {@code w}. */
  static byte[] pickle(long elements, long offset, long[] dims, long[] strides) {
    Pickles pickle = Pickles.start().op('}').text("w");
    return tensor(pickle, "0", elements, offset, dims, strides).op('s').end();
  }

  static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  /** The archive of a pickle and one storage. */
  static byte[] zip(byte[] pickle, byte[] storage) {
    return Zips.stored(entries(pickle, storage));
  }

  static Map<String, byte[]> entries(byte[] pickle, byte[] storage) {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("net/data.pkl", pickle);
    entries.put("net/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
    entries.put("net/data/0", storage);
    entries.put("net/version", "3\n".getBytes(StandardCharsets.US_ASCII));
    return entries;
  }
}
