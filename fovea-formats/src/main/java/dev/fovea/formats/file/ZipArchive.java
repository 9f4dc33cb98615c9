package dev.fovea.formats.file;

import dev.fovea.format.Quote;
import dev.fovea.tensor.FoveaException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * An open ZIP archive of stored or deflated entries, by its central directory (PKWARE's APPNOTE 6.3.10). The whole directory is
 * checked when it is opened: every entry lies within the file, no two overlap, and what deflated ones expand to is bounded, so a
 * small file cannot take much memory. Stored entries are read in place.
 */
public final class ZipArchive implements AutoCloseable {
  private final OpenFile file;
  private final Map<String, ZipEntry> entries;
  private final Set<String> verified = ConcurrentHashMap.newKeySet();

  private ZipArchive(OpenFile file, Map<String, ZipEntry> entries) {
    this.file = file;
    this.entries = entries;
  }

  /** Whether the file begins as an archive with entries does. */
  public static boolean isZip(OpenFile file) {
    if (file.size() < Integer.BYTES) {
      return false;
    }
    ByteBuffer start = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    file.range(0, Integer.BYTES).read(0, start);
    return start.getInt(0) == ZipDirectory.LOCAL;
  }

  /** Opens the archive; the caller must close it. */
  public static ZipArchive of(Path path) {
    OpenFile file = OpenFile.of(path);
    try {
      return of(file);
    } catch (FoveaException e) {
      file.close();
      throw e;
    }
  }

  /** The archive in an open file, which {@link #close} closes. */
  public static ZipArchive of(OpenFile file) {
    return new ZipArchive(file, new ZipDirectory(file).read());
  }

  public String name() {
    return file.name();
  }

  /** All entries, in the directory's order. */
  public Collection<ZipEntry> entries() {
    return Collections.unmodifiableCollection(entries.values());
  }

  public Optional<ZipEntry> find(String name) {
    return Optional.ofNullable(entries.get(name));
  }

  /** An entry's contents, deflated ones in memory, without comparing them with their checksum. */
  public Bytes unverified(ZipEntry entry) {
    Bytes raw = file.range(entry.start(), entry.compressedSize());
    return entry.deflated() ? Bytes.of(inflate(entry, raw)) : raw;
  }

  /**
   * An entry's contents, deflated ones in memory.
   *
   * @throws FoveaException if they do not have their checksum
   */
  public Bytes contents(ZipEntry entry) {
    Bytes contents = unverified(entry);
    if (!verified.contains(entry.name())) {
      if (checksum(contents) != entry.checksum()) {
        throw damaged(entry, "its checksum differs");
      }
      verified.add(entry.name());
    }
    return contents;
  }

  /** The CRC-32 of all bytes. */
  public static long checksum(Bytes bytes) {
    CRC32 crc = new CRC32();
    try (Arena arena = Arena.ofConfined()) {
      ByteBuffer chunk = arena.allocate(Math.min(bytes.size(), 1 << 20)).asByteBuffer();
      for (long at = 0; at < bytes.size(); at += chunk.limit()) {
        bytes.read(at, chunk.clear().limit((int) Math.min(chunk.capacity(), bytes.size() - at)));
        crc.update(chunk);
      }
    }
    return crc.getValue();
  }

  private byte[] inflate(ZipEntry entry, Bytes raw) {
    byte[] all = new byte[(int) entry.size()];
    ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(raw.size(), 1 << 16));
    int done = 0;
    try (Inflater inflater = new Inflater(true)) {
      for (long at = 0; !inflater.finished();) {
        if (inflater.needsInput() && at < raw.size()) {
          raw.read(at, chunk.clear().limit((int) Math.min(chunk.capacity(), raw.size() - at)));
          at += chunk.limit();
          inflater.setInput(chunk);
        }
        int count = inflater.inflate(all, done, all.length - done);
        done += count;
        if (count == 0 && (inflater.needsDictionary() || done == all.length || at == raw.size())) {
          break;
        }
      }
      if (!inflater.finished() || done < all.length) {
        throw damaged(entry, "it does not expand to the " + all.length + " bytes that it declares");
      }
    } catch (DataFormatException e) {
      throw damaged(entry, "its deflated bytes are invalid");
    }
    return all;
  }

  private FoveaException damaged(ZipEntry entry, String how) {
    return new FoveaException(file.name() + ": the archive's entry " + Quote.quote(entry.name()) + " is damaged: " + how);
  }

  @Override
  public void close() {
    file.close();
  }
}
