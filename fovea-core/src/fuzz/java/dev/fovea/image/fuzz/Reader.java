package dev.fovea.image.fuzz;

import dev.fovea.image.Image;
import dev.fovea.testkit.fuzz.FuzzedReader;
import dev.fovea.testkit.fuzz.Rules;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** The image formats that this module reads. */
enum Reader implements FuzzedReader {
  JPEG, PNG, GIF, BMP;

  /** Larger images take long, and their memory says nothing more. */
  private static final long MAX_PIXELS = 1 << 20;

  /** What a pixel may take, in the JDK's reader and after it. */
  private static final int PIXEL_BYTES = 32;

  @Override
  public String suffix() {
    return "." + title();
  }

  @Override
  public List<byte[]> seeds() throws IOException {
    return Seeds.of(this);
  }

  @Override
  public void read(Path file) {
    long pixels = pixels(file);
    if (pixels <= MAX_PIXELS) {
      Rules.grant(PIXEL_BYTES * pixels);
      Image.read(file);
    }
  }

  /** As its header has it; 0 if it has none, or one that is no size, such as the negative width of a BMP. */
  private long pixels(Path file) {
    ImageReader reader = ImageIO.getImageReadersByFormatName(name()).next();
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(Files.readAllBytes(file)))) {
      reader.setInput(in, true, true);
      return Math.max(0, (long) reader.getWidth(0) * reader.getHeight(0));
    } catch (IOException | RuntimeException e) {
      return 0;
    } finally {
      reader.dispose();
    }
  }
}
