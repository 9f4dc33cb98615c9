package dev.fovea.images.tiff;

import dev.fovea.image.Image;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;

/**
 * Decodes JPEG data in TIFF (TIFF Technical Note 2), strip by strip, as JPEG files are decoded, with the same checks. The library would
 * take any reader of JPEGs that it finds on the class path.
 */
final class TiffJpeg {
  private static final int SOI = 0xd8;
  private static final int EOI = 0xd9;
  private static final int SOS = 0xda;
  private static final int APP0 = 0xe0;
  private static final int APP15 = 0xef;

  private final TiffPage page;
  private final byte[] file;

  TiffJpeg(TiffPage page, byte[] file) {
    this.page = page;
    this.file = file;
  }

  Image decode() throws IOException {
    byte[] tables = page.directory().bytesOf(TiffPage.JPEG_TABLES);
    byte[] pixels = new byte[Math.multiplyExact(Math.multiplyExact(page.width(), page.height()), page.samples())];
    for (int i = 0; i < page.tilesAcross() * page.tilesDown(); i++) {
      int left = i % page.tilesAcross() * page.tileWidth();
      int top = i / page.tilesAcross() * page.tileHeight();
      int columns = Math.min(page.tileWidth(), page.width() - left);
      Image part = Image.read(jpeg(tables, i), "its part " + i);
      if (part.width() < columns || part.height() < page.rows(i) || part.channels() != page.samples()) {
        throw new IOException("JPEG data of " + part + " in a TIFF tile or strip of " + columns + "x" + page.rows(i));
      }
      for (int y = 0; y < page.rows(i); y++) {
        System.arraycopy(part.pixels(), y * part.width() * page.samples(), pixels,
            ((top + y) * page.width() + left) * page.samples(), columns * page.samples());
      }
    }
    return new Image(page.width(), page.height(), page.samples(), pixels);
  }

  /** A JPEG file of the tables and a strip. */
  private byte[] jpeg(byte[] tables, int strip) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0xff);
    out.write(SOI);
    if (page.samples() == 3) {
      // An Adobe marker states the colours.
      out.writeBytes(new byte[] {
          (byte) 0xff, (byte) 0xee, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0,
          (byte) (page.photometric() == TiffPage.YCBCR ? 1 : 0)
      });
    }
    copySegments(tables, 0, tables.length, out);
    int from = (int) page.offsets()[strip];
    copySegments(file, from, from + (int) page.byteCounts()[strip], out);
    return out.toByteArray();
  }

  /** Copies the segments between start and end, but those of applications, and after the start of a scan everything. */
  private static void copySegments(byte[] data, int from, int to, ByteArrayOutputStream out) throws IOException {
    int at = from;
    while (at + 4 <= to) {
      int marker = data[at + 1] & 0xff;
      if ((data[at] & 0xff) != 0xff) {
        throw new IOException("JPEG data in TIFF with bytes between their segments");
      }
      if (marker == SOI) {
        at += 2;
        continue;
      }
      if (marker == SOS || marker == EOI) {
        out.write(data, at, marker == SOS ? to - at : 0);
        return;
      }
      int size = 2 + ((data[at + 2] & 0xff) << 8 | (data[at + 3] & 0xff));
      if (size > to - at) {
        throw new EOFException("JPEG data in TIFF end early");
      }
      if (marker < APP0 || marker > APP15) {
        out.write(data, at, size);
      }
      at += size;
    }
  }
}
