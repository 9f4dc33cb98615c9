package dev.fovea.formats.onnx.constant;

import dev.fovea.formats.onnx.proto.OnnxTensor;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.tensor.FoveaException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A constant: element type, sizes and elements, row-major. Sizes may be 0. Immutable. Elements of a file are read when they are first
 * asked for, so that weights are copied once, to where the network keeps them ({@link #copyTo}).
 */
public final class Array {
  /** Doubles of larger tensors are weights, which are floats in a network. */
  private static final int MAX_EXACT = 1 << 12;

  /** The most equal elements that are written out. */
  private static final int MAX_LISTED = 1 << 22;

  /** How the elements are held. */
  private sealed interface Values {
    record Integers(long[] values) implements Values {}

    record Floats(float[] values) implements Values {}

    record Doubles(double[] values) implements Values {}

    /** All elements equal. */
    record Uniform(double real, long integer) implements Values {}

    /** The elements of a matrix column by column, read when they are copied. */
    record Transposed(Array matrix) implements Values {
      double real(int index) {
        int rows = matrix.dim(0);
        return matrix.real(index % rows * matrix.dim(1) + index / rows);
      }
    }

    /** Elements that are still in the file, and that floats hold exactly or are rounded to. */
    final class Stored implements Values {
      private final OnnxTensor tensor;
      private float @Nullable [] read;

      Stored(OnnxTensor tensor) {
        this.tensor = tensor;
      }

      float[] read() {
        float[] known = read;
        if (known == null) {
          known = tensor.floats();
          read = known;
        }
        return known;
      }
    }
  }

  private final OnnxType type;
  private final int[] dims;
  private final int size;
  private final Values values;
  private final String name;

  private Array(OnnxType type, int[] dims, Values values, String name) {
    this.type = type;
    this.dims = dims;
    this.size = size(dims);
    this.values = values;
    this.name = name;
  }

  /** Integers, each cut to the element type's width. */
  public static Array integers(OnnxType type, int[] dims, long... values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = Numbers.wrap(type, values[i]);
    }
    return new Array(type, dims, new Values.Integers(values), "");
  }

  /** A vector of INT64: a shape, axes, starts. */
  public static Array vector(long... values) {
    return integers(OnnxType.INT64, new int[] {values.length}, values);
  }

  /** Real numbers, each rounded to the element type. */
  public static Array reals(OnnxType type, int[] dims, double... values) {
    if (type == OnnxType.DOUBLE) {
      return new Array(type, dims, new Values.Doubles(values), "");
    }
    float[] rounded = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = (float) Numbers.round(type, values[i]);
    }
    return floats(type, dims, rounded);
  }

  /** Floats that are values of the element type. */
  public static Array floats(OnnxType type, int[] dims, float... values) {
    return new Array(type, dims, new Values.Floats(values), "");
  }

  /** A tensor of a file, under its name. */
  public static Array of(OnnxTensor tensor) {
    int[] dims = tensor.dims().stream().mapToInt(dim -> (int) Math.min(Integer.MAX_VALUE, dim)).toArray();
    OnnxType type = tensor.type();
    size(dims);
    if (type == OnnxType.DOUBLE && tensor.size() <= MAX_EXACT) {
      return new Array(type, dims, new Values.Doubles(tensor.doubles()), tensor.name());
    }
    boolean wide = type.isInteger() && type.bits() > Short.SIZE;
    Values values = wide ? new Values.Integers(tensor.longs()) : new Values.Stored(tensor);
    return new Array(type, dims, values, tensor.name());
  }

  /** Equal elements, which take no memory: the first of {@code one}. */
  public static Array uniform(int[] dims, Array one) {
    Values values = one.type.isFloat() ? new Values.Uniform(one.real(0), 0) : new Values.Uniform(one.integer(0), one.integer(0));
    return new Array(one.type, dims, values, one.name);
  }

  public OnnxType type() {
    return type;
  }

  public boolean isFloat() {
    return type.isFloat();
  }

  /** The sizes, outermost first. */
  public int[] dims() {
    return dims.clone();
  }

  public int dim(int axis) {
    return dims[axis];
  }

  public int rank() {
    return dims.length;
  }

  /** The number of elements. */
  public int size() {
    return size;
  }

  /** The name of the tensor of the file whose elements these are, in the same or another order; empty if they were computed. */
  public String name() {
    return name;
  }

  public Array named(String tensor) {
    return new Array(type, dims, values, tensor);
  }

  /** The same elements under other sizes. */
  public Array reshaped(int... sizes) {
    if (size(sizes) != size) {
      throw new FoveaException("expects a shape of " + size + " elements, got " + text(sizes));
    }
    return new Array(type, sizes, values, name);
  }

  /** The transpose of a matrix, under its name. */
  public Array transposed() {
    if (rank() != 2) {
      throw new FoveaException("expects a matrix, got " + this);
    }
    return new Array(type, new int[] {dims[1], dims[0]}, new Values.Transposed(this), name);
  }

  public double real(int index) {
    return switch (values) {
      case Values.Integers(long[] all) -> all[index];
      case Values.Floats(float[] all) -> all[index];
      case Values.Doubles(double[] all) -> all[index];
      case Values.Uniform(double value, _) -> value;
      case Values.Transposed turned -> turned.real(index);
      case Values.Stored stored -> stored.read()[index];
    };
  }

  /** The element as an integer; a fraction is cut off. */
  public long integer(int index) {
    return switch (values) {
      case Values.Integers(long[] all) -> all[index];
      case Values.Uniform(double value, long whole) -> isFloat() ? (long) value : whole;
      default -> (long) real(index);
    };
  }

  /** The number of elements, to write them out one by one; throws if they are many and take no memory as they are. */
  public int listed() {
    if (values instanceof Values.Uniform && size > MAX_LISTED) {
      throw new FoveaException("expects at most " + MAX_LISTED + " elements that are all equal, got " + this);
    }
    if (values instanceof Values.Stored stored) {
      stored.read(); // throws if it cannot be read, since then its sizes were not compared with the file
    }
    return size;
  }

  /** All elements as integers. */
  public long[] integers() {
    long[] all = new long[listed()];
    Arrays.setAll(all, this::integer);
    return all;
  }

  /** All elements as ints; throws if one does not fit. */
  public int[] ints() {
    int[] all = new int[listed()];
    for (int i = 0; i < size; i++) {
      long value = integer(i);
      if (value != (int) value) {
        throw new FoveaException("expects sizes and indices below 2^31, got " + value);
      }
      all[i] = (int) value;
    }
    return all;
  }

  /** The one element of a scalar, or of an array of one element. */
  public double scalar() {
    if (size != 1) {
      throw new FoveaException("expects a single number, got " + this);
    }
    return real(0);
  }

  /** Writes all elements as floats. */
  public void copyTo(float[] to, int offset) {
    switch (values) {
      case Values.Floats(float[] all) -> System.arraycopy(all, 0, to, offset, size);
      case Values.Uniform(double value, _) -> Arrays.fill(to, offset, offset + size, (float) value);
      case Values.Stored stored when stored.read == null -> stored.tensor.floats(to, offset);
      default -> {
        for (int i = 0; i < size; i++) {
          to[offset + i] = (float) real(i);
        }
      }
    }
  }

  /** Whether all elements are equal; an array of a file is not read for this. */
  public boolean isUniform() {
    if (size == 1) {
      return true;
    }
    return switch (values) {
      case Values.Uniform _ -> true;
      case Values.Floats(float[] all) -> size > 0 && allEqualFirst(all);
      default -> false;
    };
  }

  /** The same, but elements are read from the file for it. */
  public boolean isUniformNow() {
    return isUniform() || (values instanceof Values.Stored stored && size > 0 && allEqualFirst(stored.read()));
  }

  private static boolean allEqualFirst(float[] all) {
    for (float value : all) {
      if (Float.floatToRawIntBits(value) != Float.floatToRawIntBits(all[0])) {
        return false;
      }
    }
    return true;
  }

  /** The elements at these indices, as an array of these sizes. */
  Array pick(int[] sizes, int[] indices) {
    return switch (values) {
      case Values.Uniform _ -> new Array(type, sizes, values, "");
      case Values.Integers(long[] all) -> {
        long[] picked = new long[indices.length];
        Arrays.setAll(picked, i -> all[indices[i]]);
        yield new Array(type, sizes, new Values.Integers(picked), "");
      }
      case Values.Doubles(double[] all) -> {
        double[] picked = new double[indices.length];
        Arrays.setAll(picked, i -> all[indices[i]]);
        yield new Array(type, sizes, new Values.Doubles(picked), "");
      }
      case Values.Floats(float[] all) -> picked(sizes, indices, all);
      case Values.Transposed _ -> {
        double[] picked = new double[indices.length];
        Arrays.setAll(picked, i -> real(indices[i]));
        yield reals(type, sizes, picked);
      }
      case Values.Stored stored -> picked(sizes, indices, stored.read());
    };
  }

  private Array picked(int[] sizes, int[] indices, float[] all) {
    float[] picked = new float[indices.length];
    for (int i = 0; i < picked.length; i++) {
      picked[i] = all[indices[i]];
    }
    return floats(type, sizes, picked);
  }

  /** Whether all slices of the first axis are equal. */
  public boolean hasEqualRows() {
    int row = size / Math.max(1, dims[0]);
    for (int i = row; i < size; i++) {
      if (Double.compare(real(i), real(i - row)) != 0) {
        return false;
      }
    }
    return true;
  }

  /** The first slice of the first axis, which is kept with size 1. */
  public Array firstRow() {
    int[] sizes = Indices.with(dims, 0, 1);
    return pick(sizes, Indices.walk(sizes, 0, Indices.strides(sizes)));
  }

  /** Whether sizes and elements are equal to the other's. */
  @SuppressWarnings("ReferenceEquality") // the same elements need not be compared
  public boolean sameAs(Array other) {
    if (this == other || (values == other.values && Arrays.equals(dims, other.dims))) {
      return true;
    }
    if (type != other.type || !Arrays.equals(dims, other.dims)) {
      return false;
    }
    if (values instanceof Values.Transposed(Array matrix) && other.values instanceof Values.Transposed(Array matrixThere)) {
      return matrix.sameAs(matrixThere);
    }
    for (int i = 0; i < size; i++) {
      if (isFloat() ? Double.compare(real(i), other.real(i)) != 0 : integer(i) != other.integer(i)) {
        return false;
      }
    }
    return true;
  }

  /** The number of elements of these sizes. */
  public static int size(int[] dims) {
    long size = 1;
    for (int dim : dims) {
      if (dim < 0) {
        throw new FoveaException("expects sizes of 0 or more, got " + text(dims));
      }
      size *= dim;
      if (size > Integer.MAX_VALUE) {
        throw new FoveaException("an array of " + text(dims) + " has more than 2^31 - 1 elements");
      }
    }
    return (int) size;
  }

  static String text(int[] dims) {
    return Arrays.stream(dims).mapToObj(String::valueOf).collect(Collectors.joining("x", dims.length == 0 ? "a scalar" : "", ""));
  }

  /** The elements themselves, for maps by identity: arrays that differ in sizes and names only have the same. */
  public Object elements() {
    return values;
  }

  /** The sizes as a list. */
  public List<Integer> shape() {
    return Arrays.stream(dims).boxed().toList();
  }

  @Override
  public String toString() {
    return type + " of " + text(dims);
  }
}
