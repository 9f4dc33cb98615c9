package dev.fovea.image;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The format of an image file, detected from its first bytes. */
enum ImageFormat {
  /** Deflate expands a byte to at most 1032 (RFC 1951), and a byte holds up to 8 pixels. */
  PNG(8 * 1032),

  /** A block of 64 pixels needs at least one bit. */
  JPEG(2048),

  /** A code of about ten bits stands for at most 4096 pixels. */
  GIF(4096),

  /** Two bytes of a run stand for at most 255 pixels. */
  BMP(256);

  /** An upper bound on the pixels that one byte of a file encodes: a short file that declares more pixels is refused. */
  final int maxPixelsPerByte;

  /** The number of bytes that detection reads. */
  static final int START = 512;

  /** The signature of an unsupported format, as a regular expression for the first bytes. */
  private record Signature(Pattern start, String format) {}

  private static final List<Signature> OTHERS =
      Stream.of(
          "RIFF....WEBP: WEBP",
          "....ftypavi[fs]: AVIF",
          "....ftyphe[iv]: HEIC",
          "....ftypmif1: HEIF",
          "....ftyp: MP4 (a video)",
          "\\x00\\x00\\x00\\x0cjP  |\\xffO\\xffQ: JPEG2000",
          "\\x00\\x00\\x00\\x0cJXL |\\xff\\x0a: JPEG XL",
          "II[*+]\\x00|MM\\x00[*+]: TIFF",
          "\\x00\\x00\\x01\\x00: ICO",
          "8BPS: PSD",
          "P[1-6]\\s: PNM",
          "%PDF: PDF",
          "PK\\x03\\x04: ZIP",
          "\\x1f\\x8b: GZIP")
          .map(line -> line.split(": ", 2))
          .map(line -> new Signature(Pattern.compile("(?s)^(?:" + line[0] + ")"), line[1]))
          .toList();

  private static final String UNKNOWN = "unknown";
  private static final String TEXT = "text";
  private static final String PAGE = "web page";

  ImageFormat(int maxPixelsPerByte) {
    this.maxPixelsPerByte = maxPixelsPerByte;
  }

  static ImageFormat of(FileBytes file) {
    if (file.size() == 0) {
      throw file.error("the file is empty");
    }
    return find(file).orElseThrow(() -> file.error(why(file) + "; images may be " + ImageDecoders.names()));
  }

  static Optional<ImageFormat> find(FileBytes file) {
    if (file.holds(0, "\u0089PNG\r\n\32\n")) {
      return Optional.of(PNG);
    }
    if (file.holds(0, "\u00ff\u00d8")) {
      return Optional.of(JPEG);
    }
    if (file.holds(0, "GIF87a") || file.holds(0, "GIF89a")) {
      return Optional.of(GIF);
    }
    return file.holds(0, "BM") && !isText(file) ? Optional.of(BMP) : Optional.empty();
  }

  private static String why(FileBytes file) {
    String other = other(file);
    return switch (other) {
      case UNKNOWN -> "unknown image format (it starts with the bytes "
          + HexFormat.ofDelimiter(" ").formatHex(file.data(), 0, Math.min(8, file.size())) + ")";
      case TEXT -> "is text, not an image";
      case PAGE -> "is a web page, not an image";
      default -> "format not supported: " + other + ImageDecoders.missing(other);
    };
  }

  /** The kind of a file of another format, in one or two words. */
  static String other(FileBytes file) {
    if (file.size() == 0) {
      return "empty";
    }
    for (Signature signature : OTHERS) {
      if (signature.start.matcher(start(file)).find()) {
        return signature.format;
      }
    }
    if (file.holds(file.size() - 18, "TRUEVISION-XFILE.")) {
      return "TGA";
    }
    if (!isText(file)) {
      return UNKNOWN;
    }
    String start = start(file).toLowerCase(Locale.ROOT);
    return start.contains("<svg") ? "SVG" : start.contains("<html") || start.contains("<!doctype html") ? PAGE : TEXT;
  }

  private static String start(FileBytes file) {
    return new String(file.data(), 0, Math.min(START, file.size()), StandardCharsets.ISO_8859_1);
  }

  private static boolean isText(FileBytes file) {
    return start(file).chars().allMatch(c -> (c >= ' ' && c != 0x7f) || c == '\n' || c == '\r' || c == '\t');
  }
}
