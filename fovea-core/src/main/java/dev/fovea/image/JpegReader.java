package dev.fovea.image;

import dev.fovea.tensor.FoveaException;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * JPEG (ITU-T T.81), decoded by the JDK. It is handed only what a picture needs: colour profiles, EXIF and comments, on which its
 * reader may stumble or which would shift colours, are left out, and the colour space is spelled out in an Adobe marker.
 */
final class JpegReader {
  private static final int SOF0 = 0xc0;
  private static final int SOF2 = 0xc2;
  private static final int DHT = 0xc4;
  private static final int SOF15 = 0xcf;
  private static final int RST0 = 0xd0;
  private static final int SOI = 0xd8;
  private static final int EOI = 0xd9;
  private static final int SOS = 0xda;
  private static final int APP0 = 0xe0;
  private static final int APP1 = 0xe1;
  private static final int APP14 = 0xee;
  private static final int APP15 = 0xef;
  private static final int COM = 0xfe;

  /** Each scan of a progressive picture visits every pixel: a file with thousands would take hours. */
  private static final long MOST_VISITS = 4_000_000_000L;

  private final FileBytes file;
  private final ByteArrayOutputStream tables = new ByteArrayOutputStream();
  private int width;
  private int height;
  private int components;
  private boolean progressive;
  private boolean namedRgb;
  private boolean jfif;

  /** The Adobe marker's transform: 0 none, 1 YCbCr, 2 YCCK; -1 without a marker. */
  private int transform = -1;

  private int exif = Orientation.NONE;
  private int xmp = Orientation.NONE;

  JpegReader(FileBytes file) {
    this.file = file;
  }

  ImageFile.Stored read() {
    int scan = header();
    checkScans(scan);
    Image image = decode(clean(scan));
    return new ImageFile.Stored(image, exif != Orientation.NONE ? exif : xmp);
  }

  /** Walks the markers up to the first scan, and returns where that begins. */
  private int header() {
    int at = 2;
    while (true) {
      while (file.u8(at) != 0xff || isFiller(file.u8(at + 1))) {
        at++;
      }
      int marker = file.u8(at + 1);
      if (marker == SOS) {
        break;
      }
      if (marker == EOI) {
        throw file.error("damaged JPEG: it ends without a picture");
      }
      if (marker == 1 || (marker >= RST0 && marker <= SOI)) {
        at += 2;
        continue;
      }
      int length = file.u16be(at + 2);
      if (length < 2) {
        throw file.error("damaged JPEG: a segment of " + length + " bytes at byte " + at + "; fetch it again");
      }
      if (!file.has(at, 2L + length)) {
        throw file.endsEarly();
      }
      segment(marker, at, length);
      at += 2 + length;
    }
    if (components == 0) {
      throw file.error("damaged JPEG: its size (SOF) is missing before its data");
    }
    return at;
  }

  private static boolean isFiller(int marker) {
    return marker == 0 || marker == 0xff;
  }

  private void segment(int marker, int at, int length) {
    int from = at + 4;
    int to = at + 2 + length;
    if (marker == APP0 && file.holds(from, "JFIF\0")) {
      jfif = true;
    } else if (marker == APP1 && file.holds(from, "Exif\0\0") && length >= 8) {
      exif = exif != Orientation.NONE ? exif : Orientation.exif(file.data(), from + 6, to);
    } else if (marker == APP1 && file.holds(from, "http://ns.adobe.com/xap/1.0/\0")) {
      xmp = xmp != Orientation.NONE ? xmp : Orientation.xmp(file.data(), from, to);
    } else if (marker == APP14 && length >= 14 && file.holds(from, "Adobe")) {
      transform = file.u8(from + 11);
    }
    if ((marker >= APP0 && marker <= APP15) || marker == COM) {
      return;
    }
    if (marker >= SOF0 && marker <= SOF15 && marker != DHT && marker != 0xc8 && marker != 0xcc) {
      frame(marker, from, length - 2);
    }
    tables.write(file.data(), at, 2 + length);
  }

  private void frame(int marker, int at, int length) {
    if (components != 0) {
      throw file.error("damaged JPEG: it gives its size (SOF) twice");
    }
    if (marker > SOF2) {
      throw file.error("format not supported: lossless or arithmetic-coded JPEG (SOF" + (marker - SOF0) + "); save it as PNG");
    }
    int precision = file.u8(at);
    if (precision != 8) {
      throw file.error("format not supported: JPEG of " + precision + " bits; save it as 8-bit JPEG or PNG");
    }
    int count = file.u8(at + 5);
    if (count != 1 && count != 3 && count != 4) {
      throw file.error("format not supported: JPEG of " + count + " components; save it as PNG");
    }
    if (length != 6 + 3 * count) {
      throw file.error("damaged JPEG: its size (SOF) is cut short; fetch it again");
    }
    progressive = marker == SOF2;
    height = file.u16be(at + 1);
    width = file.u16be(at + 3);
    // Beside the picture the JDK keeps the coefficients of a progressive one, two bytes each.
    file.checkSize(width, height, (count == 4 ? 7 : count) + (progressive ? 2 * count : 0));
    components = count;
    namedRgb = count == 3 && file.u8(at + 6) == 'R' && file.u8(at + 9) == 'G' && file.u8(at + 12) == 'B';
  }

  private void checkScans(int from) {
    // A block of 64 pixels takes a bit or more.
    if ((long) width * height / 2048 > file.size()) {
      throw file.endsEarly();
    }
    long scans = 0;
    byte[] data = file.data();
    for (int i = from; i < data.length - 1; i++) {
      if (data[i] == (byte) 0xff && data[i + 1] == (byte) SOS) {
        scans++;
      } else if (data[i] == (byte) 0xff && data[i + 1] == (byte) EOI) {
        break;
      }
    }
    if (progressive && scans * width * height > MOST_VISITS) {
      throw file.error(scans + " scans of " + width + "x" + height + " pixels would take too long; save it anew");
    }
  }

  /** The file without what is of no use here, its colour space said once. */
  private byte[] clean(int scan) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(tables.size() + file.size() - scan + 32);
    out.write(0xff);
    out.write(SOI);
    if (components > 1) {
      out.writeBytes(new byte[] {(byte) 0xff, (byte) APP14, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, colourSpace()});
    }
    out.writeBytes(tables.toByteArray());
    out.write(file.data(), scan, file.size() - scan);
    return out.toByteArray();
  }

  /** As the JPEG group's decoder guesses it: three components are YCbCr unless a marker or their names say RGB. */
  private byte colourSpace() {
    if (components == 4) {
      return (byte) (transform > 0 ? 2 : 0);
    }
    boolean rgb = !jfif && (transform == 0 || (transform < 0 && namedRgb));
    return (byte) (rgb ? 0 : 1);
  }

  private Image decode(byte[] clean) {
    ImageReader reader = jdkReader();
    Truncation truncation = new Truncation();
    // A stream in memory: the JDK's default would write a temporary file.
    try (MemoryCacheImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(clean))) {
      reader.setInput(in, true, true);
      reader.addIIOReadWarningListener(truncation);
      Image image = components == 4 ? fourColours(reader.readRaster(0, null)) : threeColours(reader.read(0));
      truncation.check(file);
      return image;
    } catch (FoveaException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      truncation.check(file);
      throw file.error("damaged JPEG: " + ImageFile.printable(String.valueOf(e.getMessage())) + "; fetch it again", e);
    } finally {
      reader.dispose();
    }
  }

  /** The JDK's own reader, also where the application has registered another. */
  private ImageReader jdkReader() {
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName("jpeg");
    while (readers.hasNext()) {
      ImageReader reader = readers.next();
      if (reader.getClass().getModule().equals(ImageIO.class.getModule())) {
        return reader;
      }
      reader.dispose();
    }
    throw file.error("this JDK has no JPEG reader; run with a whole JDK, module java.desktop included");
  }

  private Image threeColours(BufferedImage image) {
    checkDecoded(image.getWidth(), image.getHeight());
    Image decoded = Rasters.adopt(image);
    return decoded.channels(components);
  }

  private void checkDecoded(int decodedWidth, int decodedHeight) {
    if (decodedWidth != width || decodedHeight != height) {
      throw file.error("damaged JPEG: its size is given as " + width + "x" + height + " and as " + decodedWidth + "x"
          + decodedHeight);
    }
  }

  /** CMYK or YCCK, stored inverted as Adobe does, to RGB. */
  private Image fourColours(Raster raster) {
    checkDecoded(raster.getWidth(), raster.getHeight());
    byte[] pixels = new byte[width * height * 3];
    int[] row = new int[width * 4];
    boolean ycck = colourSpace() == 2;
    for (int y = 0, to = 0; y < height; y++) {
      raster.getPixels(0, y, width, 1, row);
      for (int x = 0; x < width; x++, to += 3) {
        int at = 4 * x;
        if (ycck) {
          toCmy(row, at);
        }
        for (int c = 0; c < 3; c++) {
          pixels[to + c] = (byte) product(row[at + c], row[at + 3]);
        }
      }
    }
    return new Image(width, height, 3, pixels);
  }

  private static void toCmy(int[] row, int at) {
    double luma = row[at];
    double blue = row[at + 1] - 128;
    double red = row[at + 2] - 128;
    // YCCK holds the YCbCr of 255 - CMY.
    row[at] = 255 - clamp(luma + 1.402 * red);
    row[at + 1] = 255 - clamp(luma - 0.344136286 * blue - 0.714136286 * red);
    row[at + 2] = 255 - clamp(luma + 1.772 * blue);
  }

  private static int clamp(double value) {
    return (int) Math.clamp(Math.round(value), 0L, 255L);
  }

  /** White left by an ink and by black, each as its complement 0 to 255: k - (255 - c) k / 255, the second term rounded. */
  private static int product(int c, int k) {
    int taken = (255 - c) * k + 128;
    return Math.max(0, k - (((taken >> 8) + taken) >> 8));
  }

  /** Hears the decoder's warnings: it goes on behind the end of a file, and paints grey. */
  private static final class Truncation implements IIOReadWarningListener {
    private String damage = "";

    @Override
    public void warningOccurred(ImageReader source, String warning) {
      String text = warning.toLowerCase(Locale.ROOT);
      boolean lost = text.contains("premature") || text.contains("truncated") || text.contains("huffman")
          || text.contains("missing eoi");
      if (lost && damage.isEmpty()) {
        damage = ImageFile.printable(warning);
      }
    }

    void check(FileBytes file) {
      if (!damage.isEmpty()) {
        throw file.error("cut short or damaged JPEG: its data ends before the picture does (" + damage + "); fetch it again");
      }
    }
  }
}
