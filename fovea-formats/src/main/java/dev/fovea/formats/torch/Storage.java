package dev.fovea.formats.torch;

/**
 * The array under one or more tensors, or a part of it.
 *
 * @param key its name in the file
 * @param elements the number of elements of the whole array
 * @param first the index of the part's first element
 * @param count the number of the part's elements
 */
record Storage(TorchType type, String key, long elements, long first, long count) {
  long bytes() {
    return elements * type.bytes();
  }
}
