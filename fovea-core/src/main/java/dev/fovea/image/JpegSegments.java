package dev.fovea.image;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Keeps the segments of a JPEG (ITU-T T.81) that define its pixels. The JDK's reader would apply a colour profile, fails on damaged
 * ones, and treats YCbCr as RGB if no marker names the colour space, no component is subsampled and their ids are not 1, 2 and 3.
 * So profiles, EXIF and comments are removed, and an Adobe marker states the colour space.
 */
final class JpegSegments {
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

  /** The number of components of a CMYK image. */
  private static final int CMYK = 4;

  /** Each scan of a progressive image visits every pixel: a file with thousands of scans would take hours. */
  private static final long MAX_VISITS = 4_000_000_000L;

  /** The frame header; {@code components} are the component ids. */
  record Frame(boolean progressive, long pixels, List<Integer> components) {
    boolean namedRgb() {
      return components.equals(List.of((int) 'R', (int) 'G', (int) 'B'));
    }
  }

  private final FileBytes file;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private Frame frame = new Frame(false, 0, List.of());
  private boolean jfif;

  /** The Adobe marker's transform: 0 none, 1 YCbCr, 2 YCCK; -1 without a marker. */
  private int transform = -1;

  private int orientation = Orientation.UPRIGHT;

  JpegSegments(FileBytes file) {
    this.file = file;
  }

  ImageFile.Stored decode() {
    int scan = header();
    JpegScans scans = JpegScans.of(file, frame, scan);
    check(scans);
    // For a progressive image the reader also keeps the coefficients, two bytes each.
    int extra = frame.progressive() ? 2 * frame.components().size() : 0;
    Decoder decoder = new Decoder(file, ImageFormat.JPEG);
    byte[] data = image(scan, scans);
    // The rule of libjpeg: four components are CMYK without a marker, and YCCK with one, unless it says none.
    Image image = frame.components().size() == CMYK
        ? decoder.decodeRaster(data, extra, raster -> Cmyk.imageOfJpeg(raster, transform > 0))
        : decoder.decode(data, extra, BufferedImages::image);
    return new ImageFile.Stored(image, orientation);
  }

  /** Reads the segments up to the first scan, and returns the offset of that scan. */
  private int header() {
    int at = 2;
    while (true) {
      while (file.u8(at) != 0xff || file.u8(at + 1) == 0 || file.u8(at + 1) == 0xff) {
        at++;
      }
      int marker = file.u8(at + 1);
      if (marker == SOS || marker == EOI) {
        return at;
      }
      boolean bare = marker == 1 || (marker >= RST0 && marker <= SOI);
      int end = at + 2 + (bare ? 0 : file.u16be(at + 2));
      if (!file.has(at, end - at)) {
        throw file.endsEarly();
      }
      if (!bare) {
        segment(marker, at, end);
      }
      at = end;
    }
  }

  private void segment(int marker, int at, int end) {
    int from = at + 4;
    if (marker == APP0 && file.holds(from, "JFIF\0")) {
      jfif = true;
    } else if (marker == APP1 && file.holds(from, "Exif\0\0") && orientation == Orientation.UPRIGHT) {
      orientation = Orientation.exif(file.data(), from + 6, end);
    } else if (marker == APP14 && end - from >= 12 && file.holds(from, "Adobe")) {
      transform = file.u8(from + 11);
    } else if (marker >= SOF0 && marker <= SOF15 && marker != DHT && marker != 0xc8 && marker != 0xcc) {
      frame(marker, from);
    }
    if ((marker < APP0 || marker > APP15) && marker != COM) {
      kept.write(file.data(), at, end - at);
    }
  }

  private void frame(int marker, int at) {
    int components = file.u8(at + 5);
    if (components != 1 && components != 3 && components != CMYK) {
      throw file.error("JPEG of " + components + " components not supported; save it as RGB");
    }
    frame = new Frame(marker == SOF2, (long) file.u16be(at + 1) * file.u16be(at + 3),
        IntStream.range(0, components).mapToObj(c -> file.u8(at + 6 + 3 * c)).toList());
  }

  private void check(JpegScans scans) {
    if (frame.progressive() && scans.count() * frame.pixels() > MAX_VISITS) {
      throw file
          .error(scans.count() + " scans of " + frame.pixels() + " pixels would take too long; save it again with fewer scans");
    }
    if (!scans.marked() && !scans.complete()) {
      throw file.error("truncated JPEG: its data ends before its last scan does; download it again");
    }
  }

  private byte[] image(int scan, JpegScans scans) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(kept.size() + scans.end() - scan + 32);
    out.write(0xff);
    out.write(SOI);
    if (frame.components().size() > 1) {
      // The rule of libjpeg: YCbCr unless a marker or the component ids indicate RGB. CMYK and YCCK are converted here: none.
      boolean rgb = frame.components().size() == CMYK || (!jfif && (transform == 0 || (transform < 0 && frame.namedRgb())));
      out.writeBytes(new byte[] {
          (byte) 0xff, (byte) APP14, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, (byte) (rgb ? 0 : 1)
      });
    }
    out.writeBytes(kept.toByteArray());
    out.write(file.data(), scan, scans.end() - scan);
    out.write(0xff);
    out.write(EOI);
    return out.toByteArray();
  }
}
