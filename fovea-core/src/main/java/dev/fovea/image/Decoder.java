package dev.fovea.image;

import dev.fovea.tensor.FoveaException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.event.IIOReadProgressListener;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Decodes by the JDK's own readers (ImageIO), and sees to what they leave out: a picture's size is looked at before memory is
 * taken, missing data is an error even where they only warn, and whatever they throw becomes one line that names the file.
 */
final class Decoder {
  private final FileBytes file;
  private final ImageFormat format;

  /** What the reader said of lost data; it goes on behind the end of a file, and paints grey. */
  private String damage = "";

  /** How much of the picture the reader has told, in per cent. */
  private float done;

  private Decoder(FileBytes file, ImageFormat format) {
    this.file = file;
    this.format = format;
  }

  /**
   * The picture as stored.
   *
   * @param data what is decoded: the file, or what a guard left of it
   * @param beside bytes per pixel that the reader takes beside the picture
   */
  static Image decode(FileBytes file, ImageFormat format, byte[] data, int beside) {
    return new Decoder(file, format).decode(data, beside);
  }

  private Image decode(byte[] data, int beside) {
    ImageReader reader = jdk(ImageIO.getImageReadersByFormatName(format.name()));
    // Streams in memory: ImageIO's default would write a temporary file.
    try (MemoryCacheImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(data))) {
      reader.setInput(in, true, true);
      reader.addIIOReadWarningListener((_, warning) -> warned(warning));
      reader.addIIOReadProgressListener(new Progress());
      checkSize(reader, beside);
      BufferedImage image = reader.read(0);
      checkComplete();
      return Rasters.adopt(image);
    } catch (FoveaException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      checkComplete(e);
      throw failure(e);
    } finally {
      reader.dispose();
    }
  }
}
