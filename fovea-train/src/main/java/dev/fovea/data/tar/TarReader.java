package dev.fovea.data.tar;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fovea.format.FileNames;
import dev.fovea.format.Quote;
import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the regular files of a tar archive, in the formats ustar and pax of POSIX.1-2001 and that of GNU tar. Nothing is
 * unpacked, and no more of the archive is in memory than the header of one file. Any other program may have written the archive: each
 * header's checksum is verified, and no file reaches beyond the archive's end.
 */
public final class TarReader implements AutoCloseable {
  /** The maximum length of the names and attributes that precede a file's header. */
  private static final long MAX_EXTENSION = 1 << 20;

  private static final String SPARSE = "sparse file";

  private final Path archive;
  private final FileChannel channel;
  private final long length;
  private final Consumer<String> skipped;
  private long position;
  private @Nullable String longName;
  private @Nullable Long longSize;
  private boolean sparse;

  private TarReader(Path archive, FileChannel channel, Consumer<String> skipped) throws IOException {
    this.archive = archive;
    this.channel = channel;
    this.length = channel.size();
    this.skipped = skipped;
  }

  /**
   * Opens an archive; the caller must close it.
   *
   * @param skipped receives the kind of each entry that is neither a regular file nor a folder: {@code link}
   */
  public static TarReader open(Path archive, Consumer<String> skipped) {
    try {
      return new TarReader(archive, FileChannel.open(archive), skipped);
    } catch (IOException e) {
      throw unreadable(archive, e);
    }
  }

  /**
   * The next regular file; empty at the end.
   *
   * @throws FoveaException naming the archive and the position, if it is truncated or damaged
   */
  public Optional<TarEntry> next() {
    while (true) {
      if (position == length) {
        return Optional.empty(); // some programs leave out the blocks of zeros at the end
      }
      TarHeader header = header();
      if (header.isZero()) {
        return Optional.empty();
      }
      if (!header.isValid()) {
        throw position == TarHeader.SIZE ? noArchive() : damaged("expected the header of a file, found something else");
      }
      Optional<TarEntry> entry = entry(header);
      if (entry.isPresent()) {
        return entry;
      }
    }
  }

  private TarHeader header() {
    if (position == 0) {
      requireArchive();
    }
    TarHeader header = new TarHeader(bytes("the header of a file", position, TarHeader.SIZE));
    position += TarHeader.SIZE;
    return header;
  }

  private Optional<TarEntry> entry(TarHeader header) {
    switch (header.type()) {
      case 'x' -> attributes(extension(header));
      case 'L' -> {
        String name = new String(extension(header), UTF_8);
        longName = name.substring(0, name.indexOf('\0') < 0 ? name.length() : name.indexOf('\0'));
      }
      case 'K', 'g' -> skip(size(header)); // a long name of a link's target, and attributes of all files, such as a comment
      default -> {
        String name = longName == null ? header.name() : longName;
        long size = longSize == null ? size(header) : longSize;
        boolean map = sparse;
        longName = null;
        longSize = null;
        sparse = false;
        return data(header, new TarEntry(name, position, size), map);
      }
    }
    return Optional.empty();
  }

  /** Advances beyond an entry's data; empty if it is not a regular file. */
  private Optional<TarEntry> data(TarHeader header, TarEntry entry, boolean map) {
    switch (header.type()) {
      case '0', '7', '\0' -> {
        skip(entry.size());
        if (!map && !entry.name().endsWith("/")) {
          return Optional.of(entry);
        }
        if (map) {
          skipped.accept(SPARSE);
        }
      }
      case '1', '2' -> skipped.accept("link");
      case '3', '4', '6' -> skipped.accept("device");
      case '5' -> {
        // a folder has no data, whatever its size says
      }
      case 'S' -> {
        for (boolean more = header.isExtended(); more;) {
          more = header().isExtendedAgain();
        }
        skip(entry.size());
        skipped.accept(SPARSE);
      }
      default -> {
        skip(entry.size());
        skipped.accept("entry of another type");
      }
    }
    return Optional.empty();
  }

  private long size(TarHeader header) {
    try {
      return header.size();
    } catch (FoveaException e) {
      throw damaged("the size of " + Quote.quote(header.name()) + " is " + e.getMessage());
    }
  }

  /** Advances beyond data and the zeros that fill their last block. */
  private void skip(long size) {
    if (size > length - position) {
      throw damaged("a file of " + size + " bytes begins here, and the archive ends after " + (length - position)
          + "; it is truncated");
    }
    long blocks = (size + TarHeader.SIZE - 1) / TarHeader.SIZE;
    position = Math.min(length, position + blocks * TarHeader.SIZE);
  }

  private byte[] extension(TarHeader header) {
    long size = size(header);
    if (size > MAX_EXTENSION) {
      throw damaged("expected names and attributes of at most " + MAX_EXTENSION + " bytes, got " + size);
    }
    long from = position;
    skip(size);
    return bytes("the attributes of a file", from, (int) size);
  }

  /** Lines of a length in bytes, a blank, a key, {@code =} and a value. */
  private void attributes(byte[] records) {
    int from = 0;
    while (from < records.length) {
      int blank = from;
      while (blank < records.length && records[blank] != ' ') {
        blank++;
      }
      String digits = new String(records, from, blank - from, UTF_8);
      int end = digits.matches("[1-9]\\d{0,6}") ? from + Integer.parseInt(digits) : -1;
      if (end <= blank + 1 || end > records.length) {
        throw damaged("expected attributes, each with its length, got " + Quote.quote(digits));
      }
      String[] attribute = new String(records, blank + 1, end - blank - 2, UTF_8).split("=", 2);
      attribute(attribute[0], attribute.length == 2 ? attribute[1] : "");
      from = end;
    }
  }

  private void attribute(String key, String value) {
    if (key.equals("path")) {
      longName = value;
    } else if (key.equals("size")) {
      if (!value.matches("\\d{1,18}")) {
        throw damaged("expected a size, got " + Quote.quote(value));
      }
      longSize = Long.parseLong(value);
    }
    sparse |= key.startsWith("GNU.sparse.");
  }

  /**
   * A file's bytes.
   *
   * @throws FoveaException if there are more than {@code limit}
   */
  public byte[] bytes(TarEntry entry, int limit) {
    if (entry.size() > limit) {
      throw new FoveaException(FileNames.text(archive) + ": " + Quote.quote(entry.name()) + ": expected at most " + limit
          + " bytes, got " + entry.size());
    }
    return bytes("a file", entry.offset(), (int) entry.size());
  }

  private byte[] bytes(String what, long from, int count) {
    if (count > length - from) {
      throw damaged(
          "expected " + what + ", " + count + " bytes, the archive ends after " + (length - from) + "; it is truncated");
    }
    try {
      return read(channel, from, count);
    } catch (IOException e) {
      throw unreadable(archive, e);
    }
  }

  /** Bytes of an archive, at any position; may be called from many threads. */
  public static byte[] bytes(Path archive, long from, int count) {
    try (FileChannel channel = FileChannel.open(archive)) {
      if (count > channel.size() - from) {
        throw new FoveaException(FileNames.text(archive) + ": became shorter while it was in use; try again");
      }
      return read(channel, from, count);
    } catch (IOException e) {
      throw unreadable(archive, e);
    }
  }

  /** The name of the file that begins there, as far as its own header has it. */
  public static String name(Path archive, long from) {
    return new TarHeader(bytes(archive, from - TarHeader.SIZE, TarHeader.SIZE)).name();
  }

  private static byte[] read(FileChannel channel, long from, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, from + buffer.position()) < 0) {
        throw new IOException("its length changed while it was read");
      }
    }
    return buffer.array();
  }

  private void requireArchive() {
    byte[] start = bytes("an archive", 0, (int) Math.min(2, length));
    if (start.length == 2 && start[0] == 0x1f && (start[1] & 0xff) == 0x8b) {
      throw new FoveaException(FileNames.text(archive)
          + ": is compressed, so that files in it cannot be found by their position; unpack it with gunzip");
    }
    if (length < TarHeader.SIZE) {
      throw noArchive();
    }
  }

  private FoveaException noArchive() {
    return new FoveaException(FileNames.text(archive) + ": is not a tar archive; give one that is not compressed");
  }

  private FoveaException damaged(String what) {
    return new FoveaException(FileNames.text(archive) + ": is damaged at byte " + position + ": " + what);
  }

  private static FoveaException unreadable(Path archive, IOException e) {
    return new FoveaException(FileNames.text(archive) + ": cannot be read, " + FileNames.reason(e), e);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw unreadable(archive, e);
    }
  }
}
