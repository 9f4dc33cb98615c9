package dev.fovea.data;

import dev.fovea.image.Image;
import dev.fovea.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;

/** A SHA-256 over typed parts. Texts and lists carry their length, so no two lists of parts run together. */
final class Sha256 {
  private final MessageDigest digest;

  Sha256() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  Sha256 bytes(byte[] bytes, int offset, int length) {
    digest.update(bytes, offset, length);
    return this;
  }

  Sha256 bytes(byte[] bytes) {
    return bytes(bytes, 0, bytes.length);
  }

  Sha256 number(long number) {
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, number));
    return this;
  }

  Sha256 text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return number(bytes.length).bytes(bytes);
  }

  Sha256 texts(List<String> texts) {
    number(texts.size());
    texts.forEach(this::text);
    return this;
  }

  Sha256 ints(int[] numbers) {
    ByteBuffer buffer = ByteBuffer.allocate(Integer.BYTES * Math.min(numbers.length, 4096));
    number(numbers.length);
    for (int number : numbers) {
      if (!buffer.hasRemaining()) {
        digest.update(buffer.flip());
        buffer.clear();
      }
      buffer.putInt(number);
    }
    digest.update(buffer.flip());
    return this;
  }

  /** The hash in lower-case hexadecimal; may be asked for once. */
  String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Of all that a data set holds; where its images have one size it is that of a {@link MemoryDataset} of them. */
  static String of(Dataset data) {
    Sha256 hash = new Sha256().texts(data.classes()).text(data.shape().toString());
    if (data.segments()) {
      for (int i = 0; i < data.size(); i++) {
        LabelledImage labelled = data.labelled(i);
        hash.image(labelled.image(), data.shape()).bytes(labelled.labels().classes());
      }
      return hash.hex();
    }
    hash.ints(IntStream.range(0, data.size()).map(data::label).toArray());
    for (int i = 0; i < data.size(); i++) {
      hash.image(data.image(i), data.shape());
    }
    return hash.hex();
  }

  private Sha256 image(Image image, Shape usual) {
    Shape shape = Shape.of(image.channels(), image.height(), image.width());
    return (shape.equals(usual) ? this : text(shape.toString())).bytes(image.pixels());
  }

  static String of(byte[] bytes) {
    return new Sha256().bytes(bytes).hex();
  }
}
