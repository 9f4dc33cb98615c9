package dev.fovea.formats.torch;

import java.util.List;
import java.util.stream.Collectors;

/** A tensor in a checkpoint. */
sealed interface StoredValue {
  /** Its element type, or what it is instead of an array of elements. */
  String dtype();

  /**
   * An array of elements, each at {@code offset} plus the sum of its indices times {@code strides} in the storage, in elements.
   *
   * @param type of the elements; the storage has the same, or is untyped
   */
  record Dense(Storage storage, TorchType type, long offset, List<Long> dims, List<Long> strides) implements StoredValue {
    @Override
    public String dtype() {
      return type.toString();
    }

    /** The number of elements, which {@link Globals} has checked. */
    long size() {
      return dims.stream().reduce(1L, (a, b) -> a * b);
    }

    boolean isReadable() {
      return type.floats().isPresent() && size() > 0 && size() <= Integer.MAX_VALUE;
    }

    /** Whether its elements are consecutive in row-major order. */
    boolean isContiguous() {
      long expected = 1;
      for (int axis = dims.size() - 1; axis >= 0; axis--) {
        if (dims.get(axis) != 1 && strides.get(axis) != expected) {
          return false;
        }
        expected *= dims.get(axis);
      }
      return true;
    }

    String dimsText() {
      return dims.isEmpty() ? "scalar" : dims.stream().map(String::valueOf).collect(Collectors.joining("x"));
    }
  }

  /** A tensor in another form, such as a sparse or a quantised one, whose elements are not read. */
  record Unsupported(String dtype) implements StoredValue {}
}
