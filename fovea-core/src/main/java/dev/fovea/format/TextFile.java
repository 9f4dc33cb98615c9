package dev.fovea.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Text files as editors save them: UTF-8, or UTF-16 with a byte order mark. The mark is not part of the text. */
public final class TextFile {
  private static final String MARK = "\uFEFF";

  private TextFile() {}

  /**
   * Reads the file; line ends are not converted.
   *
   * @throws CharacterCodingException if the bytes are not valid in that encoding
   */
  public static String read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int first = bytes.length < 2 ? 0 : (bytes[0] & 0xff) << 8 | bytes[1] & 0xff;
    // The UTF-16 decoder removes the mark, the UTF-8 decoder does not.
    Charset charset = first == 0xfeff || first == 0xfffe ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8;
    String text = charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    return text.startsWith(MARK) ? text.substring(1) : text;
  }
}
