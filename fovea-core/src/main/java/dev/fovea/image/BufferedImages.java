package dev.fovea.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.util.Arrays;
import java.util.Optional;

/**
 * Converts between {@link Image} and the JDK's images. Samples are read from the raster: {@code getRGB} would convert greys between
 * colour spaces, which shifts them by up to 73 levels.
 */
final class BufferedImages {
  private BufferedImages() {}

  static Image image(BufferedImage image) {
    Image samples = samples(image);
    return image.getColorModel().hasAlpha() ? Background.composite(samples, opacity(image)) : samples;
  }

  /** As {@link #image(BufferedImage)}; if {@code transparent} is not empty, pixels with these stored samples are transparent. */
  static Image image(BufferedImage image, int[] transparent) {
    return transparent.length == 0
        ? image(image)
        : Background.composite(samples(image), (y, row) -> colourKeyed(image.getRaster(), transparent, y, row));
  }

  /**
   * As {@link #image(BufferedImage)}; if every pixel's alpha is 0, alpha is ignored, since many programs that write BMP leave it
   * unused.
   */
  static Image imageOfBmp(BufferedImage image) {
    return image.getColorModel().hasAlpha() && isAll(image, 0) ? samples(image) : image(image);
  }

  private static boolean isAll(BufferedImage image, int alpha) {
    Background.Opacity opacity = opacity(image);
    int[] row = new int[image.getWidth()];
    for (int y = 0; y < image.getHeight(); y++) {
      opacity.row(y, row);
      if (Arrays.stream(row).anyMatch(a -> a != alpha)) {
        return false;
      }
    }
    return true;
  }

  /** The stored samples, as if each pixel were opaque. */
  static Image samples(BufferedImage image) {
    ColorModel model = image.getColorModel();
    Raster raster = image.getRaster();
    ImageFile.samples(image.getWidth(), image.getHeight(), 3);
    if (image.getType() == BufferedImage.TYPE_BYTE_GRAY || image.getType() == BufferedImage.TYPE_3BYTE_BGR) {
      Object pixels = raster.getDataElements(raster.getMinX(), raster.getMinY(), image.getWidth(), image.getHeight(), null);
      return new Image(image.getWidth(), image.getHeight(), raster.getNumBands(), (byte[]) pixels);
    }
    if (model instanceof IndexColorModel colours) {
      return mapped(raster, palette(colours), true);
    }
    if (model.getColorSpace().getType() == ColorSpace.TYPE_CMYK && raster.getNumBands() == Cmyk.BANDS) {
      return Cmyk.image(raster);
    }
    int channels = plainChannels(model);
    return channels > 0 ? mapped(raster, scaleTables(model, channels), false) : converted(image);
  }

  private static Background.Opacity opacity(BufferedImage image) {
    ColorModel model = image.getColorModel();
    Raster raster = image.getRaster();
    if (model instanceof IndexColorModel colours) {
      byte[] table = new byte[1 << colours.getPixelSize()];
      Arrays.fill(table, (byte) 255);
      colours.getAlphas(table);
      return (y, row) -> lookedUp(raster, 0, table, y, row);
    }
    int channels = plainChannels(model);
    if (channels > 0 && model.getComponentSize(channels) <= 16) {
      byte[] table = scaleTable(model.getComponentSize(channels));
      return (y, row) -> lookedUp(raster, channels, table, y, row);
    }
    return (y, row) -> {
      image.getRGB(0, y, row.length, 1, row, 0, row.length);
      Arrays.setAll(row, x -> row[x] >>> 24);
    };
  }

  private static void lookedUp(Raster raster, int band, byte[] table, int y, int[] row) {
    raster.getSamples(raster.getMinX(), raster.getMinY() + y, row.length, 1, band, row);
    Arrays.setAll(row, x -> table[row[x]] & 0xff);
  }

  private static void colourKeyed(Raster raster, int[] transparent, int y, int[] row) {
    int[] stored = raster.getPixels(raster.getMinX(), raster.getMinY() + y, row.length, 1, (int[]) null);
    for (int x = 0; x < row.length; x++) {
      int from = x * transparent.length;
      row[x] = Arrays.equals(stored, from, from + transparent.length, transparent, 0, transparent.length) ? 0 : 255;
    }
  }

  /**
   * The stored values of an image with one value of 8 bits or fewer per pixel, such as a palette index; empty for other images.
   * Alpha is ignored if all pixels are opaque; a palette's alpha and a transparent colour are always ignored.
   */
  static Optional<Image> labels(BufferedImage image) {
    Raster raster = image.getRaster();
    boolean isGrey = raster.getNumBands() == 1 || (raster.getNumBands() == 2 && isAll(image, 255));
    if (!isGrey || raster.getSampleModel().getSampleSize(0) > 8) {
      return Optional.empty();
    }
    int width = image.getWidth();
    byte[] labels = new byte[ImageFile.samples(width, image.getHeight(), 1)];
    int[] row = new int[width];
    for (int y = 0; y < image.getHeight(); y++) {
      raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, 0, row);
      for (int x = 0; x < width; x++) {
        labels[y * width + x] = (byte) row[x];
      }
    }
    return Optional.of(new Image(width, image.getHeight(), 1, labels));
  }

  /** The number of channels if each sample is one value of 1 to 16 bits of its own channel; otherwise 0. */
  private static int plainChannels(ColorModel model) {
    int space = model.getColorSpace().getType();
    int channels = space == ColorSpace.TYPE_GRAY ? 1 : space == ColorSpace.TYPE_RGB ? 3 : 0;
    int type = model.getTransferType();
    boolean plain = type == DataBuffer.TYPE_BYTE || type == DataBuffer.TYPE_USHORT || type == DataBuffer.TYPE_INT;
    plain &= !model.isAlphaPremultiplied() && model.getNumColorComponents() == channels;
    for (int c = 0; plain && c < channels; c++) {
      plain = model.getComponentSize(c) >= 1 && model.getComponentSize(c) <= 16;
    }
    return plain ? channels : 0;
  }

  /** Per channel the table from stored values to 8 bits; values beyond the palette are black. */
  private static byte[][] palette(IndexColorModel colours) {
    byte[][] tables = new byte[3][1 << colours.getPixelSize()];
    boolean grey = true;
    for (int i = 0; i < colours.getMapSize(); i++) {
      tables[0][i] = (byte) colours.getRed(i);
      tables[1][i] = (byte) colours.getGreen(i);
      tables[2][i] = (byte) colours.getBlue(i);
      grey &= tables[0][i] == tables[1][i] && tables[0][i] == tables[2][i];
    }
    return grey ? new byte[][] {tables[0]} : tables;
  }

  private static byte[][] scaleTables(ColorModel model, int channels) {
    byte[][] tables = new byte[channels][];
    for (int c = 0; c < channels; c++) {
      tables[c] = scaleTable(model.getComponentSize(c));
    }
    return tables;
  }

  private static byte[] scaleTable(int bits) {
    byte[] table = new byte[1 << bits];
    for (int i = 0; i < table.length; i++) {
      table[i] = (byte) (bits >= 8 ? i >> (bits - 8) : i * 255 / (table.length - 1));
    }
    return table;
  }

  private static Image mapped(Raster raster, byte[][] tables, boolean oneBand) {
    int width = raster.getWidth();
    int channels = tables.length;
    byte[] pixels = new byte[width * raster.getHeight() * channels];
    int[] row = new int[width];
    for (int y = 0; y < raster.getHeight(); y++) {
      for (int c = 0; c < channels; c++) {
        raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, oneBand ? 0 : c, row);
        for (int x = 0; x < width; x++) {
          pixels[(y * width + x) * channels + c] = tables[c][row[x]];
        }
      }
    }
    return new Image(width, raster.getHeight(), channels, pixels);
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

  static BufferedImage buffered(Image image) {
    int type = image.channels() == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR;
    BufferedImage to = new BufferedImage(image.width(), image.height(), type);
    to.getRaster().setDataElements(0, 0, image.width(), image.height(), image.pixels());
    return to;
  }
}
