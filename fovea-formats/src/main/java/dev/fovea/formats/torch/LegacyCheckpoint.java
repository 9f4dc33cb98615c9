package dev.fovea.formats.torch;

import dev.fovea.format.Quote;
import dev.fovea.formats.file.Bytes;
import dev.fovea.formats.file.OpenFile;
import dev.fovea.formats.torch.pickle.PickleInput;
import dev.fovea.formats.torch.pickle.Unpickler;
import dev.fovea.tensor.FoveaException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The form before PyTorch 1.6: pickles of a magic number, a version, the sizes of C's types, the value, and the list of the storages'
 * keys; then the storages in that order, each after its number of elements. Elements are little-endian.
 */
record LegacyCheckpoint(OpenFile file, Object root, Map<String, Bytes> storages, List<String> notes) implements Checkpoint {
  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final long VERSION = 1001;

  /** The magic number as the first pickle has it: LONG1 of 10 bytes, little-endian. */
  private static final byte[] MAGIC_BYTES =
      {(byte) 0x8a, 10, 0x6c, (byte) 0xfc, (byte) 0x9c, 0x46, (byte) 0xf9, 0x20, 0x6a, (byte) 0xa8, 0x50, 0x19};

  /** The same in protocols 0 and 1. */
  private static final byte[] MAGIC_TEXT = ("L" + MAGIC).getBytes(StandardCharsets.US_ASCII);

  /** The pickle of the magic number has at most a protocol and a frame before it. */
  private static final int MAX_MAGIC_START = 16;

  /** Whether the file begins with the magic number. */
  static boolean matches(OpenFile file) {
    int length = (int) Math.min(file.size(), MAX_MAGIC_START + MAGIC_TEXT.length);
    ByteBuffer start = ByteBuffer.allocate(length);
    file.range(0, length).read(0, start);
    for (int i = 0; i <= length - MAGIC_BYTES.length; i++) {
      if (start.slice(i, MAGIC_BYTES.length).equals(ByteBuffer.wrap(MAGIC_BYTES))) {
        return true;
      }
    }
    return length >= MAGIC_TEXT.length && start.slice(0, MAGIC_TEXT.length).equals(ByteBuffer.wrap(MAGIC_TEXT));
  }

  static LegacyCheckpoint read(OpenFile file) {
    Bytes all = file.range(0, file.size());
    PickleInput in = new PickleInput(all, 0, file.name());
    Globals none = new Globals(file.name());
    if (!MAGIC.equals(Unpickler.load(in, none)) || !Long.valueOf(VERSION).equals(Unpickler.load(in, none))) {
      throw invalid(file, "its magic number is not followed by version " + VERSION);
    }
    Unpickler.load(in, none);
    Globals globals = new Globals(file.name());
    Object root = Unpickler.load(in, globals);
    if (!(Unpickler.load(in, none) instanceof List<?> keys)) {
      throw invalid(file, "there is no list of storages after the value");
    }
    Map<String, Bytes> storages = new HashMap<>();
    long position = in.position();
    for (Object key : keys) {
      Storage storage = globals.storages().get(String.valueOf(key));
      if (storage == null) {
        throw invalid(file, "no tensor uses the storage " + Quote.quote(String.valueOf(key)));
      }
      ByteBuffer elements = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      file.range(position, Long.BYTES).read(0, elements);
      if (elements.getLong(0) != storage.elements()) {
        throw invalid(file, "storage " + Quote.quote(storage.key()) + " should have " + storage.elements() + " elements, it has "
            + elements.getLong(0));
      }
      if (storages.put(storage.key(), file.range(position + Long.BYTES, storage.bytes())) != null) {
        throw invalid(file, "storage " + Quote.quote(storage.key()) + " is there twice");
      }
      position += Long.BYTES + storage.bytes();
    }
    if (storages.size() < globals.storages().size()) {
      throw invalid(file, (globals.storages().size() - storages.size()) + " of its storages are missing");
    }
    long rest = file.size() - position;
    return new LegacyCheckpoint(file, root, storages,
        rest == 0 ? List.of() : List.of(rest + " bytes after the last storage are not read"));
  }

  private static FoveaException invalid(OpenFile file, String what) {
    return new FoveaException(file.name() + ": not a valid PyTorch checkpoint: " + what);
  }

  @Override
  public Bytes storage(String key) {
    Bytes bytes = storages.get(key);
    if (bytes == null) {
      throw invalid(file, "there is no storage " + Quote.quote(key));
    }
    return bytes;
  }

  @Override
  public ByteOrder order() {
    return ByteOrder.LITTLE_ENDIAN;
  }

  @Override
  public void close() {
    file.close();
  }
}
