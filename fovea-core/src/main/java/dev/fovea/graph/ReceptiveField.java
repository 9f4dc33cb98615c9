package dev.fovea.graph;

/** The pixels of the input that an element can depend on: a rectangle. Padding counts as pixels, so it may lie partly beyond the image. */
public record ReceptiveField(Range rows, Range columns) {
  /** Pixels or elements along an axis, the last one included; none if it is less than the first. */
  public record Range(long first, long last) {
    /** Beyond any image; products of it with a window's sizes still fit. */
    private static final long MAX = 1L << 30;

    /** What an element sees that is computed of nothing, as between the steps of a transposed convolution. */
    static final Range NOTHING = new Range(0, -1);

    public Range {
      first = Math.clamp(first, -MAX, MAX);
      last = Math.clamp(last, -MAX, MAX);
    }

    public long size() {
      return last - first + 1;
    }

    Range moved(long by) {
      return new Range(first + by, last + by);
    }

    Range and(Range other) {
      return new Range(Math.min(first, other.first), Math.max(last, other.last));
    }
  }
}
