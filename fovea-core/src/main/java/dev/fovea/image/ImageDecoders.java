package dev.fovea.image;

import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The formats of image files that are read: core's own, and those of the decoders on the class path and the module path. */
public final class ImageDecoders {
  private static final List<String> OWN_SUFFIXES = List.of("png", "jpg", "jpeg", "gif", "bmp");

  /** What fovea-images reads, for a message where it is missing. */
  private static final List<String> ELSEWHERE = List.of("WEBP", "TIFF");

  /** By format, in alphabetical order. */
  private static final Map<String, ImageDecoder> FOUND =
      byFormat(ServiceLoader.load(ImageDecoder.class, ImageDecoders.class.getClassLoader()));

  private ImageDecoders() {}

  /** Two decoders for one format are an error: which of them came first would depend on the class path. */
  static Map<String, ImageDecoder> byFormat(Iterable<ImageDecoder> decoders) {
    Map<String, ImageDecoder> found = new HashMap<>();
    for (ImageDecoder decoder : decoders) {
      ImageDecoder other = found.put(decoder.format(), decoder);
      if (other != null) {
        throw new FoveaException("two decoders of " + decoder.format() + ": " + other.getClass().getName() + " and "
            + decoder.getClass().getName() + "; remove the artifact of one");
      }
    }
    return new TreeMap<>(found);
  }

  static Optional<ImageDecoder> of(String format) {
    return Optional.ofNullable(FOUND.get(format));
  }

  /** The names of the formats that are read: {@code PNG}, {@code JPEG}, ... */
  public static List<String> formats() {
    return Stream.concat(Arrays.stream(ImageFormat.values()).map(ImageFormat::name), FOUND.keySet().stream()).toList();
  }

  /** The formats that are read, for a message: {@code PNG, JPEG, GIF or BMP}. */
  public static String names() {
    List<String> formats = formats();
    return String.join(", ", formats.subList(0, formats.size() - 1)) + " or " + formats.getLast();
  }

  /** How the names of files in these formats end, in lower case: {@code png}, {@code jpg}, ... */
  public static List<String> suffixes() {
    List<String> suffixes = new ArrayList<>(OWN_SUFFIXES);
    FOUND.values().forEach(decoder -> suffixes.addAll(decoder.suffixes()));
    return suffixes;
  }

  /** How a file of this format could be read, to be appended to a message: empty unless an artifact is missing. */
  public static String missing(String format) {
    return ELSEWHERE.contains(format) && !FOUND.containsKey(format)
        ? "; the artifact dev.fovea:fovea-images reads " + format + ": add it"
        : "";
  }
}
