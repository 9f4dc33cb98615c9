package dev.fovea.image;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** What kind of picture a file is, told by its first bytes. */
enum ImageFormat {
  PNG,
  JPEG,
  GIF,
  BMP;

  /** Bytes at a place that tell a format not read here. */
  private record Mark(int at, String bytes, String format) {}

  private static final List<Mark> OTHERS =
      List.of(
          new Mark(8, "WEBP", "WEBP"),
          new Mark(4, "ftypavif", "AVIF"),
          new Mark(4, "ftypavis", "AVIF"),
          new Mark(4, "ftyphei", "HEIC"),
          new Mark(4, "ftyphev", "HEIC"),
          new Mark(4, "ftypmif1", "HEIF"),
          new Mark(4, "ftyp", "MP4 (a film)"),
          new Mark(0, "\0\0\0\14jP  ", "JPEG2000"),
          new Mark(0, "\u00ffO\u00ffQ", "JPEG2000"),
          new Mark(0, "\0\0\0\14JXL ", "JPEG XL"),
          new Mark(0, "\u00ff\12", "JPEG XL"),
          new Mark(0, "II*\0", "TIFF"),
          new Mark(0, "MM\0*", "TIFF"),
          new Mark(0, "II+\0", "TIFF"),
          new Mark(0, "MM\0+", "TIFF"),
          new Mark(0, "\0\0\1\0", "ICO"),
          new Mark(0, "8BPS", "PSD"),
          new Mark(0, "DDS ", "DDS"),
          new Mark(0, "qoif", "QOI"),
          new Mark(0, "v/1\1", "OpenEXR"),
          new Mark(0, "#?RADIANCE", "Radiance HDR"),
          new Mark(0, "P1", "PNM"),
          new Mark(0, "P2", "PNM"),
          new Mark(0, "P3", "PNM"),
          new Mark(0, "P4", "PNM"),
          new Mark(0, "P5", "PNM"),
          new Mark(0, "P6", "PNM"),
          new Mark(0, "%PDF", "PDF"),
          new Mark(0, "PK\3\4", "ZIP"),
          new Mark(0, "\u001f\u008b", "GZIP"));

  static ImageFormat of(FileBytes file) {
    if (file.size() == 0) {
      throw file.error("the file is empty");
    }
    if (file.holds(0, "\u0089PNG\r\n\32\n")) {
      return PNG;
    }
    if (file.holds(0, "\u00ff\u00d8")) {
      return JPEG;
    }
    if (file.holds(0, "GIF87a") || file.holds(0, "GIF89a")) {
      return GIF;
    }
    if (file.holds(0, "BM") && !isText(file)) {
      return BMP;
    }
    throw file.error(why(file) + "; pictures may be PNG, JPEG, GIF or BMP");
  }

  private static String why(FileBytes file) {
    for (Mark mark : OTHERS) {
      if (file.holds(mark.at, mark.bytes)) {
        return "format not supported: " + mark.format;
      }
    }
    if (file.holds(file.size() - 18, "TRUEVISION-XFILE.")) {
      return "format not supported: TGA";
    }
    if (!isText(file)) {
      return "no known picture format (it begins with the bytes "
          + HexFormat.ofDelimiter(" ").formatHex(file.data(), 0, Math.min(8, file.size())) + ")";
    }
    String start = start(file);
    return start.contains("<svg")
        ? "format not supported: SVG"
        : "is " + (start.contains("<html") || start.contains("<!doctype html") ? "a web page" : "text") + ", not a picture";
  }

  private static String start(FileBytes file) {
    return new String(file.data(), 0, Math.min(512, file.size()), StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
  }

  private static boolean isText(FileBytes file) {
    return start(file).chars().allMatch(c -> (c >= ' ' && c != 0x7f) || c == '\n' || c == '\r' || c == '\t');
  }
}
