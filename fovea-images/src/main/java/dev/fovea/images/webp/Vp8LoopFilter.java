package dev.fovea.images.webp;

/** Smooths the edges between blocks (RFC 6386, section 15), in place. */
final class Vp8LoopFilter {
  private final byte[] samples;

  /** The distance between samples across the edge, and along it. */
  private final int across;

  private final int along;

  private Vp8LoopFilter(Plane plane, int across, int along) {
    this.samples = plane.samples;
    this.across = across;
    this.along = along;
  }

  /**
   * Filters the edges of a block of {@code size} by {@code size} samples: its left one, those of the 4x4 blocks below one another, its
   * upper one, those of the 4x4 blocks next to one another.
   */
  static void block(Plane plane, int left, int top, int size, Vp8Header.Filter filter, boolean simple, boolean inner) {
    Vp8LoopFilter columns = new Vp8LoopFilter(plane, 1, plane.stride);
    Vp8LoopFilter rows = new Vp8LoopFilter(plane, plane.stride, 1);
    if (left > 0) {
      columns.edge(plane.at(left, top), size, filter, simple, true);
    }
    for (int x = 4; inner && x < size; x += 4) {
      columns.edge(plane.at(left + x, top), size, filter, simple, false);
    }
    if (top > 0) {
      rows.edge(plane.at(left, top), size, filter, simple, true);
    }
    for (int y = 4; inner && y < size; y += 4) {
      rows.edge(plane.at(left, top + y), size, filter, simple, false);
    }
  }

  private void edge(int from, int size, Vp8Header.Filter filter, boolean simple, boolean outer) {
    int limit = 2 * (filter.limit() + (outer ? 4 : 0)) + 1;
    for (int i = 0, at = from; i < size; i++, at += along) {
      if (4 * difference(at, -1, 0) + difference(at, -2, 1) > limit) {
        continue;
      }
      if (simple) {
        two(at);
      } else if (isSmooth(at, filter.interior())) {
        if (difference(at, -2, -1) > filter.variance() || difference(at, 1, 0) > filter.variance()) {
          two(at);
        } else if (outer) {
          six(at);
        } else {
          four(at);
        }
      }
    }
  }

  private boolean isSmooth(int at, int limit) {
    return difference(at, -4, -3) <= limit && difference(at, -3, -2) <= limit && difference(at, -2, -1) <= limit
        && difference(at, 3, 2) <= limit && difference(at, 2, 1) <= limit && difference(at, 1, 0) <= limit;
  }

  private void two(int at) {
    int a = 3 * (sample(at, 0) - sample(at, -1)) + signed(sample(at, -2) - sample(at, 1));
    add(at, -1, signed(a + 3) >> 3);
    add(at, 0, -(signed(a + 4) >> 3));
  }

  private void four(int at) {
    int a = 3 * (sample(at, 0) - sample(at, -1));
    int before = signed(a + 3) >> 3;
    int after = signed(a + 4) >> 3;
    int outer = (after + 1) >> 1;
    add(at, -2, outer);
    add(at, -1, before);
    add(at, 0, -after);
    add(at, 1, -outer);
  }

  private void six(int at) {
    int a = signed(3 * (sample(at, 0) - sample(at, -1)) + signed(sample(at, -2) - sample(at, 1)));
    for (int i = 0; i < 3; i++) {
      int change = ((27 - 9 * i) * a + 63) >> 7;
      add(at, -1 - i, change);
      add(at, i, -change);
    }
  }

  private int sample(int at, int offset) {
    return samples[at + offset * across] & 0xff;
  }

  private int difference(int at, int a, int b) {
    return Math.abs(sample(at, a) - sample(at, b));
  }

  private void add(int at, int offset, int change) {
    samples[at + offset * across] = (byte) Math.clamp(sample(at, offset) + change, 0, 255);
  }

  private static int signed(int value) {
    return Math.clamp(value, -128, 127);
  }
}
