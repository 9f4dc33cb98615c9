package dev.fovea.image;

import dev.fovea.tensor.FoveaException;
import java.awt.image.BufferedImage;
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
 * Decodes by the JDK's own readers (ImageIO), and sees to what they leave out: the size is looked at before memory is taken,
 * missing data is an error also where they only warn, and whatever they throw becomes one line that names the file.
 */
final class Decoder {
  private final FileBytes file;
  private final ImageFormat format;

  /** A warning of lost data, or empty: the reader goes on behind the end of a file, and paints grey. */
  private String lost = "";

  /** How much of the image was read, in per cent. */
  private float done;

  Decoder(FileBytes file, ImageFormat format) {
    this.file = file;
    this.format = format;
  }

  /**
   * The image as stored.
   *
   * @param data the file, or what of it the reader is to see
   * @param beside bytes per pixel that the reader takes beside the image
   * @param samples takes what is wanted from what the reader made
   */
  Image decode(byte[] data, int beside, Function<BufferedImage, Image> samples) {
    ImageReader reader = reader();
    // A stream in memory: ImageIO's default would write a temporary file.
    try (MemoryCacheImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(data))) {
      reader.setInput(in, true, true);
      reader.addIIOReadWarningListener((_, warning) -> heed(warning));
      reader.addIIOReadProgressListener(new Progress());
      checkSize(reader, beside);
      Image image = samples.apply(reader.read(0));
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

  /** The JDK's own reader, also where the application has registered another. */
  private ImageReader reader() {
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format.name());
    while (readers.hasNext()) {
      ImageReader reader = readers.next();
      if (reader.getClass().getModule().equals(ImageIO.class.getModule())) {
        return reader;
      }
      reader.dispose();
    }
    throw file.error("this JDK has no " + format + " reader; run with a whole JDK, module java.desktop included");
  }

  private void checkSize(ImageReader reader, int beside) throws IOException {
    int width = reader.getWidth(0);
    int height = reader.getHeight(0);
    file.checkSize(width, height);
    if ((long) width * height / format.mostPixelsPerByte > file.size()) {
      throw file.error("cut short: " + width + "x" + height + " pixels are not in a file of " + file.size()
          + " bytes; fetch it again");
    }
    int stored = (reader.getImageTypes(0).next().getColorModel().getPixelSize() + 7) / 8;
    file.checkMemory(width, height, stored + 3 + beside);
  }

  private void heed(String warning) {
    String text = warning.toLowerCase(Locale.ROOT);
    boolean isLoss = text.contains("premature") || text.contains("truncated") || text.contains("huffman")
        || text.contains("missing eoi") || text.contains("out-of-sequence") || text.contains("0xd9 instead of rst");
    if (isLoss && lost.isEmpty()) {
      lost = ImageFile.printable(warning);
    }
  }

  private void checkComplete() {
    if (!lost.isEmpty()) {
      throw file.error("cut short or damaged " + format + ": its data ends before the image does (" + lost
          + "); fetch it again");
    }
    // The GIF reader takes an early end of the codes for the end of the image.
    if (format == ImageFormat.GIF && done < 100) {
      throw file.error("cut short or damaged GIF: its data ends before its last row; fetch it again");
    }
  }

  private FoveaException failure(Exception e) {
    if (!lost.isEmpty()) {
      checkComplete();
    }
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return switch (cause) {
      case OutOfMemoryError _ -> file.noMemory(e);
      case EOFException _ -> file.endsEarly();
      default -> file.error("cannot be decoded as " + format + " (" + ImageFile.printable(cause.toString())
          + "); fetch it again, or save it anew", e);
    };
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
