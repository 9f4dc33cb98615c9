package dev.fovea.images.tiff;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.io.IOException;

/** Decodes fax data in TIFF, strip by strip. The library leaves rows white that are missing. */
final class TiffFax {
  private static final int FILL_ORDER = 266;
  private static final int GROUP_3_OPTIONS = 292;

  private TiffFax() {}

  static BufferedImage decode(TiffPage page, byte[] file) throws IOException {
    byte white = (byte) (page.photometric() == 0 ? 255 : 0);
    byte[] colours = {white, (byte) ~white};
    BufferedImage image = new BufferedImage(page.width(), page.height(), BufferedImage.TYPE_BYTE_BINARY,
        new IndexColorModel(1, 2, colours, colours, colours));
    byte[] bits = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
    int stride = (page.width() + 7) / 8;
    if (page.tilesAcross() > 1 && page.tileWidth() % 8 > 0) {
      throw new IOException("TIFF tiles of " + page.tileWidth() + " bits");
    }
    for (int i = 0; i < page.tilesAcross() * page.tilesDown(); i++) {
      int left = i % page.tilesAcross() * page.tileWidth() / 8;
      int top = i / page.tilesAcross() * page.tileHeight();
      FaxReader rows = reader(page, file, i);
      for (int y = top; y < top + page.rows(i); y++) {
        byte[] row = new byte[(page.tileWidth() + 7) / 8];
        rows.row(row);
        System.arraycopy(row, 0, bits, y * stride + left, Math.min(row.length, stride - left));
      }
    }
    return image;
  }

  private static FaxReader reader(TiffPage page, byte[] file, int strip) throws IOException {
    int from = (int) page.offsets()[strip];
    byte[] data = new byte[(int) page.byteCounts()[strip]];
    boolean reversed = page.directory().number(FILL_ORDER, 1) == 2;
    for (int i = 0; i < data.length; i++) {
      data[i] = reversed ? (byte) (Integer.reverse(file[from + i]) >>> 24) : file[from + i];
    }
    boolean twoDimensional = (page.directory().number(GROUP_3_OPTIONS, 0) & 1) == 1;
    return new FaxReader(data, page.tileWidth(), page.compression(), twoDimensional);
  }
}
