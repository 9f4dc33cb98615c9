package dev.fovea.formats.onnx.proto;

import dev.fovea.format.FileNames;
import dev.fovea.format.Quote;
import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that messages are read from, and what all readers of one file share: its name for messages, the memory that its records
 * may take, and the files of external data beside it.
 */
final class Source {
  /** What records may take beyond the file's own size. An honest file takes less than its size and a few MiB. */
  private static final long ALLOWANCE = 32L << 20;

  /** The memory of a short text. */
  private static final int TEXT_BYTES = 192;

  private final String file;
  private final MemorySegment bytes;
  private final ByteBuffer buffer;
  private final @Nullable Path folder;
  private final Arena arena;
  private final Map<String, External> externals = new HashMap<>();
  private final Map<String, String> texts = new HashMap<>();
  private long left;

  /** A file of external data and how many of its bytes are taken so far. */
  private static final class External {
    private final MemorySegment bytes;
    private long taken;

    External(MemorySegment bytes) {
      this.bytes = bytes;
    }
  }

  /** {@code folder} is that of the model's file; null for bytes in memory, which cannot have external data. */
  Source(String file, MemorySegment bytes, @Nullable Path folder, Arena arena) {
    this.file = file;
    this.bytes = bytes;
    this.buffer = bytes.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    this.folder = folder;
    this.arena = arena;
    this.left = ALLOWANCE + bytes.byteSize();
  }

  MemorySegment bytes() {
    return bytes;
  }

  /** The same bytes, little-endian; messages have less than 2 GiB. */
  ByteBuffer buffer() {
    return buffer;
  }

  /** A failure at a byte, or at the file as a whole if {@code at} is negative. */
  FoveaException error(long at, String what) {
    return new FoveaException(file + ": " + (at < 0 ? "" : "byte " + at + ": ") + what);
  }

  /** Counts memory that records are about to take: many tiny messages need far more of it than of the file. */
  void charge(long memory, long at) {
    left -= memory;
    if (left < 0) {
      throw error(at, "the model's structure takes more than " + (ALLOWANCE + bytes.byteSize() >> 20)
          + " MiB, which no network of this file's size needs; it is damaged or hostile");
    }
  }

  /** The same string for equal texts, since each value's name occurs at least twice. */
  String shared(String text, long at) {
    String known = texts.putIfAbsent(text, text);
    if (known == null) {
      charge(TEXT_BYTES + 2L * text.length(), at);
    }
    return known == null ? text : known;
  }

  /** The messages have been read: equal texts need not be found any more, and the pages that were touched are given back. */
  void messagesRead() {
    texts.clear();
    if (bytes.isMapped()) {
      bytes.unload();
    }
  }

  /**
   * Bytes of a file of external data in the model's folder or below it.
   *
   * @param where the tensor, for messages
   */
  MemorySegment external(String location, long offset, long length, String where) {
    External from = externals.get(location);
    if (from == null) {
      from = new External(map(location, where));
      externals.put(location, from);
    }
    long size = from.bytes.byteSize();
    if (offset < 0 || offset > size || length > size - offset) {
      throw new FoveaException(
          file + ": " + where + ": its " + length + " bytes from byte " + offset + " on are not in the external data "
              + Quote.quote(location) + ", which has " + size + "; is that file truncated?");
    }
    from.taken += length;
    if (from.taken > size) {
      throw new FoveaException(
          file + ": " + where + ": tensors overlap in the external data " + Quote.quote(location) + ", which has only " + size
              + " bytes");
    }
    return from.bytes.asSlice(offset, length);
  }

  private MemorySegment map(String location, String where) {
    if (folder == null) {
      throw new FoveaException(file + ": " + where + " has external data, which only a model in a folder can have");
    }
    Path path = inside(folder, location, where);
    if (!Files.isRegularFile(path)) {
      throw new FoveaException(
          file + ": " + where + ": there is no file " + Quote.quote(location) + " of external data beside the model; "
              + "put it there under that name");
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (IOException e) {
      throw new FoveaException(file + ": the external data " + Quote.quote(location) + " cannot be read: " + FileNames.reason(e),
          e);
    }
  }

  /** The path of external data, links resolved; it must not leave the model's folder. */
  private Path inside(Path folder, String location, String where) {
    try {
      Path given = Path.of(location);
      Path resolved = folder.resolve(given).normalize();
      if (!location.isEmpty() && !given.isAbsolute() && resolved.startsWith(folder)
          && (!Files.exists(resolved) || resolved.toRealPath().startsWith(folder.toRealPath()))) {
        return resolved;
      }
    } catch (InvalidPathException | IOException e) {
      throw new FoveaException(
          file + ": " + where + ": the name of its external data, " + Quote.quote(location) + ", is not a file name", e);
    }
    throw new FoveaException(
        file + ": " + where + ": its external data " + Quote.quote(location) + " is outside the model's folder and is not read");
  }
}
