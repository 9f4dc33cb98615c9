package dev.fovea.images.webp;

/** The inverse transforms of 4x4 coefficients (RFC 6386, section 14). */
final class Vp8Transform {
  private Vp8Transform() {}

  /** Section 14.3, Walsh-Hadamard: the averages of 16 blocks into the first coefficient of each. */
  static void averages(int[] in, int[] coefficients) {
    int[] columns = new int[16];
    for (int i = 0; i < 4; i++) {
      int a = in[i] + in[12 + i];
      int b = in[4 + i] + in[8 + i];
      int c = in[4 + i] - in[8 + i];
      int d = in[i] - in[12 + i];
      columns[i] = a + b;
      columns[4 + i] = d + c;
      columns[8 + i] = a - b;
      columns[12 + i] = d - c;
    }
    for (int i = 0; i < 16; i += 4) {
      int a = columns[i] + columns[i + 3] + 3;
      int b = columns[i + 1] + columns[i + 2];
      int c = columns[i + 1] - columns[i + 2];
      int d = columns[i] - columns[i + 3] + 3;
      coefficients[16 * i] = (a + b) >> 3;
      coefficients[16 * i + 16] = (d + c) >> 3;
      coefficients[16 * i + 32] = (a - b) >> 3;
      coefficients[16 * i + 48] = (d - c) >> 3;
    }
  }

  /** Section 14.4, a cosine transform: adds the block of the 16 coefficients from {@code from} on. */
  static void add(int[] coefficients, int from, Plane plane, int left, int top) {
    int[] columns = new int[16];
    for (int x = 0; x < 4; x++) {
      int in = from + x;
      int a = coefficients[in] + coefficients[in + 8];
      int b = coefficients[in] - coefficients[in + 8];
      int c = sine(coefficients[in + 4]) - cosine(coefficients[in + 12]);
      int d = cosine(coefficients[in + 4]) + sine(coefficients[in + 12]);
      columns[x] = a + d;
      columns[4 + x] = b + c;
      columns[8 + x] = b - c;
      columns[12 + x] = a - d;
    }
    for (int y = 0; y < 4; y++) {
      int in = 4 * y;
      int a = columns[in] + columns[in + 2] + 4;
      int b = columns[in] - columns[in + 2] + 4;
      int c = sine(columns[in + 1]) - cosine(columns[in + 3]);
      int d = cosine(columns[in + 1]) + sine(columns[in + 3]);
      add(plane, left, top + y, a + d);
      add(plane, left + 1, top + y, b + c);
      add(plane, left + 2, top + y, b - c);
      add(plane, left + 3, top + y, a - d);
    }
  }

  private static void add(Plane plane, int x, int y, int eighths) {
    plane.set(x, y, plane.sample(x, y) + (eighths >> 3));
  }

  /** Times sqrt(2) cos(pi / 8), in 16-bit fixed point. */
  private static int cosine(int value) {
    return value + ((value * 20091) >> 16);
  }

  /** Times sqrt(2) sin(pi / 8), in 16-bit fixed point. */
  private static int sine(int value) {
    return (value * 35468) >> 16;
  }
}
