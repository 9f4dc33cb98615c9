package dev.fovea.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.fovea.tensor.FoveaException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageFileTest {
  @TempDir
  private Path folder;

  @Test
  void aMissingFileIsReported() {
    Path file = folder.resolve("none.png");
    assertThatThrownBy(() -> Image.read(file)).isInstanceOf(FoveaException.class).hasMessage(file + ": no such file");
  }

  @Test
  void aFolderIsRefused() throws IOException {
    Path file = Files.createDirectory(folder.resolve("x.jpg"));
    assertThatThrownBy(() -> Image.read(file))
        .isInstanceOf(FoveaException.class)
        .hasMessage(file + ": is a folder, not an image; give a file in it");
  }

  @Test
  void anEmptyFileIsRefused() throws IOException {
    Path file = Files.createFile(folder.resolve("x.png"));
    assertThatThrownBy(() -> Image.read(file))
        .isInstanceOf(FoveaException.class)
        .hasMessage(file + ": the file is empty");
  }

  @ParameterizedTest
  @CsvSource({
      "'Once upon a time', 'is text, not an image'",
      "'BM is how this text begins', 'is text, not an image'",
      "'<!DOCTYPE html><html></html>', 'is a web page, not an image'",
      "'<?xml version=\"1.0\"?><svg/>', 'format not supported: SVG'",
      "'....ftypavif....', 'format not supported: AVIF'",
      "'....ftypheic....', 'format not supported: HEIC'",
      "'P6 1 1 255 ', 'format not supported: PNM'",
      "'%PDF-1.7', 'format not supported: PDF'"
  })
  void otherFormatsAreNamed(String start, String expected) {
    assertThatThrownBy(() -> Image.read(start.getBytes(StandardCharsets.ISO_8859_1), "x.png"))
        .isInstanceOf(FoveaException.class)
        .hasMessage("x.png: " + expected + "; images may be " + ImageDecoders.names());
  }

  @Test
  void theArtifactThatReadsAFormatIsNamed() {
    assumeFalse(ImageDecoders.formats().contains("WEBP"), "fovea-images is on the class path");
    byte[] webp = "RIFF....WEBPVP8 ".getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> Image.read(webp, "x")).isInstanceOf(FoveaException.class)
        .hasMessage("x: format not supported: WEBP; "
            + "the artifact dev.fovea:fovea-images reads WEBP: add it; images may be PNG, JPEG, GIF or BMP");
  }

  @Test
  void unknownBytesAreShown() {
    assertThatThrownBy(() -> Image.read(new byte[] {1, 2, (byte) 0xfe}, "x"))
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining("starts with the bytes 01 02 fe");
  }

  @Test
  void namesWithLineBreaksStayOneLine() {
    assertThatThrownBy(() -> Image.read(new byte[0], "a\nb\u001b[31m.png"))
        .isInstanceOf(FoveaException.class)
        .hasMessageStartingWith("a?b?[31m.png: ");
  }

  @Test
  void writingReplacesTheFileAndLeavesNoOther() throws IOException {
    Path file = Files.writeString(folder.resolve("x.png"), "old");
    Image image = TestImages.formula(5, 4, 3);
    image.write(file);
    assertThat(Image.read(file)).isEqualTo(image);
    assertThat(folder.toFile().list()).containsExactly("x.png");
  }

  @Test
  void writingIntoAMissingFolderIsReported() {
    Path file = folder.resolve("none/x.png");
    Image image = TestImages.formula(5, 4, 3);
    assertThatThrownBy(() -> image.write(file)).isInstanceOf(FoveaException.class).hasMessageContaining("does not exist");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void pngsOfTheJdkAreReadExactly(boolean interlaced) {
    for (int size = 1; size < 20; size++) {
      Image image = TestImages.formula(size, 21 - size, 3);
      assertThat(Image.read(TestImages.file(image, "png", interlaced), "x")).isEqualTo(image);
    }
  }

  @Test
  void sixteenBitPngsAreReadAsTheirUpperEightBits() {
    BufferedImage deep = new BufferedImage(3, 2, BufferedImage.TYPE_USHORT_GRAY);
    deep.getRaster().setSample(1, 1, 0, 0xabcd);
    assertThat(Image.read(TestImages.file(deep, "png", false), "x").at(1, 1, 0)).isEqualTo(0xab);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void bmpsOfTheJdkAreReadExactly(int channels) {
    Image image = TestImages.formula(13, 7, channels);
    assertThat(Image.read(TestImages.file(image, "bmp", false), "x")).isEqualTo(image);
  }

  @Test
  void oneBitBmpsAreGrey() {
    BufferedImage bits = new BufferedImage(11, 3, BufferedImage.TYPE_BYTE_BINARY);
    bits.setRGB(9, 1, 0xffffffff);
    Image image = Image.read(TestImages.file(bits, "bmp", false), "x");
    assertThat(image.channels()).isEqualTo(1);
    assertThat(image.at(9, 1, 0)).isEqualTo(255);
    assertThat(image.at(8, 1, 0)).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void gifsOfTheJdkAreReadExactly(boolean interlaced) {
    Image image = TestImages.formula(130, 97, 1);
    assertThat(Image.read(TestImages.file(image, "gif", interlaced), "x")).isEqualTo(image);
  }

  @ParameterizedTest
  @CsvSource({"1, false", "3, false", "1, true", "3, true"})
  void jpegsAreReadWithLittleLoss(int channels, boolean progressive) {
    Image image = TestImages.smooth(61, 45, channels);
    Image read = Image.read(TestImages.file(image, "jpg", progressive), "x");
    assertThat(TestImages.meanDifference(read, image)).isLessThan(4);
    assertThat(read.channels()).isEqualTo(channels);
  }

  @ParameterizedTest
  @CsvSource({"png, false", "jpg, false", "jpg, true", "gif, false", "bmp, false"})
  void everyTruncationIsAnErrorOrTheCompleteImage(String format, boolean progressive) {
    byte[] file = TestImages.file(TestImages.formula(24, 17, 1), format, progressive);
    Image whole = Image.read(file, "whole");
    for (int length = 0; length < file.length; length++) {
      byte[] part = Arrays.copyOf(file, length);
      try {
        assertThat(Image.read(part, "x")).as("%d of %d bytes", length, file.length).isEqualTo(whole);
      } catch (FoveaException e) {
        assertThat(e).hasMessageStartingWith("x: ").hasMessageNotContaining("\n");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
      "png, false, 3000", "png, true, 3000", "jpg, false, 1500", "jpg, true, 1500", "gif, false, 3000", "gif, true, 3000",
      "bmp, false, 3000"
  })
  @Tag("slow")
  void changedBytesGiveAnImageOrAFoveaException(String format, boolean progressive, int rounds) {
    byte[] file = TestImages.file(TestImages.formula(20, 15, format.equals("gif") ? 1 : 3), format, progressive);
    for (int seed = 0; seed < rounds; seed++) {
      byte[] changed = changed(file, new SplittableRandom(seed));
      try {
        assertThat(Image.read(changed, "x")).isNotNull();
      } catch (FoveaException e) {
        assertThat(e.getMessage()).as("%s, seed %d", format, seed).startsWith("x: ").doesNotContain("\n");
      } catch (RuntimeException | Error e) {
        throw new AssertionError(format + ", seed " + seed, e);
      }
    }
  }

  private static byte[] changed(byte[] file, SplittableRandom random) {
    byte[] changed = file.clone();
    int count = 1 + random.nextInt(6);
    // Half of the changes are in the headers, where they matter most.
    for (int i = 0; i < count; i++) {
      int at = random.nextInt(random.nextBoolean() ? Math.min(80, changed.length) : changed.length);
      changed[at] = switch (random.nextInt(4)) {
        case 0 -> (byte) 0xff;
        case 1 -> 0;
        case 2 -> (byte) (changed[at] ^ 1 << random.nextInt(8));
        default -> (byte) random.nextInt();
      };
    }
    if (random.nextInt(4) == 0) {
      changed = Arrays.copyOf(changed, random.nextInt(changed.length));
    }
    return random.nextBoolean() ? withPngChecksums(changed) : changed;
  }

  /** Corrects the checksums, so that changed chunks are not refused for them; other formats are not changed. */
  private static byte[] withPngChecksums(byte[] file) {
    ByteBuffer png = ByteBuffer.wrap(file);
    int at = 8;
    while (file.length > 24 && file[0] == (byte) 0x89 && at + 12 <= file.length) {
      int length = png.getInt(at);
      if (length < 0 || length > file.length - at - 12) {
        break;
      }
      CRC32 crc = new CRC32();
      crc.update(file, at + 4, length + 4);
      png.putInt(at + 8 + length, (int) crc.getValue());
      at += 12 + length;
    }
    return file;
  }

  @Test
  void aGifWhoseCodesEndEarlyIsTruncated() {
    byte[] file = TestImages.file(TestImages.formula(130, 97, 1), "gif", false);
    int frame = new String(file, StandardCharsets.ISO_8859_1).indexOf(",\0\0\0\0");
    int firstBlock = frame + 11;
    byte[] part = Arrays.copyOf(file, firstBlock + 1 + (file[firstBlock] & 0xff) + 2);
    part[part.length - 2] = 0;
    part[part.length - 1] = ';';
    assertThatThrownBy(() -> Image.read(part, "x"))
        .isInstanceOf(FoveaException.class)
        .hasMessage("x: truncated or damaged GIF: its data ends before its last row; download it again");
  }

  /** The JDK's reader on its own treats these as RGB. */
  @Test
  void jpegsWithoutAColourSpaceAreYcbcr() {
    Image image = TestImages.smooth(48, 32, 3);
    byte[] file = TestImages.jpegWithoutHalves(image);
    assertThat(new String(file, 6, 4, StandardCharsets.ISO_8859_1)).isEqualTo("JFIF");
    byte[] nameless = new byte[file.length - 18];
    System.arraycopy(file, 0, nameless, 0, 2);
    System.arraycopy(file, 20, nameless, 2, file.length - 20);
    String text = new String(nameless, StandardCharsets.ISO_8859_1);
    int frame = text.indexOf("\u00ff\u00c0");
    int scan = text.indexOf("\u00ff\u00da");
    for (int c = 0; c < 3; c++) {
      nameless[frame + 10 + 3 * c] = (byte) c;
      nameless[scan + 5 + 2 * c] = (byte) c;
    }
    assertThat(TestImages.meanDifference(Image.read(nameless, "x"), image)).isLessThan(4);
  }

  @Test
  void aPngWithTooFewBytesAllocatesNoMemory() {
    byte[] file = TestImages.formula(8, 8, 1).png();
    ByteBuffer.wrap(file).putInt(16, 9000).putInt(20, 9000);
    assertThatThrownBy(() -> Image.read(withPngChecksums(file), "x"))
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining("truncated");
  }

  @Test
  void aDecompressionBombIsRefusedByItsHeader() {
    byte[] file = TestImages.formula(8, 8, 1).png();
    ByteBuffer.wrap(file).putInt(16, 50_000).putInt(20, 60_000);
    assertThatThrownBy(() -> Image.read(withPngChecksums(file), "x"))
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining("50000x60000 pixels are more than the limit of 100 megapixels");
  }

  @Test
  void aDamagedPngIsDetectedByItsChecksum() {
    byte[] file = TestImages.formula(8, 8, 1).png();
    file[45] ^= 1;
    assertThatThrownBy(() -> Image.read(file, "x"))
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining("checksum of chunk IDAT");
  }
}
