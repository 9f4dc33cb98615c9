package dev.fovea.formats.file;

import dev.fovea.format.Quote;
import dev.fovea.tensor.FoveaException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads and checks the central directory at the end of a ZIP archive, with the 64-bit extension. */
final class ZipDirectory {
  static final int LOCAL = 0x04034b50;
  private static final int CENTRAL = 0x02014b50;
  private static final int END = 0x06054b50;
  private static final int END_64 = 0x06064b50;
  private static final int LOCATOR_64 = 0x07064b50;

  private static final int LOCAL_BYTES = 30;
  private static final int CENTRAL_BYTES = 46;
  private static final int END_BYTES = 22;
  private static final int END_64_BYTES = 56;
  private static final int LOCATOR_64_BYTES = 20;
  private static final int MAX_COMMENT = 0xffff;

  /** A value that is in the 64-bit extension instead. */
  private static final long ELSEWHERE = 0xffffffffL;

  private static final int MAX_ENTRIES = 1 << 16;
  private static final int MAX_BYTES = 1 << 25;

  /** Deflate's limit: 258 bytes from two bits. */
  private static final int MAX_RATIO = 1032;

  /** What deflated entries may expand to: this, and a multiple of the file's size. */
  private static final long FREE_BYTES = 16 << 20;

  /** The multiple for one entry, which is expanded in memory, and for all together. */
  private static final int ENTRY_EXPANSION = 2;
  private static final int TOTAL_EXPANSION = 20;

  private final OpenFile file;

  ZipDirectory(OpenFile file) {
    this.file = file;
  }

  /** Where the directory is: {@code end} is the position of the record after it. */
  private record Extent(long start, long size, long count, long end) {}

  Map<String, ZipEntry> read() {
    Extent extent = extent();
    if (extent.count < 0 || extent.count > MAX_ENTRIES || extent.size > MAX_BYTES) {
      throw invalid("its directory has " + extent.count + " entries in " + extent.size + " bytes; the limits are " + MAX_ENTRIES
          + " and " + MAX_BYTES);
    }
    if (extent.start < 0 || extent.size < 0 || extent.start > extent.end - extent.size) {
      throw invalid("its directory does not lie within the file");
    }
    ByteBuffer directory = at(extent.start, extent.size);
    List<Found> found = new ArrayList<>();
    for (long i = 0; i < extent.count; i++) {
      found.add(next(directory));
    }
    if (directory.hasRemaining()) {
      throw invalid("its directory is longer than its " + extent.count + " entries");
    }
    checkOverlap(found, extent.start);
    checkExpansion(found);
    Map<String, ZipEntry> entries = new LinkedHashMap<>();
    for (Found f : found) {
      if (entries.put(f.entry.name(), f.entry) != null) {
        throw invalid("two entries are called " + Quote.quote(f.entry.name()));
      }
    }
    return entries;
  }

  private Extent extent() {
    long tail = Math.min(file.size(), END_BYTES + MAX_COMMENT);
    ByteBuffer last = at(file.size() - tail, tail);
    for (int i = last.limit() - END_BYTES; i >= 0; i--) {
      if (last.getInt(i) == END && Short.toUnsignedInt(last.getShort(i + 20)) == last.limit() - i - END_BYTES) {
        return extent(last.slice(i, END_BYTES).order(ByteOrder.LITTLE_ENDIAN), file.size() - tail + i);
      }
    }
    throw invalid("it has no directory at its end; is it truncated?");
  }

  private Extent extent(ByteBuffer end, long position) {
    Extent small =
        new Extent(unsigned(end.getInt(16)), unsigned(end.getInt(12)), Short.toUnsignedInt(end.getShort(10)), position);
    long locator = position - LOCATOR_64_BYTES;
    if (locator < 0 || at(locator, LOCATOR_64_BYTES).getInt(0) != LOCATOR_64) {
      return small;
    }
    long big = at(locator, LOCATOR_64_BYTES).getLong(8);
    if (big < 0 || big > locator - END_64_BYTES) {
      throw invalid("its 64-bit directory does not lie within the file");
    }
    ByteBuffer end64 = at(big, END_64_BYTES);
    if (end64.getInt(0) != END_64) {
      throw invalid("its 64-bit directory has no signature");
    }
    return new Extent(end64.getLong(48), end64.getLong(40), end64.getLong(32), big);
  }

  /** An entry with the position of its header in front of its bytes. */
  private record Found(ZipEntry entry, long header) {}

  private Found next(ByteBuffer directory) {
    int start = directory.position();
    if (directory.remaining() < CENTRAL_BYTES || directory.getInt(start) != CENTRAL) {
      throw invalid("its directory ends early or is damaged");
    }
    int nameBytes = Short.toUnsignedInt(directory.getShort(start + 28));
    int extraBytes = Short.toUnsignedInt(directory.getShort(start + 30));
    int commentBytes = Short.toUnsignedInt(directory.getShort(start + 32));
    if (directory.remaining() < CENTRAL_BYTES + nameBytes + extraBytes + commentBytes) {
      throw invalid("its directory ends early or is damaged");
    }
    byte[] rawName = new byte[nameBytes];
    directory.get(start + CENTRAL_BYTES, rawName);
    String name = new String(rawName, StandardCharsets.UTF_8);
    int flags = Short.toUnsignedInt(directory.getShort(start + 8));
    int method = Short.toUnsignedInt(directory.getShort(start + 10));
    if ((flags & 1) != 0) {
      throw invalid("its entry " + Quote.quote(name) + " is encrypted; decrypt it first");
    }
    if (method != 0 && method != 8) {
      throw invalid(
          "its entry " + Quote.quote(name) + " is compressed by method " + method + "; stored and deflated ones are read");
    }
    ByteBuffer extra = directory.slice(start + CENTRAL_BYTES + nameBytes, extraBytes).order(ByteOrder.LITTLE_ENDIAN);
    long[] sizes = {unsigned(directory.getInt(start + 24)), unsigned(directory.getInt(start + 20)),
        unsigned(directory.getInt(start + 42))};
    extend(sizes, extra, name);
    directory.position(start + CENTRAL_BYTES + nameBytes + extraBytes + commentBytes);
    long checksum = unsigned(directory.getInt(start + 16));
    ZipEntry entry = new ZipEntry(name, method == 8, dataStart(sizes[2], rawName, name), sizes[1], sizes[0], checksum);
    checkSizes(entry);
    return new Found(entry, sizes[2]);
  }

  /** Replaces the values that the 64-bit extension has: size, compressed size and position of the header, in this order. */
  private void extend(long[] sizes, ByteBuffer extra, String name) {
    while (extra.remaining() >= 4) {
      int id = Short.toUnsignedInt(extra.getShort());
      int length = Short.toUnsignedInt(extra.getShort());
      if (length > extra.remaining()) {
        break;
      }
      int next = extra.position() + length;
      for (int i = 0; id == 1 && i < sizes.length; i++) {
        if (sizes[i] == ELSEWHERE && next - extra.position() >= Long.BYTES) {
          sizes[i] = extra.getLong();
        }
      }
      extra.position(next);
    }
    for (long size : sizes) {
      if (size < 0 || size == ELSEWHERE) {
        throw invalid("its entry " + Quote.quote(name) + " has no valid size or position");
      }
    }
  }

  private long dataStart(long header, byte[] rawName, String name) {
    if (header > file.size() - LOCAL_BYTES - rawName.length) {
      throw invalid("its entry " + Quote.quote(name) + " does not lie within the file");
    }
    ByteBuffer local = at(header, LOCAL_BYTES + rawName.length);
    if (local.getInt(0) != LOCAL || Short.toUnsignedInt(local.getShort(26)) != rawName.length
        || !local.slice(LOCAL_BYTES, rawName.length).equals(ByteBuffer.wrap(rawName))) {
      throw invalid("its entry " + Quote.quote(name) + " is not where the directory says");
    }
    return header + LOCAL_BYTES + rawName.length + Short.toUnsignedInt(local.getShort(28));
  }

  private void checkSizes(ZipEntry entry) {
    if (entry.compressedSize() > file.size() - entry.start()) {
      throw invalid("its entry " + Quote.quote(entry.name()) + " does not lie within the file");
    }
    if (!entry.deflated() && entry.size() != entry.compressedSize()) {
      throw invalid("its entry " + Quote.quote(entry.name()) + " is stored in " + entry.compressedSize() + " bytes, but declares "
          + entry.size());
    }
    if (entry.deflated() && (entry.size() / MAX_RATIO > entry.compressedSize() || entry.size() > Integer.MAX_VALUE - 8)) {
      throw invalid("its entry " + Quote.quote(entry.name()) + " declares " + entry.size() + " bytes in "
          + entry.compressedSize() + " compressed ones; none is read beyond 2 GiB or a ratio of " + MAX_RATIO);
    }
  }

  private void checkOverlap(List<Found> found, long directory) {
    List<Found> sorted = new ArrayList<>(found);
    sorted.sort(Comparator.comparingLong(Found::header));
    for (int i = 0; i < sorted.size(); i++) {
      ZipEntry entry = sorted.get(i).entry;
      long next = i + 1 < sorted.size() ? sorted.get(i + 1).header : directory;
      if (entry.start() + entry.compressedSize() > next) {
        throw invalid("its entry " + Quote.quote(entry.name()) + " overlaps with what follows it");
      }
    }
  }

  private void checkExpansion(List<Found> found) {
    long total = 0;
    for (Found f : found) {
      long size = f.entry.deflated() ? f.entry.size() : 0;
      total += size;
      if (size > FREE_BYTES + ENTRY_EXPANSION * file.size() || total > FREE_BYTES + TOTAL_EXPANSION * file.size()) {
        throw invalid("its entries expand to " + total + " bytes or more, from " + file.size()
            + "; store them without compression if that is intended");
      }
    }
  }

  private ByteBuffer at(long position, long length) {
    ByteBuffer buffer = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
    file.range(position, length).read(0, buffer);
    return buffer;
  }

  private static long unsigned(int value) {
    return Integer.toUnsignedLong(value);
  }

  private FoveaException invalid(String what) {
    return new FoveaException(file.name() + ": not a valid ZIP archive: " + what);
  }
}
