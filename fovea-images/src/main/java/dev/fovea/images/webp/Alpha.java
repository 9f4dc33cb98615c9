package dev.fovea.images.webp;

import java.io.EOFException;
import java.io.IOException;

/** The opacity of a lossy WebP image, in a chunk of its own (RFC 9649, section 2.7.1.2). */
final class Alpha {
  private static final int NONE = 0;
  private static final int HORIZONTAL = 1;
  private static final int VERTICAL = 2;

  private final int width;
  private final byte[] samples;

  private Alpha(int width, byte[] samples) {
    this.width = width;
    this.samples = samples;
  }

  /** One byte per pixel, 0 to 255. */
  static byte[] decode(byte[] file, WebpFile.Part part, int width, int height) throws IOException {
    int method = file[part.from()] & 3;
    int filter = file[part.from()] >> 2 & 3;
    int from = part.from() + 1;
    byte[] samples = new byte[width * height];
    if (method == 0) {
      if (samples.length > part.to() - from) {
        throw new EOFException("the WebP alpha ends early");
      }
      System.arraycopy(file, from, samples, 0, samples.length);
    } else if (method == 1) {
      // A VP8L image without its header, in green.
      int[] pixels = Vp8l.decode(file, from, part.to(), width, height);
      for (int i = 0; i < samples.length; i++) {
        samples[i] = (byte) (pixels[i] >> 8);
      }
    } else {
      throw new IOException("an unknown compression of WebP alpha");
    }
    if (filter != NONE) {
      new Alpha(width, samples).addPredictions(filter);
    }
    return samples;
  }

  private void addPredictions(int filter) {
    for (int i = 1; i < samples.length; i++) {
      samples[i] += (byte) prediction(i, filter);
    }
  }

  private int prediction(int i, int filter) {
    if (i < width) {
      return samples[i - 1];
    }
    if (filter == VERTICAL || i % width == 0) {
      return samples[i - width];
    }
    if (filter == HORIZONTAL) {
      return samples[i - 1];
    }
    int gradient = (samples[i - 1] & 0xff) + (samples[i - width] & 0xff) - (samples[i - width - 1] & 0xff);
    return Math.clamp(gradient, 0, 255);
  }
}
