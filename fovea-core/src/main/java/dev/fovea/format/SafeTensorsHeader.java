package dev.fovea.format;

import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The header of a safetensors file, validated against the file's size: the metadata, and the tensors in the order of their
 * data. {@code dataStart} is the position of the first tensor's first byte.
 */
record SafeTensorsHeader(Map<String, String> metadata, Map<String, Entry> entries, long dataStart) {
  static final String METADATA = "__metadata__";

  /** The maximum size of a header in the format, in bytes. */
  static final int MAX_BYTES = 100_000_000;

  /** One tensor; its bytes are {@code begin} to {@code end}, counted from the data's start. */
  record Entry(Dtype dtype, List<Long> dims, long begin, long end) {
    String dimsText() {
      return dims.isEmpty() ? "scalar" : dims.stream().map(String::valueOf).collect(Collectors.joining("x"));
    }

    /** The number of elements; {@link #bytes} has checked that it does not overflow. */
    long size() {
      return dims.stream().reduce(1L, (a, b) -> a * b);
    }
  }

  static SafeTensorsHeader read(FileChannel channel, String source) throws IOException {
    long fileSize = channel.size();
    if (fileSize < Long.BYTES) {
      throw new FoveaException(source + ": not a safetensors file: it has only " + fileSize + " bytes; is it truncated?");
    }
    ByteBuffer prefix = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    readFully(channel, prefix, 0, source);
    long length = prefix.getLong();
    if (length < 0 || length > fileSize - Long.BYTES) {
      throw new FoveaException(source + ": not a safetensors file: the header's length " + Long.toUnsignedString(length)
          + " exceeds the file's " + fileSize + " bytes; is it truncated, or of another format?");
    }
    if (length > MAX_BYTES) {
      throw new FoveaException(
          source + ": the header's length " + length + " exceeds the format's limit of " + MAX_BYTES + " bytes");
    }
    byte[] bytes = new byte[(int) length];
    readFully(channel, ByteBuffer.wrap(bytes), Long.BYTES, source);
    return parse(bytes, fileSize, source);
  }

  /** Fills the buffer from a position of the file and flips it for reading. */
  static void readFully(FileChannel channel, ByteBuffer to, long position, String source) throws IOException {
    long start = position - to.position();
    int end = to.limit();
    while (to.position() < end) {
      to.limit((int) Math.min(end, (long) to.position() + SafeTensorsWriter.CHUNK)); // the JDK copies what it reads into an array
      if (channel.read(to, start + to.position()) < 0) {
        throw new FoveaException(source + ": unexpected end of file; was it changed while it was read?");
      }
    }
    to.flip();
  }

  private static SafeTensorsHeader parse(byte[] bytes, long fileSize, String source) {
    long dataStart = Long.BYTES + (long) bytes.length;
    if (bytes.length == 0 || bytes[0] != '{') {
      throw new FoveaException(source + ": not a safetensors file: its header does not start with '{'");
    }
    String place = source + ": header";
    Map<String, Entry> entries = new LinkedHashMap<>();
    Map<String, Map<String, String>> metadata = new HashMap<>();
    new JsonParser(decode(bytes, source), place).parseMembers((name, value) -> {
      Json.Obj member = new Json.Obj(Map.of(name, value), place); // not of all members: it takes ten times as much memory as entries
      return name.equals(METADATA)
          ? metadata.put(name, metadata(member)) == null
          : entries.put(name, entry(member, name, source)) == null;
    });
    return new SafeTensorsHeader(metadata.getOrDefault(METADATA, Map.of()), inOrder(entries, fileSize - dataStart, source),
        dataStart);
  }

  /** The text; where it may have malformed bytes, which become U+FFFD, a decoder tells, which takes four times as much memory. */
  private static String decode(byte[] bytes, String source) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    try {
      return text.indexOf('\ufffd') < 0 ? text : StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new FoveaException(source + ": not a safetensors file: its header is not UTF-8", e);
    }
  }

  private static Map<String, String> metadata(Json.Obj header) {
    Map<String, String> metadata = new LinkedHashMap<>();
    Json.Obj given = header.object(METADATA);
    for (String key : given.members().keySet()) {
      metadata.put(key, given.string(key));
    }
    return Collections.unmodifiableMap(metadata);
  }

  private static Entry entry(Json.Obj header, String name, String source) {
    Json.Obj given = header.object(name);
    String where = where(source, name);
    Dtype dtype = Dtype.named(given.string("dtype"), where);
    List<Long> dims = longs(given, "shape", where);
    List<Long> offsets = longs(given, "data_offsets", where);
    if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
      throw new FoveaException(where + ": data_offsets must be its start and its end, got " + Quote.quote(offsets.toString()));
    }
    Entry entry = new Entry(dtype, dims, offsets.get(0), offsets.get(1));
    long bytes = bytes(entry, where);
    if (bytes != entry.end - entry.begin) {
      throw new FoveaException(where + ": " + Quote.quote(entry.dimsText()) + " of " + dtype + " needs " + bytes
          + " bytes, its data_offsets " + offsets + " span " + (entry.end - entry.begin));
    }
    return entry;
  }

  private static String where(String source, String name) {
    return source + ": tensor " + Quote.quote(name);
  }

  private static List<Long> longs(Json.Obj given, String key, String where) {
    List<Long> values = Arrays.stream(given.longs(key)).boxed().toList();
    if (values.stream().anyMatch(value -> value < 0)) {
      throw new FoveaException(where + ": " + key + " must be integers of 0 or more, got " + Quote.quote(values.toString()));
    }
    return values;
  }

  private static long bytes(Entry entry, String where) {
    long bits = entry.dtype.bits();
    try {
      for (long dim : entry.dims) {
        bits = Math.multiplyExact(bits, dim);
      }
    } catch (ArithmeticException e) {
      throw new FoveaException(where + ": the shape " + Quote.quote(entry.dimsText()) + " is larger than any file", e);
    }
    if (bits % Byte.SIZE != 0) {
      throw new FoveaException(
          where + ": " + Quote.quote(entry.dimsText()) + " of " + entry.dtype + " is not a whole number of bytes");
    }
    return bits / Byte.SIZE;
  }

  /** The entries by their position in the data, which they must cover without an overlap or a gap. */
  private static Map<String, Entry> inOrder(Map<String, Entry> entries, long dataSize, String source) {
    List<Map.Entry<String, Entry>> sorted = new ArrayList<>(entries.entrySet());
    sorted.sort(Map.Entry.comparingByValue(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end)));
    Map<String, Entry> ordered = new LinkedHashMap<>();
    long at = 0;
    for (Map.Entry<String, Entry> next : sorted) {
      Entry entry = next.getValue();
      if (entry.end > dataSize) {
        throw new FoveaException(where(source, next.getKey()) + ": its data ends at byte " + entry.end + ", but the file has "
            + dataSize + " bytes of data; is it truncated?");
      }
      if (entry.begin != at) {
        throw new FoveaException(where(source, next.getKey()) + ": its data starts at byte " + entry.begin + ", expected " + at
            + "; tensors must neither overlap nor leave gaps");
      }
      at = entry.end;
      ordered.put(next.getKey(), entry);
    }
    if (at != dataSize) {
      throw new FoveaException(source + ": the file has " + dataSize + " bytes of data, its tensors need only " + at);
    }
    return Collections.unmodifiableMap(ordered);
  }
}
