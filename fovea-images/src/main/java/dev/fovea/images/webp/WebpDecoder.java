package dev.fovea.images.webp;

import dev.fovea.image.ImageDecoder;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.IOException;
import java.util.List;

/**
 * Decodes WebP: lossy (VP8), lossless (VP8L), with alpha; of an animation the first frame, without the canvas around it. The samples are
 * those of libwebp, bit for bit; colour profiles are ignored.
 */
public final class WebpDecoder implements ImageDecoder {
  /** A macroblock of 256 pixels takes more than three bits for its modes alone. */
  private static final int LOSSY_PIXELS_PER_BYTE = 1024;

  /** Prefix codes of one symbol take no bits: a lossless image of one colour has one size, whatever its own. */
  private static final int LOSSLESS_PIXELS_PER_BYTE = Integer.MAX_VALUE;

  @Override
  public String format() {
    return "WEBP";
  }

  @Override
  public List<String> suffixes() {
    return List.of("webp");
  }

  @Override
  public Header header(byte[] file) throws IOException {
    WebpFile webp = WebpFile.of(file);
    WebpFile.Part exif = webp.exif();
    if (webp.lossless()) {
      Vp8l.Header header = Vp8l.Header.of(file, webp.image().from(), webp.image().to());
      // Pixels before and after the palette, and the result.
      return new Header(header.width(), header.height(), 12, LOSSLESS_PIXELS_PER_BYTE, exif.from(), exif.to());
    }
    int[] size = Vp8Header.size(file, webp.image().from(), webp.image().to());
    // Planes and the result; alpha is lossless.
    return new Header(size[0], size[1], webp.alpha().isEmpty() ? 5 : 15, LOSSY_PIXELS_PER_BYTE, exif.from(), exif.to());
  }

  @Override
  public BufferedImage decode(byte[] file) throws IOException {
    WebpFile webp = WebpFile.of(file);
    return webp.lossless() ? lossless(file, webp.image()) : lossy(file, webp);
  }

  private static BufferedImage lossless(byte[] file, WebpFile.Part part) throws IOException {
    Vp8l.Header header = Vp8l.Header.of(file, part.from(), part.to());
    int[] pixels = Vp8l.decode(file, part.from() + Vp8l.HEADER_BYTES, part.to(), header.width(), header.height());
    BufferedImage image = new BufferedImage(header.width(), header.height(),
        header.hasAlpha() ? BufferedImage.TYPE_INT_ARGB : BufferedImage.TYPE_INT_RGB);
    image.getRaster().setDataElements(0, 0, header.width(), header.height(), pixels);
    return image;
  }

  private static BufferedImage lossy(byte[] file, WebpFile webp) throws IOException {
    Vp8Header header = Vp8Header.of(file, webp.image().from(), webp.image().to());
    int width = header.width();
    int height = header.height();
    Plane[] planes = Vp8Frame.decode(header);
    boolean opaque = webp.alpha().isEmpty();
    BufferedImage image = new BufferedImage(width, height, opaque ? BufferedImage.TYPE_3BYTE_BGR : BufferedImage.TYPE_4BYTE_ABGR);
    byte[] samples = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
    if (opaque) {
      Yuv.toBgr(planes, width, height, samples, 0, 3);
    } else {
      Yuv.toBgr(planes, width, height, samples, 1, 4);
      byte[] alpha = Alpha.decode(file, webp.alpha(), width, height);
      for (int i = 0; i < alpha.length; i++) {
        samples[4 * i] = alpha[i];
      }
    }
    return image;
  }
}
