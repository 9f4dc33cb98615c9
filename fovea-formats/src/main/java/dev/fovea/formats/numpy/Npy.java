package dev.fovea.formats.numpy;

import dev.fovea.format.AtomicFile;
import dev.fovea.format.FloatType;
import dev.fovea.formats.file.Bytes;
import dev.fovea.formats.file.OpenFile;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * An array in NumPy's format {@code .npy}, versions 1 to 3, in row-major or column-major order and either byte order: floats of 16, 32
 * and 64 bits, booleans, and integers of 8 to 64 bits. Files with Python objects, text, structures or complex numbers are refused. The
 * format is NumPy's <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">numpy.lib.format</a>.
 */
public final class Npy {
  /** The elements that are converted at once. */
  private static final int CHUNK = 1 << 17;

  private final Shape shape;
  private final NpyHeader header;
  private final ByteBuffer elements;
  private final String source;

  private Npy(Shape shape, NpyHeader header, ByteBuffer elements, String source) {
    this.shape = shape;
    this.header = header;
    this.elements = elements;
    this.source = source;
  }

  /**
   * Reads a file.
   *
   * @throws FoveaException in one line that names the file, if it is missing, damaged, or has elements that are not numbers
   */
  public static Npy read(Path path) {
    try (OpenFile file = OpenFile.of(path)) {
      return read(file.range(0, file.size()), file.name());
    }
  }

  /** Reads an array; {@code source} is its place for messages. */
  static Npy read(Bytes bytes, String source) {
    NpyHeader header = NpyHeader.read(bytes, source);
    Shape shape = header.shape(source);
    long size = bytes.size() - header.dataStart();
    if (size > Integer.MAX_VALUE - 8) {
      throw new FoveaException(source + ": has " + size + " bytes of elements; the limit is 2 GiB");
    }
    ByteBuffer elements = ByteBuffer.allocate((int) size);
    bytes.read(header.dataStart(), elements);
    return new Npy(shape, header, elements, source);
  }

  /** The sizes of its axes; a scalar has none. */
  public Shape shape() {
    return shape;
  }

  /** The type of its elements under NumPy's name, such as {@code float32} or {@code uint8}. */
  public String dtype() {
    return header.type().toString();
  }

  /** Whether its elements are integers or booleans. */
  public boolean isInteger() {
    return header.type().floats().isEmpty();
  }

  /** The elements in row-major order, integers and doubles rounded to the nearest float, true as 1. */
  public float[] floats() {
    float[] values = new float[shape.size()];
    readInto(values, 0);
    return values;
  }

  /** The elements as a tensor; see {@link #floats}. */
  public Tensor tensor() {
    return new Tensor(shape, floats());
  }

  /**
   * The elements in row-major order, exactly, true as 1.
   *
   * @throws FoveaException if they are floats, or a uint64 is 2^63 or more
   */
  public long[] integers() {
    if (!isInteger()) {
      throw new FoveaException(source + ": has elements of type " + dtype() + ", expected integers");
    }
    long[] values = new long[shape.size()];
    header.type().widen(ordered(0), values, source);
    if (!header.columnMajor()) {
      return values;
    }
    long[] rows = new long[values.length];
    ColumnMajor index = new ColumnMajor(shape);
    for (long value : values) {
      rows[index.next()] = value;
    }
    return rows;
  }

  void readInto(float[] to, int offset) {
    FloatType type = header.type().floats().orElse(null);
    ColumnMajor index = new ColumnMajor(shape);
    float[] chunk = new float[Math.min(shape.size(), CHUNK)];
    for (int done = 0, n; done < shape.size(); done += n) {
      n = Math.min(chunk.length, shape.size() - done);
      if (type != null) {
        type.widen(ordered(done), chunk, 0, n);
      } else {
        long[] integers = new long[n];
        header.type().widen(ordered(done), integers, source);
        for (int i = 0; i < n; i++) {
          chunk[i] = integers[i];
        }
      }
      for (int i = 0; i < n; i++) {
        to[offset + (header.columnMajor() ? index.next() : done + i)] = chunk[i];
      }
    }
  }

  /** The elements from {@code index} on in their byte order. */
  private ByteBuffer ordered(int index) {
    int start = index * header.type().bytes();
    return elements.slice(start, elements.limit() - start).order(header.order());
  }

  /** Writes a {@code float32} array; the file is replaced atomically. */
  public static void write(Path file, Tensor tensor) {
    float[] values = tensor.values();
    write(file, NpyHeader.bytes("f4", tensor.shape()), values.length, Float.BYTES, (chunk, i) -> chunk.putFloat(values[i]));
  }

  /** Writes an {@code int64} array; the file is replaced atomically. */
  public static void write(Path file, Shape shape, long[] values) {
    if (values.length != shape.size()) {
      throw new FoveaException("an array of " + shape + " has " + shape.size() + " elements, got " + values.length);
    }
    write(file, NpyHeader.bytes("i8", shape), values.length, Long.BYTES, (chunk, i) -> chunk.putLong(values[i]));
  }

  /** Writes element {@code i} to a buffer. */
  private interface Element {
    void put(ByteBuffer chunk, int i);
  }

  private static void write(Path file, byte[] header, int count, int elementBytes, Element element) {
    AtomicFile.writeChannel(file, out -> {
      writeFully(out, ByteBuffer.wrap(header));
      ByteBuffer chunk = ByteBuffer.allocateDirect(Math.min(count, CHUNK) * elementBytes).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < count;) {
        chunk.clear();
        for (int end = i + Math.min(CHUNK, count - i); i < end; i++) {
          element.put(chunk, i);
        }
        writeFully(out, chunk.flip());
      }
    });
  }

  private static void writeFully(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
