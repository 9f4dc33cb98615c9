package dev.fovea.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** Test images computed by formulas, and files of them as the JDK writes them. */
final class TestImages {
  private TestImages() {}

  /** Sample (37 x + 91 y + 53 c + 7 x y) mod 256. */
  static Image formula(int width, int height, int channels) {
    byte[] pixels = new byte[width * height * channels];
    for (int i = 0; i < pixels.length; i++) {
      int c = i % channels;
      int x = i / channels % width;
      int y = i / channels / width;
      pixels[i] = (byte) (x * 37 + y * 91 + c * 53 + x * y * 7);
    }
    return new Image(width, height, channels, pixels);
  }

  /** A smooth image that loses little as a JPEG; no rotation or reflection maps it to itself. */
  static Image smooth(int width, int height, int channels) {
    byte[] pixels = new byte[width * height * channels];
    for (int i = 0; i < pixels.length; i++) {
      int c = i % channels;
      double x = (double) (i / channels % width) / width;
      int row = i / channels / width;
      double y = (double) row / height;
      pixels[i] = (byte) (20 + 150 * x + 60 * y * y + 10 * c);
    }
    return new Image(width, height, channels, pixels);
  }

  /** A JPEG without chroma subsampling. */
  static byte[] jpegWithoutHalves(Image image) {
    return jpeg(image, root -> {
      Element luma = (Element) root.getElementsByTagName("componentSpec").item(0);
      luma.setAttribute("HsamplingFactor", "1");
      luma.setAttribute("VsamplingFactor", "1");
    });
  }

  /** A JPEG with a restart marker after every second unit. */
  static byte[] jpegWithRestarts(Image image) {
    return jpeg(image, root -> {
      Element interval = new IIOMetadataNode("dri");
      interval.setAttribute("interval", "2");
      Node sequence = root.getElementsByTagName("markerSequence").item(0);
      sequence.insertBefore(interval, sequence.getFirstChild());
    });
  }

  private static byte[] jpeg(Image image, Consumer<Element> change) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    BufferedImage buffered = image.toBufferedImage();
    IIOMetadata metadata = writer.getDefaultImageMetadata(new ImageTypeSpecifier(buffered), null);
    String format = metadata.getNativeMetadataFormatName();
    Element root = (Element) metadata.getAsTree(format);
    change.accept(root);
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      metadata.setFromTree(format, root);
      writer.setOutput(out);
      writer.write(null, new IIOImage(buffered, null, metadata), null);
    } catch (IOException e) {
      throw new AssertionError(e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  /** A file as the JDK writes it; {@code progressive} is interlaced for PNG and GIF. */
  static byte[] file(BufferedImage image, String format, boolean progressive) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      ImageWriteParam param = writer.getDefaultWriteParam();
      if (param.canWriteProgressive()) {
        param.setProgressiveMode(progressive ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
      }
      writer.write(null, new IIOImage(image, null, null), param);
    } catch (IOException e) {
      throw new AssertionError(e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  static byte[] file(Image image, String format, boolean progressive) {
    return file(image.toBufferedImage(), format, progressive);
  }

  /** A PNG with an additional chunk after its header. */
  static byte[] pngWith(byte[] png, String type, byte[] data) {
    int header = 33;
    ByteBuffer chunk = ByteBuffer.allocate(12 + data.length).putInt(data.length)
        .put(type.getBytes(StandardCharsets.ISO_8859_1)).put(data);
    CRC32 sum = new CRC32();
    sum.update(chunk.array(), 4, 4 + data.length);
    byte[] more = chunk.putInt((int) sum.getValue()).array();
    return ByteBuffer.allocate(png.length + more.length).put(png, 0, header).put(more).put(png, header, png.length - header)
        .array();
  }

  /** The largest difference of two samples; the sizes must be equal. */
  static int difference(Image a, Image b) {
    if (!a.toString().equals(b.toString())) {
      throw new AssertionError("sizes differ: " + a + " and " + b);
    }
    int maximum = 0;
    for (int i = 0; i < a.pixels().length; i++) {
      maximum = Math.max(maximum, Math.abs((a.pixels()[i] & 0xff) - (b.pixels()[i] & 0xff)));
    }
    return maximum;
  }

  static double meanDifference(Image a, Image b) {
    if (!a.toString().equals(b.toString())) {
      throw new AssertionError("sizes differ: " + a + " and " + b);
    }
    long sum = 0;
    for (int i = 0; i < a.pixels().length; i++) {
      sum += Math.abs((a.pixels()[i] & 0xff) - (b.pixels()[i] & 0xff));
    }
    return (double) sum / a.pixels().length;
  }
}
