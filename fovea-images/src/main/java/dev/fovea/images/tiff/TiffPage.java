package dev.fovea.images.tiff;

import dev.fovea.tensor.FoveaException;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/**
 * How a TIFF's first page is stored; checked, so that decoding it ends and takes memory in proportion to its pixels.
 *
 * @param bits of a sample
 * @param samples of a pixel
 * @param tileWidth of a tile, or of a strip: the whole width
 * @param offsets of the tiles or strips, row by row, and plane by plane if {@code planar}
 */
@SuppressWarnings("ArrayRecordComponent") // created and used once
record TiffPage(TiffDirectory directory, int width, int height, int bits, int samples, int compression, int photometric,
    boolean planar, int tileWidth, int tileHeight, long[] offsets, long[] byteCounts) {
  static final int JPEG_TABLES = 347;
  static final int RGB = 2;
  static final int YCBCR = 6;
  private static final int PALETTE = 3;
  private static final int CMYK = 5;

  static final int UNCOMPRESSED = 1;
  static final int JPEG = 7;
  private static final int LZW = 5;
  private static final int PACK_BITS = 32773;
  private static final Set<Integer> DEFLATE = Set.of(8, 32946);
  private static final Set<Integer> CCITT = Set.of(2, 3, 4);

  private static final Map<Integer, String> OTHER_COMPRESSIONS =
      Map.of(6, "old-style JPEG", 34712, "JPEG 2000", 34925, "LZMA", 50000, "Zstandard", 50001, "WebP");

  private static final Map<Integer, String> OTHER_COLOURS =
      Map.of(4, "a transparency mask", 8, "L*a*b*", 9, "ICC L*a*b*", 32803, "a colour filter array", 32844, "LogL", 32845,
          "LogLuv");

  /** The longest side of a tile, which may be larger than its image. */
  private static final int MAX_TILE = 1 << 16;

  private static final int WIDTH = 256;
  private static final int HEIGHT = 257;
  private static final int BITS = 258;
  private static final int COMPRESSION = 259;
  private static final int PHOTOMETRIC = 262;
  private static final int STRIP_OFFSETS = 273;
  private static final int SAMPLES = 277;
  private static final int ROWS_PER_STRIP = 278;
  private static final int STRIP_BYTE_COUNTS = 279;
  private static final int PLANAR = 284;
  private static final int TILE_WIDTH = 322;
  private static final int TILE_HEIGHT = 323;
  private static final int TILE_OFFSETS = 324;
  private static final int TILE_BYTE_COUNTS = 325;
  private static final int INK_SET = 332;
  private static final int EXTRA_SAMPLES = 338;
  private static final int SAMPLE_FORMAT = 339;

  /** The tags that affect pixels; the numbers without a name above are of fax, predictor, palette and YCbCr. */
  static final Set<Integer> TAGS =
      Set.of(WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, 266, STRIP_OFFSETS, SAMPLES, ROWS_PER_STRIP,
          STRIP_BYTE_COUNTS, PLANAR, 292, 293, 317, 320, TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_BYTE_COUNTS, EXTRA_SAMPLES,
          529, 530,
          531, 532);

  static TiffPage of(byte[] file) throws IOException {
    TiffDirectory directory = new TiffDirectory(file);
    int width = number(directory, WIDTH, -1);
    int height = number(directory, HEIGHT, -1);
    if (width < 1 || height < 1) {
      throw new IOException("a TIFF directory without an image");
    }
    int bits = equal(directory, BITS, 1);
    int format = equal(directory, SAMPLE_FORMAT, 1);
    int samples = number(directory, SAMPLES, 1);
    int photometric = number(directory, PHOTOMETRIC, samples >= 3 ? RGB : 1);
    boolean planar = number(directory, PLANAR, 1) == 2 && samples > 1;
    boolean tiled = directory.has(TILE_OFFSETS);
    long rows = Math.min(height, directory.number(ROWS_PER_STRIP, height));
    TiffPage page = new TiffPage(directory, width, height, bits, samples, number(directory, COMPRESSION, UNCOMPRESSED),
        photometric,
        planar, tiled ? number(directory, TILE_WIDTH, 0) : width, tiled ? number(directory, TILE_HEIGHT, 0) : (int) rows,
        directory.numbers(tiled ? TILE_OFFSETS : STRIP_OFFSETS), directory.numbers(tiled ? TILE_BYTE_COUNTS : STRIP_BYTE_COUNTS));
    page.checkKind(format);
    return page;
  }

  private static int number(TiffDirectory directory, int tag, int missing) throws IOException {
    return (int) Math.min(Integer.MAX_VALUE, directory.number(tag, missing));
  }

  /** A number for each sample, which must be the same for all. */
  private static int equal(TiffDirectory directory, int tag, int missing) throws IOException {
    long[] numbers = directory.numbers(tag);
    if (Arrays.stream(numbers).distinct().count() > 1) {
      throw unsupported("samples that differ in size or format");
    }
    return numbers.length == 0 ? missing : (int) Math.min(Integer.MAX_VALUE, numbers[0]);
  }

  static FoveaException unsupported(String what) {
    return new FoveaException(
        "TIFF with " + what + " is not supported; save it as grey or RGB of 8 or 16 bits, with LZW or deflate");
  }

  private void checkKind(int format) throws IOException {
    if (format != 1) {
      throw unsupported(format == 3 ? "samples of floats" : format == 2 ? "signed samples" : "samples of format " + format);
    }
    if (maxPixelsPerByte() == 0) {
      throw unsupported("compression " + compression + OTHER_COMPRESSIONS.entrySet().stream()
          .filter(e -> e.getKey() == compression).map(e -> " (" + e.getValue() + ")").findFirst().orElse(""));
    }
    int colours = switch (photometric) {
      case 0, 1, PALETTE -> 1;
      case RGB, YCBCR -> 3;
      case CMYK -> 4;
      default -> throw unsupported(OTHER_COLOURS.getOrDefault(photometric, "colours of kind " + photometric));
    };
    boolean mayHaveAlpha = bits >= 8 && photometric != PALETTE && photometric != YCBCR && photometric != CMYK;
    if (samples < colours || samples > colours + (mayHaveAlpha ? 1 : 0) || directory.number(INK_SET, 1) != 1) {
      throw unsupported(samples + " samples per pixel where " + colours + " are usual");
    }
    boolean wide = bits == 8 || (bits == 16 && photometric != PALETTE && photometric != YCBCR);
    if (!wide && (samples > 1 || (bits != 1 && bits != 2 && bits != 4))) {
      throw unsupported("samples of " + bits + " bits");
    }
    if (isFax() && (bits != 1 || samples != 1)) {
      throw new IOException("a fax compression of " + samples + " samples of " + bits + " bits");
    }
    if (compression == JPEG && (bits != 8 || planar || (samples != 1 && samples != 3))) {
      throw unsupported("JPEG data of " + samples + " samples of " + bits + " bits");
    }
  }

  /** An upper bound on the pixels that one byte encodes; 0 for a compression that is not supported. */
  int maxPixelsPerByte() {
    if (isFax()) {
      return Integer.MAX_VALUE; // a bit for a whole row that is as the one above
    }
    if (DEFLATE.contains(compression)) {
      return 8 * 1032;
    }
    return switch (compression) {
      case UNCOMPRESSED -> 8;
      case LZW -> 8 * 4096;
      case PACK_BITS -> 8 * 64;
      case JPEG -> 2048;
      default -> 0;
    };
  }

  boolean isFax() {
    return CCITT.contains(compression);
  }

  int tilesAcross() {
    return (int) Math.ceilDiv((long) width, tileWidth);
  }

  int tilesDown() {
    return (int) Math.ceilDiv((long) height, tileHeight);
  }

  /** The rows of the tile or strip that are inside the image. */
  int rows(int tile) {
    return Math.min(tileHeight, height - tile / tilesAcross() % tilesDown() * tileHeight);
  }

  /** Refuses tiles or strips that are not in the file; the size of the image has been checked. */
  void checkTiles(int fileBytes) throws IOException {
    boolean tiled = directory.has(TILE_OFFSETS);
    if (tileWidth < 1 || tileHeight < 1 || (tiled && (tileWidth > MAX_TILE || tileHeight > MAX_TILE))) {
      throw new IOException("TIFF tiles of " + tileWidth + "x" + tileHeight);
    }
    long tiles = (long) tilesAcross() * tilesDown() * (planar ? samples : 1);
    if (offsets.length < tiles || byteCounts.length < tiles) {
      throw new IOException(
          offsets.length + " offsets and " + byteCounts.length + " sizes of " + tiles + " TIFF tiles or strips");
    }
    long rowBytes = ((long) tileWidth * bits * (planar ? 1 : samples) + 7) / 8;
    for (int i = 0; i < tiles; i++) {
      if (byteCounts[i] > fileBytes - offsets[i]) {
        throw new EOFException("TIFF data are outside the file");
      }
      // Tiles are stored whole.
      if (compression == UNCOMPRESSED && byteCounts[i] < rowBytes * (tiled ? tileHeight : rows(i)) && photometric != YCBCR) {
        throw new EOFException("TIFF data end early");
      }
    }
  }

  /** The memory of the decoded samples. */
  int bytesPerPixel() {
    return samples * ((bits + 7) / 8);
  }
}
