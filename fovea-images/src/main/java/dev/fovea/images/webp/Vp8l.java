package dev.fovea.images.webp;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/** Decodes WebP's lossless images, VP8L (RFC 9649): pixels in prefix codes with copies of earlier ones, then transforms. */
final class Vp8l {
  private static final int SIGNATURE = 0x2f;
  static final int HEADER_BYTES = 5;

  /** Symbols of the first code below this are green values, those from it on lengths of copies, then indices of the cache. */
  private static final int GREENS = 256;

  private static final int LENGTHS = 24;
  private static final int DISTANCES = 40;
  private static final int MAX_CACHE_BITS = 11;

  /** The offsets of near pixels (section 5.2.2), by distance code: 8 - x in the low four bits, y above them. */
  private static final int[] NEAR = {
      0x18, 0x07, 0x17, 0x19, 0x28, 0x06, 0x27, 0x29, 0x16, 0x1a, 0x26, 0x2a, 0x38, 0x05, 0x37, 0x39, 0x15, 0x1b, 0x36, 0x3a,
      0x25, 0x2b, 0x48, 0x04, 0x47, 0x49, 0x14, 0x1c, 0x35, 0x3b, 0x46, 0x4a, 0x24, 0x2c, 0x58, 0x45, 0x4b, 0x34, 0x3c, 0x03,
      0x57, 0x59, 0x13, 0x1d, 0x56, 0x5a, 0x23, 0x2d, 0x44, 0x4c, 0x55, 0x5b, 0x33, 0x3d, 0x68, 0x02, 0x67, 0x69, 0x12, 0x1e,
      0x66, 0x6a, 0x22, 0x2e, 0x54, 0x5c, 0x43, 0x4d, 0x65, 0x6b, 0x32, 0x3e, 0x78, 0x01, 0x77, 0x79, 0x53, 0x5d, 0x11, 0x1f,
      0x64, 0x6c, 0x42, 0x4e, 0x76, 0x7a, 0x21, 0x2f, 0x75, 0x7b, 0x31, 0x3f, 0x63, 0x6d, 0x52, 0x5e, 0x00, 0x74, 0x7c, 0x41,
      0x4f, 0x10, 0x20, 0x62, 0x6e, 0x30, 0x73, 0x7d, 0x51, 0x5f, 0x40, 0x72, 0x7e, 0x61, 0x6f, 0x50, 0x71, 0x7f, 0x60, 0x70
  };

  private final BitReader in;

  private Vp8l(BitReader in) {
    this.in = in;
  }

  /** What the five bytes of a header say. */
  record Header(int width, int height, boolean hasAlpha) {
    static Header of(byte[] file, int from, int to) throws IOException {
      BitReader in = new BitReader(file, from, to);
      if (in.number(8) != SIGNATURE) {
        throw new IOException("not a VP8L image");
      }
      Header header = new Header(1 + in.number(14), 1 + in.number(14), in.flag());
      if (in.number(3) != 0) {
        throw new IOException("an unknown version of VP8L");
      }
      return header;
    }
  }

  /** The pixels, alpha in the high byte, then red, green and blue; {@code from} is after the header. */
  static int[] decode(byte[] file, int from, int to, int width, int height) throws IOException {
    return new Vp8l(new BitReader(file, from, to)).decode(width, height);
  }

  private int[] decode(int width, int height) throws IOException {
    Deque<Vp8lTransform> transforms = new ArrayDeque<>();
    Set<Integer> kinds = new HashSet<>();
    int stored = width;
    while (in.flag()) {
      int kind = in.number(2);
      if (!kinds.add(kind)) {
        throw new IOException("a VP8L transform twice");
      }
      Vp8lTransform transform = transform(kind, stored, height);
      stored = transform.storedWidth();
      transforms.push(transform);
    }
    int[] pixels = pixels(stored, height, true);
    for (Vp8lTransform transform : transforms) {
      pixels = transform.invert(pixels, height);
    }
    return pixels;
  }

  private Vp8lTransform transform(int kind, int width, int height) throws IOException {
    return switch (kind) {
      case 0 -> {
        int bits = in.number(3) + 2;
        yield new Vp8lTransform.Prediction(width, bits, blocks(width, height, bits));
      }
      case 1 -> {
        int bits = in.number(3) + 2;
        yield new Vp8lTransform.Colour(width, bits, blocks(width, height, bits));
      }
      case 2 -> new Vp8lTransform.SubtractGreen(width);
      default -> Vp8lTransform.Palette.of(width, pixels(1 + in.number(8), 1, false));
    };
  }

  /** An image with a pixel for each block of 2^bits by 2^bits pixels. */
  private int[] blocks(int width, int height, int bits) throws IOException {
    return pixels(Vp8lTransform.blocks(width, bits), Vp8lTransform.blocks(height, bits), false);
  }

  /** Five codes: of green, lengths and cache, of red, of blue, of alpha, of distances. */
  private PrefixCode[] group(int cacheSize) throws IOException {
    return new PrefixCode[] {
        PrefixCode.of(in, GREENS + LENGTHS + cacheSize), PrefixCode.of(in, GREENS), PrefixCode.of(in, GREENS),
        PrefixCode.of(in, GREENS), PrefixCode.of(in, DISTANCES)
    };
  }

  /** An image in prefix codes; only the main one may have several groups of codes. */
  private int[] pixels(int width, int height, boolean isMain) throws IOException {
    int cacheBits = in.flag() ? in.number(4) : 0;
    if (cacheBits > MAX_CACHE_BITS) {
      throw new IOException("a VP8L cache of 2^" + cacheBits + " colours");
    }
    ColourCache cache = new ColourCache(cacheBits);
    int blockBits = 0;
    int[] groupOfBlock = {0};
    if (isMain && in.flag()) {
      blockBits = in.number(3) + 2;
      groupOfBlock = blocks(width, height, blockBits);
      // Red and green are the number of the group.
      for (int i = 0; i < groupOfBlock.length; i++) {
        groupOfBlock[i] = groupOfBlock[i] >> 8 & 0xffff;
      }
    }
    int columns = blockBits == 0 ? 0 : Vp8lTransform.blocks(width, blockBits);
    PrefixCode[][] groups = new PrefixCode[Arrays.stream(groupOfBlock).max().orElse(0) + 1][];
    for (int g = 0; g < groups.length; g++) {
      groups[g] = group(cache.size());
    }
    int[] pixels = new int[width * height];
    int at = 0;
    while (at < pixels.length) {
      int block = blockBits == 0 ? 0 : ((at / width) >> blockBits) * columns + ((at % width) >> blockBits);
      PrefixCode[] codes = groups[groupOfBlock[block]];
      int symbol = codes[0].read(in);
      if (symbol < GREENS) {
        int red = codes[1].read(in);
        int blue = codes[2].read(in);
        pixels[at] = codes[3].read(in) << 24 | red << 16 | symbol << 8 | blue;
        cache.add(pixels[at++]);
      } else if (symbol < GREENS + LENGTHS) {
        int length = extended(symbol - GREENS);
        int distance = distance(extended(codes[4].read(in)), width);
        if (distance > at || length > pixels.length - at) {
          throw new IOException("a copy of pixels that are outside the VP8L image");
        }
        for (int end = at + length; at < end; at++) {
          pixels[at] = pixels[at - distance];
          cache.add(pixels[at]);
        }
      } else {
        pixels[at] = cache.get(symbol - GREENS - LENGTHS);
        cache.add(pixels[at++]);
      }
    }
    return pixels;
  }

  /** A length or distance: the prefix, then additional bits. */
  private int extended(int prefix) throws IOException {
    if (prefix < 4) {
      return prefix + 1;
    }
    int bits = (prefix - 2) >> 1;
    return ((2 + (prefix & 1)) << bits) + in.number(bits) + 1;
  }

  private static int distance(int code, int width) {
    if (code > NEAR.length) {
      return code - NEAR.length;
    }
    int near = NEAR[code - 1];
    return Math.max(1, (near >> 4) * width + 8 - (near & 15));
  }
}
