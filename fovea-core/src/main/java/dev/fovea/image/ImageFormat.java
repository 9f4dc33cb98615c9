package dev.fovea.image;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What kind of image a file is, told by its first bytes. */
enum ImageFormat {
  /** Deflate makes at most 1032 bytes of one (RFC 1951), and a byte holds up to 8 pixels. */
  PNG(8 * 1032),

  /** A block of 64 pixels takes a bit or more. */
  JPEG(2048),

  /** A code of some ten bits stands for at most 4096 pixels. */
  GIF(4096),

  /** Two bytes of a run stand for at most 255 pixels. */
  BMP(256);

  /** No byte of a file stands for more: what claims to hold many pixels must be long. */
  final int mostPixelsPerByte;

  /** How many bytes tell it. */
  static final int START = 512;

  /** The first bytes of a format not read here, as a regular expression. */
  private record Mark(Pattern start, String format) {}

  private static final List<Mark> OTHERS =
      Stream.of(
          "RIFF....WEBP: WEBP",
          "....ftypavi[fs]: AVIF",
          "....ftyphe[iv]: HEIC",
          "....ftypmif1: HEIF",
          "....ftyp: MP4 (a film)",
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
          .map(line -> new Mark(Pattern.compile("(?s)^(?:" + line[0] + ")"), line[1]))
          .toList();

  private static final String UNKNOWN = "unknown";
  private static final String TEXT = "text";
  private static final String PAGE = "web page";

  ImageFormat(int mostPixelsPerByte) {
    this.mostPixelsPerByte = mostPixelsPerByte;
  }

  static ImageFormat of(FileBytes file) {
    if (file.size() == 0) {
      throw file.error("the file is empty");
    }
    return find(file).orElseThrow(() -> file.error(why(file) + "; images may be PNG, JPEG, GIF or BMP"));
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
      case UNKNOWN -> "no known image format (it begins with the bytes "
          + HexFormat.ofDelimiter(" ").formatHex(file.data(), 0, Math.min(8, file.size())) + ")";
      case TEXT -> "is text, not an image";
      case PAGE -> "is a web page, not an image";
      default -> "format not supported: " + other;
    };
  }

  /** What a file is that is of none of these formats, in a word or two. */
  static String other(FileBytes file) {
    if (file.size() == 0) {
      return "empty";
    }
    for (Mark mark : OTHERS) {
      if (mark.start.matcher(start(file)).find()) {
        return mark.format;
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
