package dev.fovea.formats.onnx.constant;

import dev.fovea.tensor.FoveaException;

/** How much the evaluation of constants may compute: a small file must not ask for much memory. */
public final class Limits {
  /** Enough for what exporters compute from shapes. */
  private static final long SPARE = 1 << 22;

  private long left;

  /** @param stored the elements that the file itself holds */
  public Limits(long stored) {
    // standardised weights take up to five times their elements
    left = SPARE + 6 * stored;
  }

  /** Takes the elements of a result; throws if no more may be computed. */
  void take(long elements) {
    left -= elements;
    if (left < 0) {
      throw new FoveaException("computes constants that are much larger than the file");
    }
  }

  /** Takes the elements of an array of these sizes and returns their number. */
  int take(int[] dims) {
    int size = Array.size(dims);
    take(size);
    return size;
  }
}
