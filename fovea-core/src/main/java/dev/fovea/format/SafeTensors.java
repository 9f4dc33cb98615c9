package dev.fovea.format;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * An open safetensors file: named tensors and string metadata. The layout is a 64-bit little-endian length, a JSON header of that
 * many bytes with each tensor's type, shape and byte range, then the data. The whole header is checked when the file is opened,
 * and a tensor's memory is allocated only when the tensor is read, so a hostile file is refused in one line and cannot exhaust
 * memory.
 *
 * <p>The file stays open until {@link #close}: if it is replaced meanwhile (by a training run, for example), the old contents are
 * still read. Methods may be called from several threads.
 */
public final class SafeTensors implements TensorFile {
  private final String source;
  private final FileChannel channel;
  private final SafeTensorsHeader header;

  private SafeTensors(String source, FileChannel channel, SafeTensorsHeader header) {
    this.source = source;
    this.channel = channel;
    this.header = header;
  }

  /** The position of a tensor in a flat array: its elements start at {@code offset}. */
  public record Slice(String name, Shape shape, int offset) {}

  /** A tensor to be written: {@code shape.size()} elements of {@code values} from {@code offset} on. */
  @SuppressWarnings("ArrayRecordComponent") // short-lived and never compared
  public record Part(String name, Shape shape, float[] values, int offset) {
    public Part {
      if (offset < 0 || offset > values.length - shape.size()) {
        throw new FoveaException(tooShort(name, shape, values.length, offset));
      }
    }
  }

  /** Writes the tensors in the map's order; the file is replaced atomically ({@link AtomicFile}). */
  public static void write(Path target, Map<String, Tensor> tensors, Map<String, String> metadata) {
    write(target, tensors.entrySet().stream()
        .map(entry -> new Part(entry.getKey(), entry.getValue().shape(), entry.getValue().values(), 0)).toList(), metadata);
  }

  /** Writes slices of one flat array, in the list's order. */
  public static void write(Path target, List<Slice> slices, float[] flat, Map<String, String> metadata) {
    write(target, slices.stream().map(slice -> new Part(slice.name(), slice.shape(), flat, slice.offset())).toList(), metadata);
  }

  /** Writes parts of any arrays, in the list's order. */
  public static void write(Path target, List<Part> parts, Map<String, String> metadata) {
    SafeTensorsWriter.write(target, parts, metadata);
  }

  /** Opens the file and checks its header; the caller must close it. */
  public static SafeTensors read(Path path) {
    String source = path.toString();
    if (!Files.isRegularFile(path)) {
      throw new FoveaException(source + (Files.exists(path) ? ": is not a regular file" : ": no such file"));
    }
    try {
      return open(FileChannel.open(path, StandardOpenOption.READ), source);
    } catch (IOException e) {
      throw unreadable(source, e);
    }
  }

  private static SafeTensors open(FileChannel channel, String source) throws IOException {
    boolean valid = false;
    try {
      SafeTensors file = new SafeTensors(source, channel, SafeTensorsHeader.read(channel, source));
      valid = true;
      return file;
    } finally {
      if (!valid) {
        channel.close();
      }
    }
  }

  /** The file's string metadata, in its order; empty if it has none. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  @Override
  public List<String> names() {
    return List.copyOf(header.entries().keySet());
  }

  /** The number of bytes of all tensors. */
  public long bytes() {
    return header.entries().values().stream().mapToLong(e -> e.end() - e.begin()).sum();
  }

  @Override
  public boolean has(String name) {
    return header.entries().containsKey(name);
  }

  @Override
  public String dtype(String name) {
    return entry(name).dtype().name();
  }

  /** Readable types are F32, F64, F16, BF16 and the floats of 8 bits. */
  @Override
  public boolean isReadable(String name) {
    SafeTensorsHeader.Entry entry = entry(name);
    return entry.dtype().isFloat() && entry.size() > 0 && entry.size() <= Integer.MAX_VALUE;
  }

  @Override
  public Shape shape(String name) {
    SafeTensorsHeader.Entry entry = entry(name);
    if (entry.size() == 0) {
      throw new FoveaException(where(name) + " of " + entry.dimsText() + " is empty, which is not supported; remove it");
    }
    if (entry.size() > Integer.MAX_VALUE) {
      throw new FoveaException(where(name) + " of " + entry.dimsText() + " has more than 2^31 - 1 elements; split it");
    }
    return new Shape(entry.dims().stream().map(Math::toIntExact).toList());
  }

  @Override
  public Tensor tensor(String name) {
    Shape shape = shape(name);
    requireFloats(name);
    float[] values = new float[shape.size()];
    readInto(name, values, 0);
    return new Tensor(shape, values);
  }

  @Override
  public void readInto(String name, float[] to, int offset) {
    Shape shape = shape(name);
    FloatType type = requireFloats(name);
    if (offset < 0 || offset > to.length - shape.size()) {
      throw new FoveaException(source + ": " + tooShort(name, shape, to.length, offset));
    }
    int elementBytes = type.bytes();
    int chunkElements = SafeTensorsWriter.CHUNK / elementBytes;
    long position = header.dataStart() + entry(name).begin();
    try (Arena arena = Arena.ofConfined()) {
      long capacity = (long) Math.min(shape.size(), chunkElements) * elementBytes;
      ByteBuffer chunk = arena.allocate(capacity, Long.BYTES).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
      for (int done = 0, count; done < shape.size(); done += count) {
        count = Math.min(chunkElements, shape.size() - done);
        SafeTensorsHeader.readFully(channel, chunk.clear().limit(count * elementBytes), position, source);
        type.widen(chunk, to, offset + done, count);
        position += (long) count * elementBytes;
      }
    } catch (IOException e) {
      throw unreadable(source, e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw unreadable(source, e);
    }
  }

  private SafeTensorsHeader.Entry entry(String name) {
    SafeTensorsHeader.Entry entry = header.entries().get(name);
    if (entry == null) {
      String some = header.entries().keySet().stream().limit(3).map(Quote::quote).collect(Collectors.joining(", "));
      int all = header.entries().size();
      throw new FoveaException(source + ": there is no tensor " + Quote.quote(name) + "; the file has "
          + (all == 0 ? "none" : all <= 3 ? some : all + ", " + some + " first"));
    }
    return entry;
  }

  private FloatType requireFloats(String name) {
    Dtype dtype = entry(name).dtype();
    return dtype.floats().orElseThrow(() -> new FoveaException(
        where(name) + " has the type " + dtype + "; supported are F32, F64, F16, BF16 and the floats of 8 bits"));
  }

  private String where(String name) {
    return source + ": tensor " + Quote.quote(name);
  }

  private static String tooShort(String name, Shape shape, int length, int offset) {
    return "tensor " + Quote.quote(name) + " of " + shape + " has " + shape.size()
        + " elements, which do not fit into an array of "
        + length + " from " + offset + " on";
  }

  private static FoveaException unreadable(String source, IOException e) {
    return new FoveaException(source + ": cannot be read: " + Quote.cause(e), e);
  }
}
