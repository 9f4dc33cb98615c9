package dev.fovea.images.tiff;

import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import dev.fovea.image.ImageDecoder;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes the first page of a TIFF: grey, palette, RGB, YCbCr or CMYK; strips or tiles; uncompressed, LZW, deflate, PackBits, fax (groups
 * 3 and 4) or JPEG. Of 16 bits the upper 8 are kept; colour profiles are ignored. Floats, L*a*b*, BigTIFF and other compressions are
 * refused.
 */
public final class TiffDecoder implements ImageDecoder {
  /** The library refuses an image that is more than this number of times as large as its file, such as one of one colour. */
  private static final int MAX_EXPANSION = 512;

  @Override
  public String format() {
    return "TIFF";
  }

  @Override
  public List<String> suffixes() {
    return List.of("tif", "tiff");
  }

  /** The file's own directory has the orientation. */
  @Override
  public Header header(byte[] file) throws IOException {
    TiffPage page = TiffPage.of(file);
    return new Header(page.width(), page.height(), page.bytesPerPixel(), page.maxPixelsPerByte(), 0, file.length);
  }

  @Override
  public BufferedImage decode(byte[] file) throws IOException {
    TiffPage page = TiffPage.of(file);
    page.checkTiles(file.length);
    if (page.compression() == TiffPage.JPEG) {
      return new TiffJpeg(page, file).decode().toBufferedImage();
    }
    if (page.isFax()) {
      return TiffFax.decode(page, file);
    }
    int size = (int) ((long) page.width() * page.height() * page.bytesPerPixel() / MAX_EXPANSION) + 1;
    ImageReaderSpi library = new TIFFImageReaderSpi();
    ImageReader reader = library.createReaderInstance(null);
    try (MemoryCacheImageInputStream in =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(page.directory().reduced(TiffPage.TAGS, size)))) {
      reader.setInput(in, true, true);
      ImageReadParam param = reader.getDefaultReadParam();
      // Its default for RGB takes multiplied and unspecified fourth samples for ordinary alpha.
      param.setDestinationType(reader.getRawImageType(0));
      BufferedImage image = reader.read(0, param);
      image.coerceData(false);
      return image;
    } finally {
      reader.dispose();
    }
  }
}
