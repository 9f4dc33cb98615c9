package dev.fovea.images.webp;

/** Predicts blocks from the samples above and to the left of them (RFC 6386, section 12). */
final class Vp8Prediction {
  /** The modes of whole blocks. */
  static final int DC = 0;

  static final int VERTICAL = 1;
  static final int HORIZONTAL = 2;
  static final int TRUE_MOTION = 3;

  /** The modes of 4x4 blocks, in the order of {@link Vp8Tables#MODES}. */
  static final int B_DC = 0;

  static final int B_TRUE_MOTION = 1;
  static final int B_VERTICAL = 2;
  static final int B_HORIZONTAL = 3;
  static final int B_LEFT_DOWN = 4;
  static final int B_RIGHT_DOWN = 5;
  static final int B_VERTICAL_RIGHT = 6;
  static final int B_VERTICAL_LEFT = 7;
  static final int B_HORIZONTAL_DOWN = 8;
  static final int B_HORIZONTAL_UP = 9;
  static final int B_MODES = 10;

  /** Positions in a 4x4 block's edge, which runs from the lowest sample at the left over the corner to the eighth above. */
  private static final int LOWEST = 1;

  private static final int CORNER = 5;
  private static final int EDGE = 15;

  /** Marks the mean of two neighbours; otherwise it is one of three, weighted 1, 2, 1. */
  private static final int OF_TWO = 32;

  /** For each directional mode and sample the position in the edge, plus {@link #OF_TWO}. */
  private static final int[][] DIRECTIONS = directions();

  private Vp8Prediction() {}

  private static int[][] directions() {
    int[][] directions = new int[B_MODES][16];
    for (int mode = B_VERTICAL; mode < B_MODES; mode++) {
      for (int i = 0; i < 16; i++) {
        directions[mode][i] = direction(mode, i % 4, i / 4);
      }
    }
    return directions;
  }

  private static int direction(int mode, int x, int y) {
    return switch (mode) {
      case B_VERTICAL -> CORNER + 1 + x;
      case B_HORIZONTAL -> CORNER - 1 - y;
      case B_LEFT_DOWN -> CORNER + 2 + x + y;
      case B_RIGHT_DOWN -> CORNER + x - y;
      case B_VERTICAL_RIGHT -> x == 0 && y >= 2 ? CORNER + 1 - y : CORNER + x - y / 2 + (y % 2 == 0 ? OF_TWO : 0);
      case B_HORIZONTAL_DOWN -> y == 0 && x >= 2 ? CORNER - 1 + x : CORNER - y + x / 2 + (x % 2 == 0 ? OF_TWO - 1 : 0);
      case B_VERTICAL_LEFT -> x == 3 && y >= 2 ? CORNER + 4 + y : CORNER + 1 + x + y / 2 + (y % 2 == 0 ? OF_TWO : 1);
      case B_HORIZONTAL_UP -> horizontalUp(x + 2 * y);
      default -> throw new IllegalArgumentException("no direction: " + mode);
    };
  }

  private static int horizontalUp(int step) {
    return step >= 6 ? OF_TWO : CORNER - 2 - step / 2 + (step % 2 == 0 ? OF_TWO : 0);
  }

  /** Predicts a block of {@code size} by {@code size} samples. */
  static void whole(Plane plane, int left, int top, int size, int mode) {
    int mean = mode == DC ? mean(plane, left, top, size) : 0;
    int corner = plane.sample(left - 1, top - 1);
    for (int y = top; y < top + size; y++) {
      int before = plane.sample(left - 1, y);
      for (int x = left; x < left + size; x++) {
        plane.set(x, y, switch (mode) {
          case DC -> mean;
          case VERTICAL -> plane.sample(x, top - 1);
          case HORIZONTAL -> before;
          default -> before + plane.sample(x, top - 1) - corner;
        });
      }
    }
  }

  /** The mean of the samples above and to the left, as far as they are inside the image. */
  private static int mean(Plane plane, int left, int top, int size) {
    int sum = 0;
    for (int i = 0; i < size; i++) {
      sum += top > 0 ? plane.sample(left + i, top - 1) : 0;
      sum += left > 0 ? plane.sample(left - 1, top + i) : 0;
    }
    int count = (top > 0 ? size : 0) + (left > 0 ? size : 0);
    return count == 0 ? 128 : (sum + count / 2) / count;
  }

  /** Predicts a 4x4 block; {@code aboveRight} are the four samples that follow those above it. */
  static void block(Plane plane, int left, int top, int mode, int[] aboveRight) {
    int[] edge = edge(plane, left, top, aboveRight);
    if (mode == B_DC) {
      int sum = 4;
      for (int i = 0; i < 4; i++) {
        sum += edge[LOWEST + i] + edge[CORNER + 1 + i];
      }
      fill(plane, left, top, sum >> 3);
    } else if (mode == B_TRUE_MOTION) {
      whole(plane, left, top, 4, TRUE_MOTION);
    } else {
      for (int i = 0; i < 16; i++) {
        plane.set(left + i % 4, top + i / 4, directed(edge, DIRECTIONS[mode][i]));
      }
    }
  }

  private static void fill(Plane plane, int left, int top, int value) {
    for (int i = 0; i < 16; i++) {
      plane.set(left + i % 4, top + i / 4, value);
    }
  }

  private static int[] edge(Plane plane, int left, int top, int[] aboveRight) {
    int[] edge = new int[EDGE];
    for (int i = 0; i < 4; i++) {
      edge[CORNER - 1 - i] = plane.sample(left - 1, top + i);
      edge[CORNER + 1 + i] = plane.sample(left + i, top - 1);
      edge[CORNER + 5 + i] = aboveRight[i];
    }
    edge[CORNER] = plane.sample(left - 1, top - 1);
    // The first and the last are repeated.
    edge[0] = edge[LOWEST];
    edge[EDGE - 1] = edge[EDGE - 2];
    return edge;
  }

  private static int directed(int[] edge, int direction) {
    int at = direction % OF_TWO;
    return direction >= OF_TWO
        ? (edge[at] + edge[at + 1] + 1) >> 1
        : (edge[at - 1] + 2 * edge[at] + edge[at + 1] + 2) >> 2;
  }
}
