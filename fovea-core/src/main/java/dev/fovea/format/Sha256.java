package dev.fovea.format;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * A SHA-256 over typed parts. Texts and lists are prefixed with their length, so different lists of parts differ in their bytes.
 */
public final class Sha256 {
  private final MessageDigest digest;

  public Sha256() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  public Sha256 bytes(byte[] bytes, int offset, int length) {
    digest.update(bytes, offset, length);
    return this;
  }

  public Sha256 bytes(byte[] bytes) {
    return bytes(bytes, 0, bytes.length);
  }

  public Sha256 number(long number) {
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, number));
    return this;
  }

  public Sha256 text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return number(bytes.length).bytes(bytes);
  }

  public Sha256 texts(List<String> texts) {
    number(texts.size());
    texts.forEach(this::text);
    return this;
  }

  public Sha256 ints(int[] values) {
    ByteBuffer buffer = ByteBuffer.allocate(Integer.BYTES * Math.min(values.length, 4096));
    number(values.length);
    for (int number : values) {
      if (!buffer.hasRemaining()) {
        digest.update(buffer.flip());
        buffer.clear();
      }
      buffer.putInt(number);
    }
    digest.update(buffer.flip());
    return this;
  }

  /** The hash in lower-case hexadecimal; may be called once. */
  public String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The hash of the bytes without a length prefix. */
  public static String of(byte[] bytes) {
    return new Sha256().bytes(bytes).hex();
  }
}
