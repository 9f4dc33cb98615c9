package dev.fovea.formats.onnx.read;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Finds files by others: in {@code FOVEA_DATA}, or in {@code shared/data} next to the project. */
final class SharedData {
  private static final int HEADER_LENGTH = 8;

  private SharedData() {}

  /** The folder or file; the test is skipped if it is absent. */
  static Path at(String name) {
    String given = System.getenv("FOVEA_DATA");
    Path found = given == null ? Path.of("absent") : Path.of(given, name);
    for (Path up = Path.of("").toAbsolutePath(); given == null && up != null && !Files.exists(found); up = up.getParent()) {
      found = up.resolve("shared/data").resolve(name);
    }
    assumeTrue(Files.exists(found), "skipped: no " + name + "; set FOVEA_DATA to the folder that holds it");
    return found;
  }

  /** A NumPy file of float32, version 1. */
  static Tensor npy(Path file) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      int header = bytes.getShort(HEADER_LENGTH);
      String text = new String(bytes.array(), HEADER_LENGTH + 2, header, StandardCharsets.US_ASCII);
      assumeTrue(text.contains("<f4"), file + " has other elements than float32");
      String sizes = text.substring(text.indexOf('(') + 1, text.indexOf(')'));
      Shape shape = Shape.of(Arrays.stream(sizes.split(",")).map(String::strip).filter(size -> !size.isEmpty())
          .mapToInt(Integer::parseInt).toArray());
      float[] values = new float[shape.size()];
      bytes.position(HEADER_LENGTH + 2 + header).slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
      return new Tensor(shape, values);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
