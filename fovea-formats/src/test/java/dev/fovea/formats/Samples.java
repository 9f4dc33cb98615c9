package dev.fovea.formats;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/** Files for tests: small ones made with torch.save and NumPy, and real ones next to the project. */
public final class Samples {
  private Samples() {}

  /** A small file beside the tests. */
  public static byte[] small(String name) {
    try (InputStream in = Objects.requireNonNull(Samples.class.getResourceAsStream(name), name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A copy of a small file in a folder. */
  public static Path small(String name, Path folder) {
    return write(folder.resolve(name.substring(name.lastIndexOf('/') + 1)), small(name));
  }

  /** Writes in place, since truncating and rewriting a file makes some file systems wait for the disk. */
  public static Path write(Path file, byte[] bytes) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes));
      channel.truncate(bytes.length);
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
