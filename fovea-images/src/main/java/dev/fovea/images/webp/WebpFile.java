package dev.fovea.images.webp;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The chunks of a WebP file (RFC 9649, section 2) that define its image, or the first frame of its animation.
 *
 * @param lossless whether the image is VP8L; otherwise it is VP8
 * @param image the image
 * @param alpha its opacity, for VP8; empty if there is none
 * @param exif the TIFF block of EXIF; empty if there is none
 */
record WebpFile(boolean lossless, Part image, Part alpha, Part exif) {
  private static final int ANIMATED = 2;
  private static final int FRAME_HEADER = 16;
  private static final Part NONE = new Part(0, 0);

  /** Bytes of the file. */
  record Part(int from, int to) {
    boolean isEmpty() {
      return from == to;
    }
  }

  /** Looks for chunks in a part of a file. */
  private record Chunks(byte[] file, Part part) {
    /** The content of the first chunk of this kind, or an empty part. */
    Part find(String kind) throws IOException {
      int at = part.from;
      while (at < part.to) {
        if (part.to - at < 8) {
          throw new EOFException("a WebP chunk ends early");
        }
        int from = at + 8;
        int size = u32(file, at + 4);
        if (size < 0 || size > part.to - from) {
          throw new EOFException("a WebP chunk ends early");
        }
        if (new String(file, at, 4, StandardCharsets.ISO_8859_1).equals(kind)) {
          return new Part(from, from + size);
        }
        // Chunks start at even offsets; the last may lack its byte of padding.
        at = Math.min(part.to, from + size + (size & 1));
      }
      return NONE;
    }
  }

  static WebpFile of(byte[] file) throws IOException {
    if (file.length < 20) {
      throw new EOFException("the WebP header ends early");
    }
    int size = u32(file, 4);
    if (size < 0 || size > file.length - 8) {
      throw new EOFException("the WebP file ends early");
    }
    Chunks all = new Chunks(file, new Part(12, Math.max(12, 8 + size)));
    Part extended = all.find("VP8X");
    boolean animated = !extended.isEmpty() && (file[extended.from] & ANIMATED) != 0;
    Chunks frame = all;
    if (animated) {
      Part first = all.find("ANMF");
      if (first.to - first.from < FRAME_HEADER) {
        throw new IOException("a WebP animation without frames");
      }
      frame = new Chunks(file, new Part(first.from + FRAME_HEADER, first.to));
    }
    Part lossy = frame.find("VP8 ");
    Part lossless = frame.find("VP8L");
    if (lossy.isEmpty() && lossless.isEmpty()) {
      throw new IOException("a WebP file without an image");
    }
    return new WebpFile(lossy.isEmpty(), lossy.isEmpty() ? lossless : lossy, frame.find("ALPH"), exif(file, all.find("EXIF")));
  }

  /** Some writers put JPEG's block name before it. */
  private static Part exif(byte[] file, Part chunk) {
    boolean named = chunk.to - chunk.from >= 6 && new String(file, chunk.from, 6, StandardCharsets.ISO_8859_1).equals("Exif\0\0");
    return named ? new Part(chunk.from + 6, chunk.to) : chunk;
  }

  private static int u32(byte[] file, int at) {
    return (file[at] & 0xff) | (file[at + 1] & 0xff) << 8 | (file[at + 2] & 0xff) << 16 | (file[at + 3] & 0xff) << 24;
  }
}
