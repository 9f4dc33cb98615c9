package dev.fovea.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.FoveaException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A JPEG without its end marker is complete; one that lacks a byte of its scans is not. */
class JpegScansTest {
  enum Kind {
    GREY,
    HALVED,
    WHOLE_COLOURS,
    RESTARTS,
    PROGRESSIVE,
    PROGRESSIVE_GREY;

    byte[] file() {
      Image image = TestImages.smooth(45, 37, this == GREY || this == PROGRESSIVE_GREY ? 1 : 3);
      for (int i = 0; i < image.pixels().length; i += 7) {
        image.pixels()[i] ^= (byte) (i & 0x1f);
      }
      return switch (this) {
        case GREY, HALVED -> TestImages.file(image, "jpg", false);
        case WHOLE_COLOURS -> TestImages.jpegWithoutHalves(image);
        case RESTARTS -> TestImages.jpegWithRestarts(image);
        case PROGRESSIVE, PROGRESSIVE_GREY -> TestImages.file(image, "jpg", true);
      };
    }
  }

  @ParameterizedTest
  @EnumSource
  void theEndMarkerMayBeMissingOrTruncated(Kind kind) {
    byte[] file = kind.file();
    assertThat(text(file)).endsWith("\u00ff\u00d9");
    assertThat(text(file).contains("\u00ff\u00dd")).isEqualTo(kind == Kind.RESTARTS);
    Image whole = Image.read(file, "x");
    assertThat(Image.read(Arrays.copyOf(file, file.length - 1), "x")).isEqualTo(whole);
    assertThat(Image.read(Arrays.copyOf(file, file.length - 2), "x")).isEqualTo(whole);
  }

  @ParameterizedTest
  @EnumSource
  void dataInPlaceOfTheEndMarkerIsIgnored(Kind kind) {
    byte[] file = kind.file();
    Image whole = Image.read(file, "x");
    byte[] noise = new byte[1 << 17];
    new SplittableRandom(5).nextBytes(noise);
    byte[] other = TestImages.file(TestImages.formula(9, 9, 3), "jpg", false);
    for (byte[] trailer : new byte[][] {noise, other, new byte[5000],
        "SEFT trailer of a maker".getBytes(StandardCharsets.UTF_8)}) {
      assertThat(Image.read(join(file, file.length - 2, trailer), "x")).isEqualTo(whole);
      assertThat(Image.read(join(file, file.length - 1, trailer), "x")).isEqualTo(whole);
      assertThat(Image.read(join(file, file.length, trailer), "x")).isEqualTo(whole);
    }
  }

  @ParameterizedTest
  @EnumSource
  void eachMissingByteOfTheScansIsFound(Kind kind) {
    byte[] file = kind.file();
    int end = file.length - 2;
    for (int length = text(file).indexOf("\u00ff\u00da"); length < end; length++) {
      byte[] part = Arrays.copyOf(file, length);
      assertThatThrownBy(() -> Image.read(part, "x")).as("%d of %d bytes", length, end).isExactlyInstanceOf(FoveaException.class)
          .hasMessageStartingWith("x: truncated").hasMessageNotContaining("EOI");
      // Except if the zeros look like a byte of the scan that might be its last.
      if (part[length - 1] != -1) {
        byte[] filled = Arrays.copyOf(part, length + 4096);
        assertThatThrownBy(() -> Image.read(filled, "x"))
            .as("%d of %d bytes, then zeros", length, end)
            .isExactlyInstanceOf(FoveaException.class).hasMessageContaining("truncated");
      }
    }
  }

  private static byte[] join(byte[] file, int length, byte[] trailer) {
    byte[] joined = Arrays.copyOf(file, length + trailer.length);
    System.arraycopy(trailer, 0, joined, length, trailer.length);
    return joined;
  }

  private static String text(byte[] file) {
    return new String(file, StandardCharsets.ISO_8859_1);
  }
}
