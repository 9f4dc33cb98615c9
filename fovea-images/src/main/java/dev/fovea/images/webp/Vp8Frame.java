package dev.fovea.images.webp;

import java.io.IOException;
import java.util.Arrays;

/** Decodes a VP8 key frame (RFC 6386) to planes: all macroblocks, then the loop filter, since prediction is from unfiltered samples. */
final class Vp8Frame {
  /** The tree of section 11.2: leaves negated. */
  private static final int[] BLOCK_MODES = {
      -Vp8Prediction.B_DC, 2, -Vp8Prediction.B_TRUE_MOTION, 4, -Vp8Prediction.B_VERTICAL, 6, 8, 12,
      -Vp8Prediction.B_HORIZONTAL, 10, -Vp8Prediction.B_RIGHT_DOWN, -Vp8Prediction.B_VERTICAL_RIGHT,
      -Vp8Prediction.B_LEFT_DOWN, 14, -Vp8Prediction.B_VERTICAL_LEFT, 16, -Vp8Prediction.B_HORIZONTAL_DOWN,
      -Vp8Prediction.B_HORIZONTAL_UP
  };

  /** The mode of 4x4 blocks that neighbours see in a macroblock that is predicted as a whole. */
  private static final int[] AS_BLOCK_MODE = {
      Vp8Prediction.B_DC, Vp8Prediction.B_VERTICAL, Vp8Prediction.B_HORIZONTAL, Vp8Prediction.B_TRUE_MOTION
  };

  private static final int BLOCKS = 9;
  private static final int AVERAGES = 8;

  private final Vp8Header header;
  private final Vp8Tokens tokens;
  private final int columns;
  private final int rows;
  private final Plane luma;
  private final Plane[] chroma;

  /** Per macroblock its filter; null for none. Whether edges within it are filtered too. */
  private final Vp8Header.Filter[] filters;

  private final boolean[] inner;

  /** The modes of the 4x4 blocks above and to the left of the current macroblock. */
  private final int[] modesAbove;

  private final int[] modesLeft = new int[4];

  /** Whether the blocks above and to the left have coefficients: 4 of luma, 2 of each chroma, 1 of averages per macroblock. */
  private final int[] codedAbove;

  private final int[] codedLeft = new int[BLOCKS];

  /** Of the current macroblock. */
  private final int[] blockModes = new int[16];

  private final int[] coefficients = new int[24 * 16];
  private final boolean[] coded = new boolean[24];

  private Vp8Frame(Vp8Header header) {
    this.header = header;
    tokens = new Vp8Tokens(header.tokens());
    columns = (header.width() + 15) / 16;
    rows = (header.height() + 15) / 16;
    luma = new Plane(16 * columns, 16 * rows);
    chroma = new Plane[] {new Plane(8 * columns, 8 * rows), new Plane(8 * columns, 8 * rows)};
    filters = new Vp8Header.Filter[columns * rows];
    inner = new boolean[columns * rows];
    modesAbove = new int[4 * columns];
    codedAbove = new int[BLOCKS * columns];
  }

  /** Luma and both planes of chroma of half the width and height. */
  static Plane[] decode(Vp8Header header) throws IOException {
    Vp8Frame frame = new Vp8Frame(header);
    for (int y = 0; y < frame.rows; y++) {
      Arrays.fill(frame.modesLeft, Vp8Prediction.B_DC);
      Arrays.fill(frame.codedLeft, 0);
      for (int x = 0; x < frame.columns; x++) {
        frame.macroblock(x, y);
      }
    }
    frame.filter();
    return new Plane[] {frame.luma, frame.chroma[0], frame.chroma[1]};
  }

  private void macroblock(int x, int y) throws IOException {
    BoolReader in = header.modes();
    int[] tree = header.segmentTree();
    int segment = tree.length == 0 ? 0 : in.bit(tree[0]) == 0 ? in.bit(tree[1]) : 2 + in.bit(tree[2]);
    boolean skipped = header.skipProbability() >= 0 && in.bit(header.skipProbability()) == 1;
    boolean split = in.bit(145) == 0;
    int mode = split ? readBlockModes(in, x) : readMode(in, x);
    int chromaMode = in.bit(142) == 0 ? Vp8Prediction.DC
        : in.bit(114) == 0 ? Vp8Prediction.VERTICAL
            : in.bit(183) == 0 ? Vp8Prediction.HORIZONTAL : Vp8Prediction.TRUE_MOTION;
    boolean any = false;
    if (skipped) {
      forgetCoded(x, split);
    } else {
      any = readCoefficients(header.coefficients()[y % header.coefficients().length], x, header.steps()[segment], split);
    }
    filters[y * columns + x] = header.filters()[segment][split ? 1 : 0];
    inner[y * columns + x] = split || any;
    if (split) {
      addBlocks(x, y);
    } else {
      Vp8Prediction.whole(luma, 16 * x, 16 * y, 16, mode);
      for (int i = 0; i < 16; i++) {
        addCoefficients(i, luma, 16 * x + i % 4 * 4, 16 * y + i / 4 * 4);
      }
    }
    for (int c = 0; c < 2; c++) {
      Vp8Prediction.whole(chroma[c], 8 * x, 8 * y, 8, chromaMode);
      for (int i = 0; i < 4; i++) {
        addCoefficients(16 + 4 * c + i, chroma[c], 8 * x + i % 2 * 4, 8 * y + i / 2 * 4);
      }
    }
    if (any) {
      Arrays.fill(coefficients, 0);
    }
    Arrays.fill(coded, false);
  }

  private int readMode(BoolReader in, int x) throws IOException {
    int mode = in.bit(156) == 0
        ? in.bit(163) == 0 ? Vp8Prediction.DC : Vp8Prediction.VERTICAL
        : in.bit(128) == 0 ? Vp8Prediction.HORIZONTAL : Vp8Prediction.TRUE_MOTION;
    Arrays.fill(modesAbove, 4 * x, 4 * x + 4, AS_BLOCK_MODE[mode]);
    Arrays.fill(modesLeft, AS_BLOCK_MODE[mode]);
    return mode;
  }

  private int readBlockModes(BoolReader in, int x) throws IOException {
    for (int i = 0; i < 16; i++) {
      int above = 4 * x + i % 4;
      int from = (modesAbove[above] * Vp8Prediction.B_MODES + modesLeft[i / 4]) * (Vp8Prediction.B_MODES - 1);
      int mode = in.leaf(BLOCK_MODES, Vp8Tables.MODES, from);
      modesAbove[above] = mode;
      modesLeft[i / 4] = mode;
      blockModes[i] = mode;
    }
    return Vp8Prediction.DC;
  }

  /** Without coefficients; what is known of averages stays if the macroblock has none. */
  private void forgetCoded(int x, boolean split) {
    int count = split ? AVERAGES : BLOCKS;
    Arrays.fill(codedAbove, BLOCKS * x, BLOCKS * x + count, 0);
    Arrays.fill(codedLeft, 0, count, 0);
  }

  /** Whether there are any. */
  private boolean readCoefficients(BoolReader in, int x, Vp8Header.Steps steps, boolean split) throws IOException {
    int above = BLOCKS * x;
    if (!split) {
      int[] averages = new int[16];
      int context = codedAbove[above + AVERAGES] + codedLeft[AVERAGES];
      int end = tokens.read(in, Vp8Tokens.AVERAGES, context, 0, steps.y2Dc(), steps.y2Ac(), averages, 0);
      codedAbove[above + AVERAGES] = end > 0 ? 1 : 0;
      codedLeft[AVERAGES] = end > 0 ? 1 : 0;
      Vp8Transform.averages(averages, coefficients);
    }
    int kind = split ? Vp8Tokens.LUMA : Vp8Tokens.LUMA_AFTER_AVERAGE;
    for (int i = 0; i < 16; i++) {
      readBlock(in, i, kind, split ? 0 : 1, above + i % 4, i / 4, steps.yDc(), steps.yAc());
    }
    for (int i = 0; i < 8; i++) {
      int plane = 4 + i / 4 * 2;
      readBlock(in, 16 + i, Vp8Tokens.CHROMA, 0, above + plane + i % 2, plane + i % 4 / 2, steps.uvDc(), steps.uvAc());
    }
    boolean any = false;
    for (boolean block : coded) {
      any |= block;
    }
    return any;
  }

  private void readBlock(BoolReader in, int block, int kind, int first, int above, int left, int dcStep, int acStep)
      throws IOException {
    int context = codedAbove[above] + codedLeft[left];
    int end = tokens.read(in, kind, context, first, dcStep, acStep, coefficients, 16 * block);
    codedAbove[above] = end > first ? 1 : 0;
    codedLeft[left] = end > first ? 1 : 0;
    coded[block] = end > 1 || coefficients[16 * block] != 0;
  }

  private void addCoefficients(int block, Plane plane, int left, int top) {
    if (coded[block]) {
      Vp8Transform.add(coefficients, 16 * block, plane, left, top);
    }
  }

  /** Predicts and completes the 4x4 blocks of luma one after the other. */
  private void addBlocks(int x, int y) {
    int[] aboveMacroblock = new int[4];
    int[] above = new int[4];
    for (int i = 0; i < 4; i++) {
      // Next to the last macroblock its last sample above is repeated, as libwebp does.
      aboveMacroblock[i] = luma.sample(x == columns - 1 && y > 0 ? 16 * x + 15 : 16 * x + 16 + i, 16 * y - 1);
    }
    for (int i = 0; i < 16; i++) {
      int left = 16 * x + i % 4 * 4;
      int top = 16 * y + i / 4 * 4;
      for (int j = 0; j < 4; j++) {
        above[j] = i % 4 == 3 ? aboveMacroblock[j] : luma.sample(left + 4 + j, top - 1);
      }
      Vp8Prediction.block(luma, left, top, blockModes[i], above);
      addCoefficients(i, luma, left, top);
    }
  }

  private void filter() {
    for (int y = 0; y < rows; y++) {
      for (int x = 0; x < columns; x++) {
        Vp8Header.Filter filter = filters[y * columns + x];
        if (filter.limit() > 0) {
          boolean within = inner[y * columns + x];
          Vp8LoopFilter.block(luma, 16 * x, 16 * y, 16, filter, header.simpleFilter(), within);
          for (int c = 0; !header.simpleFilter() && c < 2; c++) {
            Vp8LoopFilter.block(chroma[c], 8 * x, 8 * y, 8, filter, false, within);
          }
        }
      }
    }
  }
}
