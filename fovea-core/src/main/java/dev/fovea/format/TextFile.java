package dev.fovea.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Text files as editors save them: in UTF-8, or in UTF-16 where a byte order mark says so. The mark is no part of the text. */
public final class TextFile {
  private static final String MARK = "\uFEFF";

  private TextFile() {}

  /**
   * Reads it; line ends stay as they are.
   *
   * @throws CharacterCodingException where the bytes are no such text
   */
  public static String read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int first = bytes.length < 2 ? 0 : (bytes[0] & 0xff) << 8 | bytes[1] & 0xff;
    // The decoder of UTF-16 takes the mark away, that of UTF-8 does not.
    Charset charset = first == 0xfeff || first == 0xfffe ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8;
    String text = charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    return text.startsWith(MARK) ? text.substring(1) : text;
  }
}
