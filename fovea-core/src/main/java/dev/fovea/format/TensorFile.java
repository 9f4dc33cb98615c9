package dev.fovea.format;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.List;

/**
 * An open file of named tensors: safetensors, a PyTorch checkpoint, NumPy's npz. Opening checks the whole index; the memory of a
 * tensor is allocated only when it is read.
 */
public interface TensorFile extends AutoCloseable {
  /** All tensors' names, in the order of the file. */
  List<String> names();

  /** Whether the file has a tensor of this name, readable or not. */
  boolean has(String name);

  /** The tensor's element type in the format's spelling, {@code F32} for example. */
  String dtype(String name);

  /** Whether the tensor can be read: its elements are floats, it is not empty, and has fewer than 2^31 elements. */
  boolean isReadable(String name);

  /** The tensor's shape; throws for one that a {@link Shape} cannot represent (an axis of size 0, or 2^31 or more elements). */
  Shape shape(String name);

  /**
   * Reads the tensor's elements, row-major, into {@code to} from {@code offset} on. Half, bfloat16 and floats of 8 bits are converted exactly, double
   * is rounded to the nearest float; other types are refused.
   *
   * @throws FoveaException in one line that names file and tensor
   */
  void readInto(String name, float[] to, int offset);

  /** Reads the tensor into a new array; see {@link #readInto}. */
  default Tensor tensor(String name) {
    Shape shape = shape(name);
    float[] values = new float[isReadable(name) ? shape.size() : 0]; // what is not readable is refused with the file's name
    readInto(name, values, 0);
    return new Tensor(shape, values);
  }

  /** What was looked through to find the tensors, one line each, such as a wrapper around them or a prefix of all names. */
  default List<String> notes() {
    return List.of();
  }

  @Override
  void close();
}
