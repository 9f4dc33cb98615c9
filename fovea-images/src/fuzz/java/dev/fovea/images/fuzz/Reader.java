package dev.fovea.images.fuzz;

import dev.fovea.image.Image;
import dev.fovea.image.ImageDecoder;
import dev.fovea.images.tiff.TiffDecoder;
import dev.fovea.images.webp.WebpDecoder;
import dev.fovea.tensor.FoveaException;
import dev.fovea.testkit.fuzz.FuzzedReader;
import dev.fovea.testkit.fuzz.Rules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The image formats that this module reads. */
enum Reader implements FuzzedReader {
  WEBP(new WebpDecoder()),
  TIFF(new TiffDecoder());

  /** Larger images take long, and their memory says nothing more. */
  private static final long MAX_PIXELS = 1 << 20;

  private final ImageDecoder decoder;

  Reader(ImageDecoder decoder) {
    this.decoder = decoder;
  }

  @Override
  public String suffix() {
    return "." + decoder.suffixes().getFirst();
  }

  @Override
  public List<byte[]> seeds() throws IOException {
    return this == TIFF ? Seeds.tiff() : Seeds.tests(suffix());
  }

  @Override
  public List<String> libraries() {
    return this == TIFF ? List.of("com.twelvemonkeys.**") : List.of();
  }

  /** With twice the memory that the header announces, for copies on the way to the image. */
  @Override
  public void read(Path file) {
    long pixels = 0;
    try {
      ImageDecoder.Header header = decoder.header(Files.readAllBytes(file));
      pixels = (long) Math.max(0, header.width()) * Math.max(0, header.height());
      if (pixels <= MAX_PIXELS) {
        Rules.grant(2 * pixels * (header.bytesPerPixel() + 3));
      }
    } catch (IOException | FoveaException e) {
      // refused below
    }
    if (pixels <= MAX_PIXELS) {
      Image.read(file);
    }
  }
}
