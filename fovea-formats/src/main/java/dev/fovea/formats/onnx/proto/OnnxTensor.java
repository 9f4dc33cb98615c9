package dev.fovea.formats.onnx.proto;

import dev.fovea.format.Quote;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/**
 * A constant tensor ({@code TensorProto}). Its elements stay in the file until they are read, which must be before the {@link OnnxFile}
 * is closed; that they are all there was checked when the file was opened. Elements of numeric types can be read; strings, complex
 * numbers and sparse tensors are refused by name.
 */
public final class OnnxTensor {
  private final String name;
  private final OnnxType type;
  private final List<Long> dims;
  private final TensorData data;

  OnnxTensor(String name, OnnxType type, List<Long> dims, TensorData data) {
    this.name = name;
    this.type = type;
    this.dims = List.copyOf(dims);
    this.data = data;
  }

  /** A tensor of {@code shape.size()} floats of the array from {@code offset} on; the array is not copied. */
  public static OnnxTensor floats(String name, Shape shape, float[] values, int offset) {
    if (offset < 0 || offset > values.length - shape.size()) {
      throw new IllegalArgumentException(name + ": " + shape + " from " + offset + " on is not in an array of " + values.length);
    }
    return new OnnxTensor(name, OnnxType.FLOAT, shape.dims().stream().map(Integer::longValue).toList(),
        new TensorData.Floats(values, offset));
  }

  /** The same elements, rounded to float16 when they are written; only for a tensor of floats in memory. */
  public OnnxTensor half() {
    if (!(data instanceof TensorData.Floats)) {
      throw new IllegalArgumentException(where() + " is not one of floats in memory");
    }
    return new OnnxTensor(name, OnnxType.FLOAT16, dims, data);
  }

  /** A vector of int64. */
  public static OnnxTensor longs(String name, long... values) {
    return longs(name, List.of(values.length), values);
  }

  /** A tensor of int64. */
  public static OnnxTensor longs(String name, List<Integer> dims, long... values) {
    OnnxTensor tensor = new OnnxTensor(name, OnnxType.INT64, dims.stream().map(Integer::longValue).toList(),
        new TensorData.Longs(values.clone()));
    if (tensor.size() != values.length) {
      throw new IllegalArgumentException(tensor.where() + " has " + values.length + " elements");
    }
    return tensor;
  }

  /** The name; that of a tensor in an attribute is often empty. */
  public String name() {
    return name;
  }

  public OnnxType type() {
    return type;
  }

  /** The size of each axis, 0 or more. */
  public List<Long> dims() {
    return dims;
  }

  /** The number of elements: 1 for a scalar, 0 if an axis is empty. */
  public long size() {
    return dims.stream().reduce(1L, (a, b) -> a * b);
  }

  /** Whether {@link #floats}, {@link #doubles} and, for integers, {@link #longs} can read it. */
  public boolean isReadable() {
    return !(data instanceof TensorData.Refused) && (type.isFloat() || type.isInteger()) && size() < Integer.MAX_VALUE - 8;
  }

  /**
   * Reads all elements, row-major, as floats into {@code to} from {@code offset} on. Other types are converted: integers and doubles are
   * rounded to the nearest float, booleans are 0 and 1.
   *
   * @throws FoveaException if the type has no numbers
   */
  public void floats(float[] to, int offset) {
    int count = count();
    if (offset < 0 || offset > to.length - count) {
      throw new IllegalArgumentException(where() + " does not fit into an array of " + to.length + " from " + offset + " on");
    }
    if (type == OnnxType.FLOAT && data instanceof TensorData.Raw raw) {
      Elements.copy(raw.source(), raw.bytes(), to, offset);
    } else {
      Elements.forEach(data, type, count, new LongConsumer() {
        private int at = offset;

        @Override
        public void accept(long bits) {
          to[at++] = type.toFloat(bits);
        }
      });
    }
  }

  /** All elements as floats; see {@link #floats(float[], int)}. */
  public float[] floats() {
    float[] values = new float[count()];
    floats(values, 0);
    return values;
  }

  /** All elements as doubles; integers beyond 2^53 are rounded. */
  public double[] doubles() {
    double[] values = new double[count()];
    Elements.forEach(data, type, values.length, new LongConsumer() {
      private int at;

      @Override
      public void accept(long bits) {
        values[at++] = type.toDouble(bits);
      }
    });
    return values;
  }

  /**
   * All elements of a tensor of integers or booleans; uint64 beyond 2^63 are negative.
   *
   * @throws FoveaException if the type is another
   */
  public long[] longs() {
    if (!type.isInteger()) {
      throw new FoveaException(where() + " must have integers, got " + type);
    }
    long[] values = new long[count()];
    Elements.forEach(data, type, values.length, new LongConsumer() {
      private int at;

      @Override
      public void accept(long bits) {
        values[at++] = type.toLong(bits);
      }
    });
    return values;
  }

  /** The number of elements of a tensor that can be read. */
  private int count() {
    if (data instanceof TensorData.Refused(String reason)) {
      throw new FoveaException(where() + " " + reason);
    }
    if (!type.isFloat() && !type.isInteger()) {
      throw new FoveaException(where() + " has elements of type " + type + ", which are not supported; numbers and booleans are");
    }
    if (!isReadable()) {
      throw new FoveaException(where() + " has " + size() + " elements, an array has at most 2^31 - 9; split it");
    }
    return (int) size();
  }

  TensorData data() {
    return data;
  }

  /** The tensor for messages: {@code tensor 'fc.weight' of 10x512}. */
  public String where() {
    return where(name, dims);
  }

  static String where(String name, List<Long> dims) {
    String shape = dims.isEmpty() ? "" : " of " + dims.stream().limit(16).map(String::valueOf).collect(Collectors.joining("x"));
    return "tensor" + (name.isEmpty() ? "" : " " + Quote.quote(name)) + shape;
  }

  @Override
  public String toString() {
    return where() + " " + type;
  }
}
