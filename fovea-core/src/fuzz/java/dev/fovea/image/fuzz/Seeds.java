package dev.fovea.image.fuzz;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Small images as the JDK writes them: grey, RGB, with alpha or a palette, interlaced, CMYK, with an orientation. */
final class Seeds {
  private static final int WIDTH = 11;
  private static final int HEIGHT = 5;

  private Seeds() {}

  static List<byte[]> of(Reader reader) throws IOException {
    List<byte[]> files = new ArrayList<>();
    for (BufferedImage image : images(reader)) {
      for (boolean progressive : new boolean[] {false, true}) {
        files.add(file(new IIOImage(image, null, null), reader, progressive));
      }
    }
    if (reader == Reader.JPEG) {
      byte[] cmyk = file(new IIOImage(cmyk(), null, null), reader, false);
      files.add(cmyk);
      files.add(with(cmyk, 0xee, "Adobe\0d\0\0\0\0\0"));
      files.add(with(cmyk, 0xee, "Adobe\0d\0\0\0\0\2"));
      files.add(with(files.getFirst(), 0xe1, "Exif\0\0MM\0*\0\0\0\10\0\1\1\22\0\3\0\0\0\1\0\6\0\0\0\0\0\0"));
    }
    return files;
  }

  private static List<BufferedImage> images(Reader reader) {
    byte[] levels = {0, 90, (byte) 160, (byte) 255};
    List<BufferedImage> images = new ArrayList<>(List.of(new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY),
        new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_3BYTE_BGR)));
    if (reader != Reader.JPEG) {
      images.add(new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_BINARY));
    }
    if (reader == Reader.PNG || reader == Reader.GIF) {
      images.add(
          new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_INDEXED, new IndexColorModel(2, 4, levels, levels, levels)));
    }
    if (reader == Reader.PNG) {
      images.add(new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_4BYTE_ABGR));
      images.add(new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_USHORT_GRAY));
      images.add(new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_INDEXED,
          new IndexColorModel(2, 4, levels, levels, levels, levels)));
    }
    for (BufferedImage image : images) {
      for (int i = 0; i < WIDTH * HEIGHT; i++) {
        image.setRGB(i % WIDTH, i / WIDTH, 0x1f3a57 * (i + 5));
      }
    }
    return images;
  }

  private static WritableRaster cmyk() {
    WritableRaster raster = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, WIDTH, HEIGHT, 4, null);
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
      raster.setPixel(i % WIDTH, i / WIDTH, new int[] {3 * i, 200 - i, i, 255 - 2 * i});
    }
    return raster;
  }

  private static byte[] file(IIOImage image, Reader reader, boolean progressive) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName(reader.name()).next();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      ImageWriteParam param = writer.getDefaultWriteParam();
      if (param.canWriteProgressive()) {
        param.setProgressiveMode(progressive ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
      }
      writer.write(null, image, param);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  /** A JPEG with a further segment at its start. */
  private static byte[] with(byte[] jpeg, int marker, String content) {
    byte[] data = content.getBytes(StandardCharsets.ISO_8859_1);
    return ByteBuffer.allocate(jpeg.length + 4 + data.length).put(jpeg, 0, 2).put((byte) 0xff).put((byte) marker)
        .putShort((short) (2 + data.length)).put(data).put(jpeg, 2, jpeg.length - 2).array();
  }
}
