package dev.fovea.image;

import dev.fovea.tensor.FoveaException;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import java.util.function.Function;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadProgressListener;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes with the JDK's own readers (ImageIO) and adds checks that they lack: the size is checked before memory is allocated,
 * missing data is an error even if they only warn, and every exception becomes a one-line message with the file's name.
 */
final class Decoder {
  private final FileBytes file;
  private final ImageFormat format;

  /** A warning of lost data, or empty: readers continue past the end of a file and fill with grey. */
  private String lost = "";

  /** The part of the image that was read, in per cent. */
  private float done;

  @FunctionalInterface
  private interface Read {
    Image from(ImageReader reader) throws IOException;
  }

  Decoder(FileBytes file, ImageFormat format) {
    this.file = file;
    this.format = format;
  }

  /**
   * The image as stored.
   *
   * @param data the file, or the part of it that the reader should see
   * @param extra bytes per pixel that the reader allocates in addition to the image
   * @param samples converts the reader's image
   */
  Image decode(byte[] data, int extra, Function<BufferedImage, Image> samples) {
    return read(data, extra, reader -> samples.apply(reader.read(0)));
  }

  /** As {@link #decode}, from samples whose colours the reader does not know. */
  Image decodeRaster(byte[] data, int extra, Function<Raster, Image> samples) {
    return read(data, extra, reader -> samples.apply(reader.readRaster(0, null)));
  }

  private Image read(byte[] data, int extra, Read read) {
    ImageReader reader = reader();
    // A stream in memory: ImageIO's default would write a temporary file.
    try (MemoryCacheImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(data))) {
      reader.setInput(in, true, true);
      reader.addIIOReadWarningListener((_, warning) -> onWarning(warning));
      reader.addIIOReadProgressListener(new Progress());
      checkSize(reader, extra);
      Image image = read.from(reader);
      checkComplete();
      return image;
    } catch (FoveaException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw failure(e);
    } finally {
      reader.dispose();
    }
  }

  /** The JDK's own reader, even if the application has registered another. */
  private ImageReader reader() {
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format.name());
    while (readers.hasNext()) {
      ImageReader reader = readers.next();
      if (reader.getClass().getModule().equals(ImageIO.class.getModule())) {
        return reader;
      }
      reader.dispose();
    }
    throw file.error("this JDK has no " + format + " reader; run with a full JDK that includes the module java.desktop");
  }

  private void checkSize(ImageReader reader, int extra) throws IOException {
    int width = reader.getWidth(0);
    int height = reader.getHeight(0);
    file.checkSize(width, height);
    file.checkLength(width, height, format.maxPixelsPerByte);
    int stored = (reader.getImageTypes(0).next().getColorModel().getPixelSize() + 7) / 8;
    file.checkMemory(width, height, stored + 3 + extra);
  }

  private void onWarning(String warning) {
    String text = warning.toLowerCase(Locale.ROOT);
    boolean isLoss = text.contains("premature") || text.contains("truncated") || text.contains("huffman")
        || text.contains("missing eoi") || text.contains("out-of-sequence") || text.contains("0xd9 instead of rst");
    if (isLoss && lost.isEmpty()) {
      lost = ImageFile.printable(warning);
    }
  }

  private void checkComplete() {
    if (!lost.isEmpty()) {
      throw file.error("truncated or damaged " + format + ": its data ends before the image does (" + lost
          + "); download it again");
    }
    // The GIF reader treats an early end of the codes as the end of the image.
    if (format == ImageFormat.GIF && done < 100) {
      throw file.error("truncated or damaged GIF: its data ends before its last row; download it again");
    }
  }

  private FoveaException failure(Exception e) {
    if (!lost.isEmpty()) {
      checkComplete();
    }
    return failure(file, format.name(), e);
  }

  /** Any failure of a reader or decoder, in one line. */
  static FoveaException failure(FileBytes file, String format, Exception e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return switch (cause) {
      case OutOfMemoryError _ -> file.noMemory(e);
      case EOFException _ -> file.endsEarly();
      default -> file.error("cannot be decoded as " + format + " (" + ImageFile.printable(reason(cause))
          + "); download it again, or save it again", e);
    };
  }

  /** A decoder of ours says what is wrong; a library's exception has more in its name. */
  private static String reason(Throwable cause) {
    return cause.getClass().equals(IOException.class) ? String.valueOf(cause.getMessage()) : cause.toString();
  }

  private final class Progress implements IIOReadProgressListener {
    @Override
    public void imageProgress(ImageReader source, float percentage) {
      done = percentage;
    }

    @Override
    public void sequenceStarted(ImageReader source, int minIndex) {}

    @Override
    public void sequenceComplete(ImageReader source) {}

    @Override
    public void imageStarted(ImageReader source, int imageIndex) {}

    @Override
    public void imageComplete(ImageReader source) {}

    @Override
    public void thumbnailStarted(ImageReader source, int imageIndex, int thumbnailIndex) {}

    @Override
    public void thumbnailProgress(ImageReader source, float percentage) {}

    @Override
    public void thumbnailComplete(ImageReader source) {}

    @Override
    public void readAborted(ImageReader source) {}
  }
}
