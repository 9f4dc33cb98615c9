package dev.fovea.formats.onnx.constant;

import dev.fovea.tensor.FoveaException;
import java.util.Arrays;

/** Positions of elements in row-major arrays. */
final class Indices {
  private Indices() {}

  /** The distance between neighbours along each axis. */
  static int[] strides(int[] dims) {
    int[] strides = new int[dims.length];
    int stride = 1;
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= dims[axis];
    }
    return strides;
  }

  /** NumPy's mutual broadcasting: the sizes of the result. */
  static int[] broadcast(int[] a, int[] b) {
    int rank = Math.max(a.length, b.length);
    int[] dims = new int[rank];
    for (int axis = 0; axis < rank; axis++) {
      int left = axis < rank - a.length ? 1 : a[axis - rank + a.length];
      int right = axis < rank - b.length ? 1 : b[axis - rank + b.length];
      if (left != right && left != 1 && right != 1) {
        throw new FoveaException("expects shapes that broadcast onto each other, got " + Array.text(a) + " and " + Array.text(b));
      }
      dims[axis] = left == 1 ? right : left;
    }
    return dims;
  }

  /** For each element of {@code dims} the position from which an array of {@code from} broadcasts to it. */
  static int[] broadcasting(int[] from, int[] dims) {
    int[] strides = new int[dims.length];
    int[] own = strides(from);
    for (int axis = 0; axis < from.length; axis++) {
      strides[axis + dims.length - from.length] = from[axis] == 1 ? 0 : own[axis];
    }
    return walk(dims, 0, strides);
  }

  /** Positions {@code start + sum of index * stride}, in the order of an array of these sizes. */
  static int[] walk(int[] dims, int start, int[] strides) {
    int[] positions = new int[Array.size(dims)];
    int[] index = new int[dims.length];
    int position = start;
    for (int i = 0; i < positions.length; i++) {
      positions[i] = position;
      for (int axis = dims.length - 1; axis >= 0; axis--) {
        position += strides[axis];
        if (++index[axis] < dims[axis]) {
          break;
        }
        position -= dims[axis] * strides[axis];
        index[axis] = 0;
      }
    }
    return positions;
  }

  /** The sizes with that of one axis replaced. */
  static int[] with(int[] dims, int axis, int size) {
    int[] changed = dims.clone();
    changed[axis] = size;
    return changed;
  }

  static int product(int[] dims, int from, int to) {
    return Array.size(Arrays.copyOfRange(dims, from, to));
  }
}
