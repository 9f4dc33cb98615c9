package dev.fovea.images.webp;

import java.util.Arrays;

/**
 * A plane of luma or chroma samples with a row above and a column to the left of it, from which the blocks at the edge are predicted
 * (RFC 6386, section 12.2): 127 above, 129 to the left.
 */
final class Plane {
  final byte[] samples;
  final int stride;

  /** The size without row and column. */
  Plane(int width, int height) {
    stride = width + 1;
    samples = new byte[stride * (height + 1)];
    Arrays.fill(samples, 0, stride, (byte) 127);
    for (int y = 0; y < height; y++) {
      samples[at(-1, y)] = (byte) 129;
    }
  }

  /** The index of a sample. */
  int at(int x, int y) {
    return (y + 1) * stride + x + 1;
  }

  int sample(int x, int y) {
    return samples[at(x, y)] & 0xff;
  }

  void set(int x, int y, int value) {
    samples[at(x, y)] = (byte) Math.clamp(value, 0, 255);
  }
}
