package dev.fovea.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.FoveaException;
import java.awt.image.BufferedImage;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is checked for every decoder of further formats. */
class ImageDecoderTest {
  /** A TIFF block with orientation 6, which is at 4 in the file. */
  private static final byte[] FILE = {
      1, 2, 3, 4, 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0
  };

  private record Fake(Callable<Header> onHeader, Callable<BufferedImage> onDecode) implements ImageDecoder {
    @Override
    public String format() {
      return "FAKE";
    }

    @Override
    public List<String> suffixes() {
      return List.of("fake");
    }

    @Override
    public Header header(byte[] file) throws IOException {
      return call(onHeader);
    }

    @Override
    public BufferedImage decode(byte[] file) throws IOException {
      return call(onDecode);
    }

    private static <T> T call(Callable<T> call) throws IOException {
      try {
        return call.call();
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }

  private static ImageFile.Stored decode(Callable<ImageDecoder.Header> header, Callable<BufferedImage> decode) {
    return ImageFile.decode(new FileBytes("x", FILE), new Fake(header, decode));
  }

  private static ImageDecoder.Header header(int width, int height) {
    return new ImageDecoder.Header(width, height, 3, 1000, 4, FILE.length);
  }

  private static BufferedImage image() {
    return TestImages.formula(4, 3, 3).toBufferedImage();
  }

  @Test
  void theImageIsRotatedByItsOrientation() {
    ImageFile.Stored stored = decode(() -> header(4, 3), ImageDecoderTest::image);
    assertThat(stored.orientation()).isEqualTo(6);
    assertThat(stored.image()).isEqualTo(TestImages.formula(4, 3, 3));
    assertThat(Orientation.upright(stored).toString()).isEqualTo("3x4x3");
  }

  @Test
  void alphaIsCompositedAsInOtherFormats() {
    BufferedImage clear = new BufferedImage(4, 3, BufferedImage.TYPE_INT_ARGB);
    clear.setRGB(1, 1, 0xff000000);
    Image image = decode(() -> header(4, 3), () -> clear).image();
    assertThat(image.at(0, 0, 0)).isEqualTo(255);
    assertThat(image.at(1, 1, 0)).isZero();
  }

  @ParameterizedTest
  @CsvSource({
      "20000, 20000, 'x: 20000x20000 pixels are more than the limit of 100 megapixels'",
      "0, 1, 'x: an image of 0x1 pixels is empty'",
      "200, 200, 'x: truncated: 200x200 pixels do not fit into a file of 30 bytes'"
  })
  void sizesAreCheckedBeforeDecoding(int width, int height, String message) {
    assertThatThrownBy(() -> decode(() -> header(width, height), () -> {
      throw new AssertionError("decoded");
    })).isInstanceOf(FoveaException.class).hasMessageStartingWith(message);
  }

  @Test
  void memoryIsCheckedBeforeDecoding() {
    int bytesPerPixel = (int) (Runtime.getRuntime().maxMemory() / 2 / 9000) + 1;
    assertThatThrownBy(() -> decode(() -> new ImageDecoder.Header(100, 90, bytesPerPixel, 1000, 0, 0), () -> {
      throw new AssertionError("decoded");
    })).isInstanceOf(FoveaException.class).hasMessageStartingWith("x: 100x90 pixels need more than half of the JVM's memory");
  }

  @Test
  void failuresAreOneLineThatNamesTheFile() {
    fails(new FoveaException("FAKE with\nstripes is not supported"), "x: FAKE with?stripes is not supported");
    fails(new EOFException("early"), "x: truncated: the file ends at byte 30, before the image does; download it again");
    fails(new IOException("bad\ncode"), "x: cannot be decoded as FAKE (bad?code); download it again, or save it again");
    fails(new IllegalStateException("odd"),
        "x: cannot be decoded as FAKE (java.lang.IllegalStateException: odd); download it again, or save it again");
  }

  private static void fails(Exception failure, String message) {
    Callable<BufferedImage> failing = () -> {
      throw failure;
    };
    assertThatThrownBy(() -> decode(() -> header(4, 3), failing)).isInstanceOf(FoveaException.class).hasMessage(message);
    assertThatThrownBy(() -> decode(() -> {
      throw failure;
    }, ImageDecoderTest::image)).isInstanceOf(FoveaException.class).hasMessage(message);
  }

  @Test
  void twoDecodersOfAFormatAreRefused() {
    Fake fake = new Fake(() -> header(4, 3), ImageDecoderTest::image);
    assertThat(ImageDecoders.byFormat(List.of(fake))).containsOnlyKeys("FAKE");
    assertThatThrownBy(() -> ImageDecoders.byFormat(List.of(fake, fake))).isInstanceOf(FoveaException.class)
        .hasMessageContaining("two decoders of FAKE: ").hasMessageEndingWith("; remove the artifact of one");
  }
}
