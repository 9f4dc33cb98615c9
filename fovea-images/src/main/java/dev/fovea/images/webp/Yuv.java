package dev.fovea.images.webp;

/**
 * Converts luma and chroma of BT.601, with luma from 16 to 235, to RGB. Chroma is interpolated as in libwebp ("fancy upsampling"): of the
 * nearest four samples the nearest counts 9, its neighbours 3, and the one across 1 sixteenth.
 */
final class Yuv {
  private Yuv() {}

  /** Writes the samples B, G, R of each pixel from {@code first} on; those of the next pixel follow {@code step} later. */
  static void toBgr(Plane[] planes, int width, int height, byte[] to, int first, int step) {
    for (int y = 0, at = first; y < height; y++) {
      int near = y / 2;
      int far = neighbour(y, height);
      for (int x = 0; x < width; x++, at += step) {
        int nearX = x / 2;
        int farX = neighbour(x, width);
        int luma = (planes[0].sample(x, y) * 19077) >> 8;
        int u = chroma(planes[1], nearX, near, farX, far);
        int v = chroma(planes[2], nearX, near, farX, far);
        to[at] = rounded(luma + ((u * 33050) >> 8) - 17685);
        to[at + 1] = rounded(luma - ((u * 6419) >> 8) - ((v * 13320) >> 8) + 8708);
        to[at + 2] = rounded(luma + ((v * 26149) >> 8) - 14234);
      }
    }
  }

  /** The second nearest chroma sample to position {@code i}; the nearest at the edges. */
  private static int neighbour(int i, int size) {
    return Math.clamp(i % 2 == 0 ? i / 2 - 1 : i / 2 + 1, 0, (size + 1) / 2 - 1);
  }

  private static int chroma(Plane plane, int x, int y, int farX, int farY) {
    int near = plane.sample(x, y);
    int beside = plane.sample(farX, y);
    int below = plane.sample(x, farY);
    int across = plane.sample(farX, farY);
    return (((near + 3 * (beside + below) + across + 8) >> 3) + near) >> 1;
  }

  private static byte rounded(int value) {
    return (byte) Math.clamp(value >> 6, 0, 255);
  }
}
