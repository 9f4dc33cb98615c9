package dev.fovea.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/**
 * Between {@link Image} and the JDK's pictures. Samples are read from the raster: {@code getRGB} would pass greys through a
 * colour space conversion that shifts them by up to 73 levels.
 */
final class Rasters {
  private Rasters() {}

  static Image image(BufferedImage image) {
    ColorModel model = image.getColorModel();
    ImageFile.samples(image.getWidth(), image.getHeight(), 3);
    if (model instanceof IndexColorModel colours && colours.getMapSize() <= 256) {
      return indexed(image.getRaster(), colours);
    }
    boolean plain = !model.isAlphaPremultiplied() && isUnsigned(image.getRaster().getTransferType());
    int space = model.getColorSpace().getType();
    if (plain && space == ColorSpace.TYPE_GRAY && fits(model, 1)) {
      return samples(image.getRaster(), model, 1);
    }
    if (plain && space == ColorSpace.TYPE_RGB && fits(model, 3)) {
      return samples(image.getRaster(), model, 3);
    }
    return converted(image);
  }

  private static boolean isUnsigned(int type) {
    return type == DataBuffer.TYPE_BYTE || type == DataBuffer.TYPE_USHORT || type == DataBuffer.TYPE_INT;
  }

  private static boolean fits(ColorModel model, int colours) {
    if (model.getNumColorComponents() != colours) {
      return false;
    }
    for (int c = 0; c < colours; c++) {
      if (model.getComponentSize(c) > 16) {
        return false;
      }
    }
    return true;
  }

  private static Image indexed(Raster raster, IndexColorModel colours) {
    Palette palette = new Palette();
    for (int i = 0; i < colours.getMapSize(); i++) {
      palette.set(i, colours.getRed(i), colours.getGreen(i), colours.getBlue(i));
    }
    int width = raster.getWidth();
    byte[] indices = new byte[width * raster.getHeight()];
    int[] row = new int[width];
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, 0, row);
      for (int x = 0; x < width; x++) {
        indices[y * width + x] = (byte) row[x];
      }
    }
    return palette.image(width, raster.getHeight(), indices);
  }

  private static Image samples(Raster raster, ColorModel model, int channels) {
    int width = raster.getWidth();
    byte[] pixels = new byte[width * raster.getHeight() * channels];
    int[] row = new int[width];
    for (int y = 0; y < raster.getHeight(); y++) {
      for (int c = 0; c < channels; c++) {
        raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, c, row);
        int bits = model.getComponentSize(c);
        for (int x = 0; x < width; x++) {
          pixels[(y * width + x) * channels + c] = (byte) eight(row[x], bits);
        }
      }
    }
    return new Image(width, raster.getHeight(), channels, pixels);
  }

  /** A sample of 1 to 16 bits as one of 8. */
  static int eight(int value, int bits) {
    return bits >= 8 ? value >> (bits - 8) : value * 255 / ((1 << bits) - 1);
  }

  private static Image converted(BufferedImage image) {
    int width = image.getWidth();
    byte[] pixels = new byte[width * image.getHeight() * 3];
    int[] row = new int[width];
    for (int y = 0, to = 0; y < image.getHeight(); y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int pixel : row) {
        pixels[to++] = (byte) (pixel >> 16);
        pixels[to++] = (byte) (pixel >> 8);
        pixels[to++] = (byte) pixel;
      }
    }
    return new Image(width, image.getHeight(), 3, pixels);
  }

  /** As {@link #image}, but may take the picture's own array; nobody else may use the picture afterwards. */
  static Image adopt(BufferedImage image) {
    int channels = switch (image.getType()) {
      case BufferedImage.TYPE_BYTE_GRAY -> 1;
      case BufferedImage.TYPE_3BYTE_BGR -> 3;
      default -> 0;
    };
    int samples = image.getWidth() * image.getHeight() * channels;
    if (channels == 0
        || !(image.getRaster().getDataBuffer() instanceof DataBufferByte buffer)
        || buffer.getOffset() != 0
        || buffer.getData().length != samples) {
      return image(image);
    }
    byte[] pixels = buffer.getData();
    if (channels == 3) {
      swapRedAndBlue(pixels);
    }
    return new Image(image.getWidth(), image.getHeight(), channels, pixels);
  }

  static BufferedImage buffered(Image image) {
    BufferedImage to =
        new BufferedImage(
            image.width(),
            image.height(),
            image.channels() == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR);
    to.getRaster().setDataElements(0, 0, image.width(), image.height(), image.pixels());
    return to;
  }

  private static void swapRedAndBlue(byte[] pixels) {
    for (int i = 0; i < pixels.length; i += 3) {
      byte first = pixels[i];
      pixels[i] = pixels[i + 2];
      pixels[i + 2] = first;
    }
  }
}
