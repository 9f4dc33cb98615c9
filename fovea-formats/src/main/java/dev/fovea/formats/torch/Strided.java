package dev.fovea.formats.torch;

import dev.fovea.format.FloatType;
import dev.fovea.formats.file.Bytes;
import dev.fovea.formats.torch.StoredValue.Dense;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/** Reads a tensor whose elements are not consecutive: a transposed one, a part of another, one with channels last. */
final class Strided {
  private Strided() {}

  /** Reads it in row-major order; its first element is at byte {@code start} of the storage. */
  static void read(Bytes storage, long start, Dense tensor, ByteOrder order, float[] to, int offset) {
    FloatType type = tensor.type().floats().orElseThrow();
    int rank = tensor.dims().size();
    long[] strides = tensor.strides().stream().mapToLong(stride -> stride * type.bytes()).toArray();
    int[] dims = tensor.dims().stream().mapToInt(Long::intValue).toArray();
    long last = 0;
    for (int axis = 0; axis < rank; axis++) {
      last += (dims[axis] - 1) * strides[axis];
    }
    int size = (int) tensor.size();
    int[] index = new int[rank];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment elements = storage.segment(start, last + type.bytes(), arena);
      long position = 0;
      for (int i = 0; i < size; i++) {
        to[offset + i] = type.at(elements, position, order);
        for (int axis = rank - 1; axis >= 0; axis--) {
          position += strides[axis];
          if (++index[axis] < dims[axis]) {
            break;
          }
          position -= dims[axis] * strides[axis];
          index[axis] = 0;
        }
      }
    }
  }
}
