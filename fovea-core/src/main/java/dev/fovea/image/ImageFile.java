package dev.fovea.image;

import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.atomic.AtomicLong;

/** Picture files: from the disk to the decoder of their format, and back to the disk. */
final class ImageFile {
  static final long MOST_PIXELS = 100_000_000;
  private static final int LONGEST_SIDE = 1_000_000;
  private static final long LARGEST_FILE = 1L << 29;
  private static final AtomicLong PARTS = new AtomicLong();

  private ImageFile() {}

  static Image read(Path path) {
    String name = path.toString();
    try {
      BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class);
      if (file.isDirectory()) {
        throw error(name, "is a directory, not a picture; name a file in it");
      }
      if (!file.isRegularFile()) {
        throw error(name, "is no regular file, so no picture");
      }
      if (file.size() > Math.min(LARGEST_FILE, Runtime.getRuntime().maxMemory() / 2)) {
        throw error(name, "a file of " + file.size() + " bytes is too large for a picture; scale it down first");
      }
      return read(Files.readAllBytes(path), name);
    } catch (NoSuchFileException e) {
      throw new FoveaException(printable(name) + ": no such file", e);
    } catch (AccessDeniedException e) {
      throw new FoveaException(printable(name) + ": may not be read; check its permissions", e);
    } catch (IOException e) {
      throw new FoveaException(printable(name) + ": cannot be read: " + printable(String.valueOf(e.getMessage())), e);
    } catch (OutOfMemoryError e) {
      throw new FoveaException(printable(name) + ": not enough memory to read it; give the JVM more with -Xmx", e);
    }
  }

  static Image read(byte[] file, String name) {
    return Orientation.upright(decode(file, name));
  }

  /** A picture as stored, and how it is to be turned: EXIF's 1 to 8. */
  record Stored(Image image, int orientation) {}

  static Stored decode(byte[] file, String name) {
    FileBytes bytes = new FileBytes(printable(name), file);
    try {
      return switch (ImageFormat.of(bytes)) {
        case PNG -> new PngReader(bytes).read();
        case JPEG -> new JpegReader(bytes).read();
        case GIF -> new Stored(new GifReader(bytes).read(), 1);
        case BMP -> new Stored(new BmpReader(bytes).read(), 1);
      };
    } catch (OutOfMemoryError e) {
      throw bytes.error("not enough memory to decode it; give the JVM more with -Xmx, or scale the picture down", e);
    }
  }

  static void checkSize(String name, long width, long height, int bytesPerPixel) {
    if (width < 1 || height < 1) {
      throw error(name, "a picture of " + width + "x" + height + " pixels holds nothing");
    }
    if (width > LONGEST_SIDE || height > LONGEST_SIDE || width * height > MOST_PIXELS) {
      throw error(name, width + "x" + height + " pixels are more than the 100 megapixels (and " + LONGEST_SIDE
          + " a side) that are decoded; scale it down first");
    }
    if (width * height * bytesPerPixel > Runtime.getRuntime().maxMemory() / 2) {
      throw error(name, width + "x" + height + " pixels need more than half of the JVM's memory ("
          + (Runtime.getRuntime().maxMemory() >> 20) + " MiB); give it more with -Xmx, or scale the picture down");
    }
  }

  /** The number of samples of a picture that is to be made, as an array's length. */
  static int samples(long width, long height, int channels) {
    if (width < 1 || height < 1) {
      throw new FoveaException("a picture is at least 1x1, not " + width + "x" + height);
    }
    if (width > Integer.MAX_VALUE || height > (Integer.MAX_VALUE - 8) / channels / width) {
      throw new FoveaException("a picture of " + width + "x" + height + "x" + channels + " has more than 2^31 samples");
    }
    return (int) (width * height * channels);
  }

  /** Writes beside the file, then renames: never half a file under its name. */
  static void write(Path path, byte[] bytes) {
    Path target = path.toAbsolutePath();
    Path part =
        target.resolveSibling(
            "." + target.getFileName() + "." + ProcessHandle.current().pid() + "-" + PARTS.incrementAndGet() + ".part");
    try {
      try {
        try (FileChannel out = FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
          ByteBuffer rest = ByteBuffer.wrap(bytes);
          while (rest.hasRemaining()) {
            out.write(rest);
          }
          out.force(true);
        }
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (NoSuchFileException e) {
      throw new FoveaException(printable(path.toString()) + ": cannot be written: its folder does not exist", e);
    } catch (IOException e) {
      String why = printable(String.valueOf(e.getMessage()));
      throw new FoveaException(printable(path.toString()) + ": cannot be written: " + why, e);
    }
  }

  private static FoveaException error(String name, String what) {
    return new FoveaException(printable(name) + ": " + what);
  }

  /** One line, whatever a name or another's message holds. */
  static String printable(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    text.codePoints().forEach(c -> plain.appendCodePoint(isPrintable(c) ? c : '?'));
    return plain.toString();
  }

  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE ->
          false;
      default -> true;
    };
  }
}
