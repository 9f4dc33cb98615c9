package dev.fovea.images.webp;

import java.io.EOFException;
import java.io.IOException;

/**
 * The header of a VP8 key frame (RFC 6386, section 9), of which WebP's lossy images consist.
 *
 * @param segmentTree the probabilities of a macroblock's segment; empty if all are in segment 0
 * @param steps per segment the steps of the coefficients
 * @param filters per segment the loop filters, for whole and for split macroblocks
 * @param tokens the probabilities of tokens, see {@link Vp8Tables#TOKENS}
 * @param skipProbability that a macroblock has coefficients, of 256; -1 if all have
 * @param modes the rest of the first partition: the macroblocks' modes
 * @param coefficients the other partitions, one after the other for the rows of macroblocks
 */
@SuppressWarnings("ArrayRecordComponent") // created and used once
record Vp8Header(int width, int height, int[] segmentTree, Steps[] steps, Filter[][] filters, boolean simpleFilter, int[] tokens,
    int skipProbability, BoolReader modes, BoolReader[] coefficients) {
  private static final int SEGMENTS = 4;
  private static final int MAX_INDEX = 127;
  private static final int START = 10;

  /** The steps of DC and AC coefficients: of luma, of the luma blocks' averages (Y2), of chroma. */
  record Steps(int yDc, int yAc, int y2Dc, int y2Ac, int uvDc, int uvAc) {}

  /**
   * A loop filter (section 15); none if {@code limit} is 0.
   *
   * @param limit of the difference across an edge within a macroblock; it is 4 higher between macroblocks
   * @param interior the limit of differences on either side
   * @param variance the threshold above which only the pixels next to the edge change
   */
  record Filter(int limit, int interior, int variance) {}

  /** Width and height, without reading further; {@code from} to {@code to} is the frame in the file. */
  static int[] size(byte[] file, int from, int to) throws IOException {
    if (to - from < START) {
      throw new EOFException("the VP8 header ends early");
    }
    boolean isKeyFrame = (file[from] & 1) == 0;
    boolean isShown = (file[from] >> 4 & 1) == 1;
    if (!isKeyFrame || !isShown || file[from + 3] != (byte) 0x9d || file[from + 4] != 1 || file[from + 5] != 0x2a) {
      throw new IOException("not a VP8 key frame");
    }
    return new int[] {u16(file, from + 6) & 0x3fff, u16(file, from + 8) & 0x3fff};
  }

  private static int u16(byte[] file, int at) {
    return (file[at] & 0xff) | (file[at + 1] & 0xff) << 8;
  }

  static Vp8Header of(byte[] file, int from, int to) throws IOException {
    int[] size = size(file, from, to);
    int first = (u16(file, from) | (file[from + 2] & 0xff) << 16) >> 5;
    if (first > to - from - START) {
      throw new EOFException("the first VP8 partition ends early");
    }
    int second = from + START + first;
    BoolReader in = new BoolReader(file, from + START, second);
    in.number(2); // the colour space and whether decoders may leave out clamping: without effect in WebP
    Segments segments = Segments.of(in);
    boolean simpleFilter = in.flag();
    Filter[][] filters = filters(in, segments);
    BoolReader[] coefficients = partitions(file, second, to, 1 << in.number(2));
    Steps[] steps = steps(in, segments);
    in.flag(); // whether later frames keep the probabilities
    int[] tokens = tokens(in);
    int skipProbability = in.flag() ? in.number(8) : -1;
    return new Vp8Header(size[0], size[1], segments.tree, steps, filters, simpleFilter, tokens, skipProbability, in,
        coefficients);
  }

  /**
   * Section 9.3.
   *
   * @param quantizers relative to the frame's, unless {@code absolute}
   * @param levels of the loop filter, likewise
   */
  @SuppressWarnings("ArrayRecordComponent")
  private record Segments(boolean absolute, int[] quantizers, int[] levels, int[] tree) {
    static Segments of(BoolReader in) throws IOException {
      int[] quantizers = new int[SEGMENTS];
      int[] levels = new int[SEGMENTS];
      if (!in.flag()) {
        return new Segments(false, quantizers, levels, new int[0]);
      }
      boolean hasTree = in.flag();
      boolean absolute = true;
      if (in.flag()) {
        absolute = in.flag();
        for (int s = 0; s < SEGMENTS; s++) {
          quantizers[s] = in.optionalSigned(7);
        }
        for (int s = 0; s < SEGMENTS; s++) {
          levels[s] = in.optionalSigned(6);
        }
      }
      int[] tree = new int[hasTree ? SEGMENTS - 1 : 0];
      for (int i = 0; i < tree.length; i++) {
        tree[i] = in.flag() ? in.number(8) : 255;
      }
      return new Segments(absolute, quantizers, levels, tree);
    }

    int quantizer(int segment, int base) {
      return quantizers[segment] + (absolute ? 0 : base);
    }

    int level(int segment, int base) {
      return levels[segment] + (absolute ? 0 : base);
    }
  }

  /** Section 9.6: levels are adjusted for frames that are predicted from themselves, and for split macroblocks. */
  private static Filter[][] filters(BoolReader in, Segments segments) throws IOException {
    int level = in.number(6);
    int sharpness = in.number(3);
    int[] adjustments = new int[8];
    boolean adjusted = in.flag();
    if (adjusted && in.flag()) {
      for (int i = 0; i < adjustments.length; i++) {
        adjustments[i] = in.optionalSigned(6);
      }
    }
    Filter[][] filters = new Filter[SEGMENTS][2];
    for (int s = 0; s < SEGMENTS; s++) {
      int whole = (level == 0 ? 0 : segments.level(s, level)) + adjustments[0];
      filters[s][0] = level == 0 ? new Filter(0, 0, 0) : filter(whole, sharpness);
      filters[s][1] = level == 0 ? new Filter(0, 0, 0) : filter(whole + adjustments[4], sharpness);
    }
    return filters;
  }

  private static Filter filter(int unlimited, int sharpness) {
    int level = Math.clamp(unlimited, 0, 63);
    if (level == 0) {
      return new Filter(0, 0, 0);
    }
    int interior = level;
    if (sharpness > 0) {
      interior = Math.min(level >> (sharpness > 4 ? 2 : 1), 9 - sharpness);
    }
    interior = Math.max(1, interior);
    return new Filter(2 * level + interior, interior, level >= 40 ? 2 : level >= 15 ? 1 : 0);
  }

  /** Section 9.5: the sizes of all but the last, then the partitions. */
  private static BoolReader[] partitions(byte[] file, int from, int to, int count) throws IOException {
    BoolReader[] partitions = new BoolReader[count];
    int at = from + 3 * (count - 1);
    for (int i = 0; i < count; i++) {
      if (at > to) {
        throw new EOFException("the VP8 partitions end early");
      }
      int size = i == count - 1 ? to - at : u16(file, from + 3 * i) | (file[from + 3 * i + 2] & 0xff) << 16;
      if (size > to - at) {
        throw new EOFException("the VP8 partitions end early");
      }
      partitions[i] = new BoolReader(file, at, at + size);
      at += size;
    }
    return partitions;
  }

  /** Section 9.6 and 14.1. */
  private static Steps[] steps(BoolReader in, Segments segments) throws IOException {
    int base = in.number(7);
    int yDc = in.optionalSigned(4);
    int y2Dc = in.optionalSigned(4);
    int y2Ac = in.optionalSigned(4);
    int uvDc = in.optionalSigned(4);
    int uvAc = in.optionalSigned(4);
    Steps[] steps = new Steps[SEGMENTS];
    for (int s = 0; s < SEGMENTS; s++) {
      int q = segments.quantizer(s, base);
      steps[s] = new Steps(dc(q + yDc, MAX_INDEX), ac(q), 2 * dc(q + y2Dc, MAX_INDEX), Math.max(8, ac(q + y2Ac) * 155 / 100),
          dc(q + uvDc, 117), ac(q + uvAc));
    }
    return steps;
  }

  private static int dc(int index, int max) {
    return Vp8Tables.DC_STEPS[Math.clamp(index, 0, max)];
  }

  private static int ac(int index) {
    return Vp8Tables.AC_STEPS[Math.clamp(index, 0, MAX_INDEX)];
  }

  private static int[] tokens(BoolReader in) throws IOException {
    int[] tokens = Vp8Tables.TOKENS.clone();
    for (int i = 0; i < tokens.length; i++) {
      if (in.bit(Vp8Tables.UPDATES[i]) != 0) {
        tokens[i] = in.number(8);
      }
    }
    return tokens;
  }
}
