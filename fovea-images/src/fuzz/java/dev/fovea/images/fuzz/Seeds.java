package dev.fovea.images.fuzz;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** The small files of the ordinary tests, and for TIFF smaller ones that the JDK writes. */
final class Seeds {
  private static final int MAX_BYTES = 8 << 10;
  private static final int WIDTH = 11;
  private static final int HEIGHT = 5;
  private static final List<String> BINARY = List.of("CCITT RLE", "CCITT T.4", "CCITT T.6");

  private Seeds() {}

  static List<byte[]> tests(String suffix) throws IOException {
    List<byte[]> files = new ArrayList<>();
    try (Stream<Path> all = Files.list(Path.of("src/test/resources/parity"))) {
      for (Path file : all.filter(each -> each.toString().endsWith(suffix)).sorted().toList()) {
        if (Files.size(file) <= MAX_BYTES) {
          files.add(Files.readAllBytes(file));
        }
      }
    }
    return files;
  }

  static List<byte[]> tiff() throws IOException {
    List<byte[]> files = new ArrayList<>(tests(".tif"));
    for (String compression : BINARY) {
      files.add(tiff(image(BufferedImage.TYPE_BYTE_BINARY), compression));
    }
    for (String compression : List.of("LZW", "JPEG", "ZLib", "Deflate", "PackBits")) {
      files.add(tiff(image(BufferedImage.TYPE_BYTE_GRAY), compression));
      files.add(tiff(image(BufferedImage.TYPE_3BYTE_BGR), compression));
    }
    return files;
  }

  private static BufferedImage image(int type) {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, type);
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
      image.setRGB(i % WIDTH, i / WIDTH, 0x1f3a57 * (i + 5));
    }
    return image;
  }

  /** The JDK's, whatever libraries have registered. */
  private static ImageWriter writer() {
    Iterator<ImageWriter> writers = ImageIO.getImageWritersByFormatName("tiff");
    ImageWriter writer = writers.next();
    while (!writer.getClass().getModule().equals(ImageIO.class.getModule())) {
      writer = writers.next();
    }
    return writer;
  }

  private static byte[] tiff(BufferedImage image, String compression) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageWriter writer = writer();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      param.setCompressionType(compression);
      writer.write(null, new IIOImage(image, null, null), param);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
