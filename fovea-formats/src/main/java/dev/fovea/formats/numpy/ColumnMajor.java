package dev.fovea.formats.numpy;

import dev.fovea.tensor.Shape;

/** The row-major indices of a tensor's elements, in column-major order: the first axis varies fastest. */
final class ColumnMajor {
  private final int[] dims;
  private final int[] strides;
  private final int[] position;
  private int index;

  ColumnMajor(Shape shape) {
    dims = shape.dims().stream().mapToInt(Integer::intValue).toArray();
    position = new int[dims.length];
    strides = new int[dims.length];
    for (int axis = 0; axis < dims.length; axis++) {
      strides[axis] = shape.sizeFrom(axis + 1);
    }
  }

  int next() {
    int current = index;
    for (int axis = 0; axis < dims.length; axis++) {
      index += strides[axis];
      if (++position[axis] < dims[axis]) {
        break;
      }
      index -= strides[axis] * dims[axis];
      position[axis] = 0;
    }
    return current;
  }
}
