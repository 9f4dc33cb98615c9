package dev.fovea.image;

import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The kind of a file, detected from its first bytes and not from its name.
 *
 * @param name {@code PNG}, {@code WEBP}, {@code web page}, {@code text}, {@code empty}, {@code unknown}: one or two words
 * @param image whether it has a format that {@link Image#read} decodes; the file may still be damaged
 */
public record FileKind(String name, boolean image) {
  /**
   * Reads only the first bytes.
   *
   * @throws FoveaException with the file's name if it cannot be opened
   */
  public static FileKind of(Path file) {
    String name = ImageFile.printable(file.toString());
    try (InputStream in = Files.newInputStream(file)) {
      FileBytes start = new FileBytes(name, in.readNBytes(ImageFormat.START));
      Optional<ImageFormat> format = ImageFormat.find(start);
      String kind = format.map(ImageFormat::name).orElseGet(() -> ImageFormat.other(start));
      return new FileKind(kind, format.isPresent() || ImageDecoders.of(kind).isPresent());
    } catch (IOException e) {
      throw new FoveaException(name + ": cannot be opened, " + e.getClass().getSimpleName() + "; check its permissions", e);
    }
  }
}
