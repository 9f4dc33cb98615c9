package dev.fovea.image;

import dev.fovea.tensor.FoveaException;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import java.util.function.Function;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Reads image files, with the checks of their format, and writes PNG files. */
final class ImageFile {
  private static final long MAX_FILE_BYTES = 1L << 29;

  private ImageFile() {}

  static Image read(Path path) {
    return read(path, ImageFile::read);
  }

  /** The stored values of a grey PNG or the indices of one with a palette, as a grey image. */
  static Image readLabels(Path path) {
    return read(path, ImageFile::labels);
  }

  static int orientation(Path path) {
    return read(path, (file, name) -> decode(file, name).orientation());
  }

  private static <T> T read(Path path, BiFunction<byte[], String, T> decode) {
    String name = path.toString();
    try {
      BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class);
      if (file.isDirectory()) {
        throw error(name, "is a folder, not an image; give a file in it");
      }
      if (!file.isRegularFile()) {
        throw error(name, "is not a regular file");
      }
      if (file.size() > Math.min(MAX_FILE_BYTES, Runtime.getRuntime().maxMemory() / 2)) {
        throw error(name, "a file of " + file.size() + " bytes is too large for an image; scale it down first");
      }
      DecodeEvent event = new DecodeEvent();
      event.begin();
      T decoded = decode.apply(Files.readAllBytes(path), name);
      if (event.shouldCommit()) {
        event.file = name;
        event.bytes = file.size();
        event.commit();
      }
      return decoded;
    } catch (NoSuchFileException e) {
      throw new FoveaException(printable(name) + ": no such file", e);
    } catch (AccessDeniedException e) {
      throw new FoveaException(printable(name) + ": permission denied; check its permissions", e);
    } catch (IOException e) {
      throw new FoveaException(printable(name) + ": cannot be read: " + printable(String.valueOf(e.getMessage())), e);
    } catch (OutOfMemoryError e) {
      throw new FoveaException(printable(name) + ": not enough memory to read it; give the JVM more memory with -Xmx", e);
    }
  }

  static Image read(byte[] file, String name) {
    return Orientation.upright(decode(file, name));
  }

  private static Image labels(byte[] file, String name) {
    FileBytes bytes = new FileBytes(printable(name), file);
    try {
      if (ImageFormat.of(bytes) != ImageFormat.PNG) {
        throw bytes.error("expected a PNG of class indices, grey or with a palette, got " + ImageFormat.of(bytes)
            + "; other formats do not preserve the indices");
      }
      return Orientation
          .upright(
              png(bytes, new PngChunks(bytes), image -> BufferedImages.labels(image).orElseThrow(() -> noLabels(bytes, image))));
    } catch (OutOfMemoryError e) {
      throw bytes.noMemory(e);
    }
  }

  private static FoveaException noLabels(FileBytes file, BufferedImage image) {
    ColorModel model = image.getColorModel();
    String got = model.getNumComponents() == 2 && model.getComponentSize(0) <= 8
        ? "grey with transparent pixels; save it without alpha, with 255 for pixels without a class"
        : model.getNumComponents() + " channels of " + model.getComponentSize(0)
            + " bits; save the class indices, not the colours";
    return file.error("expected a PNG of class indices, grey of 8 bits or with a palette, got " + got);
  }

  /** An image as stored, and its EXIF orientation, 1 to 8. */
  record Stored(Image image, int orientation) {}

  static Stored decode(byte[] file, String name) {
    FileBytes bytes = new FileBytes(printable(name), file);
    try {
      Optional<ImageDecoder> decoder =
          ImageFormat.find(bytes).isPresent() ? Optional.empty() : ImageDecoders.of(ImageFormat.other(bytes));
      return decoder.isPresent() ? decode(bytes, decoder.get()) : decodeOwn(bytes);
    } catch (OutOfMemoryError e) {
      throw bytes.noMemory(e);
    }
  }

  private static Stored decodeOwn(FileBytes bytes) {
    return switch (ImageFormat.of(bytes)) {
      case PNG -> {
        PngChunks chunks = new PngChunks(bytes);
        yield png(bytes, chunks, image -> BufferedImages.image(image, chunks.transparent()));
      }
      case JPEG -> new JpegSegments(bytes).decode();
      case GIF -> upright(new Decoder(bytes, ImageFormat.GIF).decode(bytes.data(), 0, BufferedImages::image));
      case BMP -> {
        BmpHeader.check(bytes);
        yield upright(new Decoder(bytes, ImageFormat.BMP).decode(bytes.data(), 0, BufferedImages::imageOfBmp));
      }
    };
  }

  /** An image of another format, with the same checks. */
  static Stored decode(FileBytes file, ImageDecoder decoder) {
    ImageDecoder.Header header = named(file, decoder, () -> decoder.header(file.data()));
    file.checkSize(header.width(), header.height());
    file.checkLength(header.width(), header.height(), header.maxPixelsPerByte());
    file.checkMemory(header.width(), header.height(), header.bytesPerPixel() + 3);
    BufferedImage image = named(file, decoder, () -> decoder.decode(file.data()));
    return new Stored(BufferedImages.image(image), Orientation.exif(file.data(), header.exifFrom(), header.exifTo()));
  }

  /** What the decoder returns; its failures with the file's name. */
  private static <T> T named(FileBytes file, ImageDecoder decoder, Callable<T> call) {
    try {
      return call.call();
    } catch (FoveaException e) {
      throw file.error(printable(String.valueOf(e.getMessage())), e);
    } catch (Exception e) {
      throw Decoder.failure(file, decoder.format(), e);
    }
  }

  private static Stored png(FileBytes file, PngChunks chunks, Function<BufferedImage, Image> samples) {
    return new Stored(new Decoder(file, ImageFormat.PNG).decode(chunks.kept(), 0, samples), chunks.orientation());
  }

  private static Stored upright(Image image) {
    return new Stored(image, Orientation.UPRIGHT);
  }

  static byte[] png(Image image) {
    return png(image.toBufferedImage());
  }

  static byte[] png(BufferedImage image) {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    // Not ImageIO.write, which would use a temporary file.
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(file)) {
      writer.setOutput(out);
      writer.write(image);
    } catch (IOException e) {
      throw new UncheckedIOException("a stream in memory failed", e);
    } finally {
      writer.dispose();
    }
    return file.toByteArray();
  }

  /** The number of samples of an image to be created, as an array length. */
  static int samples(long width, long height, int channels) {
    if (width < 1 || height < 1) {
      throw new FoveaException("an image is at least 1x1, got " + width + "x" + height);
    }
    if (width > Integer.MAX_VALUE || height > (Integer.MAX_VALUE - 8) / channels / width) {
      throw new FoveaException("an image of " + width + "x" + height + "x" + channels + " has more than 2^31 samples");
    }
    return (int) (width * height * channels);
  }

  private static FoveaException error(String name, String what) {
    return new FoveaException(printable(name) + ": " + what);
  }

  /** Replaces line breaks and control characters, so that names and foreign messages fit on one line. */
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
