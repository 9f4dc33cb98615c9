package dev.fovea.image;

import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a file is, told by its first bytes and not by its name.
 *
 * @param name {@code PNG}, {@code WEBP}, {@code web page}, {@code text}, {@code empty}, {@code unknown}: in a word or two
 * @param image whether it is of a format that {@link Image#read} decodes; whether it is whole shows only then
 */
public record FileKind(String name, boolean image) {
  /**
   * Reads no more than the first bytes.
   *
   * @throws FoveaException naming the file, where it cannot be opened
   */
  public static FileKind of(Path file) {
    String name = ImageFile.printable(file.toString());
    try (InputStream in = Files.newInputStream(file)) {
      FileBytes start = new FileBytes(name, in.readNBytes(ImageFormat.START));
      Optional<ImageFormat> format = ImageFormat.find(start);
      return new FileKind(format.map(ImageFormat::name).orElseGet(() -> ImageFormat.other(start)), format.isPresent());
    } catch (IOException e) {
      throw new FoveaException(name + ": cannot be opened, " + e.getClass().getSimpleName() + "; check its permissions", e);
    }
  }
}
