package dev.fovea.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.image.Image;
import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Damaged files give an image or one line that names the file, whatever was damaged. */
class HostileFilesTest {
  static Stream<Path> files() throws IOException {
    return ImageParityTest.files().stream().filter(f -> !f.toString().endsWith(".jpg"));
  }

  static Stream<Path> lossyAndLossless() throws IOException {
    return files().filter(f -> f.getFileName().toString().matches("(lossy|lossy-alpha|lossless|lossless-slow).webp"));
  }

  private static byte[] file(String name) throws IOException {
    return Files.readAllBytes(files().filter(f -> f.endsWith(name)).findFirst().orElseThrow());
  }

  private static Optional<Image> read(byte[] file, String what) {
    try {
      return Optional.of(Image.read(file, "x"));
    } catch (FoveaException e) {
      assertThat(e.getMessage()).as(what).startsWith("x: ").doesNotContain("\n", "x: x: ");
      return Optional.empty();
    } catch (RuntimeException | Error e) {
      throw new AssertionError(what, e);
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  @Tag("slow")
  void everyTruncationIsAnErrorOrTheCompleteImage(Path path) throws IOException {
    byte[] file = Files.readAllBytes(path);
    Image whole = Image.read(path);
    for (int length = 0; length < file.length; length++) {
      String what = path.getFileName() + " cut to " + length;
      read(Arrays.copyOf(file, length), what).ifPresent(image -> assertThat(image).as(what).isEqualTo(whole));
    }
  }

  /** The file's sizes are corrected, so that only the decoder can see it. */
  @ParameterizedTest
  @MethodSource("lossyAndLossless")
  void webpDataThatEndEarlyAreAnErrorOrTheCompleteImage(Path path) throws IOException {
    byte[] file = Files.readAllBytes(path);
    Image whole = Image.read(path);
    int chunk = new String(file, StandardCharsets.ISO_8859_1).indexOf(path.toString().contains("lossy") ? "VP8 " : "VP8L");
    int size = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(chunk + 4);
    int read = 0;
    for (int kept = 0; kept < size; kept++) {
      ByteBuffer part = ByteBuffer.wrap(Arrays.copyOf(file, chunk + 8 + kept)).order(ByteOrder.LITTLE_ENDIAN);
      part.putInt(4, part.capacity() - 8).putInt(chunk + 4, kept);
      String what = path.getFileName() + " with " + kept + " bytes of data";
      Optional<Image> image = read(part.array(), what);
      image.ifPresent(i -> assertThat(i).as(what).isEqualTo(whole));
      read += image.isPresent() ? 1 : 0;
    }
    assertThat(read).isLessThan(16);
  }

  /** Likewise: the strips are said to be shorter than they are. */
  @ParameterizedTest
  @CsvSource({"rgb-lzw.tif", "rgb-adobe_deflate.tif", "rgb-packbits.tif", "rgb-raw.tif", "rgb-jpeg.tif", "bits-group3.tif",
      "bits-group4.tif", "bits-ccitt.tif", "tiles.tif", "planes.tif"})
  void tiffDataThatEndEarlyAreAnErrorOrTheCompleteImage(String name) throws IOException {
    byte[] file = file(name);
    Image whole = Image.read(file, name);
    for (int percent = 0; percent < 100; percent += 5) {
      byte[] part = file.clone();
      ByteBuffer tiff = ByteBuffer.wrap(part).order(ByteOrder.LITTLE_ENDIAN);
      int entry = entry(tiff, name.equals("tiles.tif") ? 325 : 279);
      int count = tiff.getInt(entry + 4);
      boolean shorts = tiff.getShort(entry + 2) == 3;
      int values = count * (shorts ? 2 : 4) <= 4 ? entry + 8 : tiff.getInt(entry + 8);
      for (int i = 0; i < count; i++) {
        if (shorts) {
          tiff.putShort(values + 2 * i, (short) (Short.toUnsignedInt(tiff.getShort(values + 2 * i)) * percent / 100));
        } else {
          tiff.putInt(values + 4 * i, tiff.getInt(values + 4 * i) * percent / 100);
        }
      }
      String what = name + ", " + percent + " % of its data";
      read(part, what).ifPresent(image -> assertThat(image).as(what).isEqualTo(whole));
    }
  }

  private static int entry(ByteBuffer tiff, int tag) {
    int directory = tiff.getInt(4);
    for (int i = 0; i < tiff.getShort(directory); i++) {
      int entry = directory + 2 + 12 * i;
      if (Short.toUnsignedInt(tiff.getShort(entry)) == tag) {
        return entry;
      }
    }
    throw new AssertionError("no tag " + tag);
  }

  @ParameterizedTest
  @MethodSource("files")
  @Tag("slow")
  void changedBytesGiveAnImageOrAFoveaException(Path path) throws IOException {
    byte[] file = Files.readAllBytes(path);
    int directory = path.toString().endsWith(".tif") ? directory(file) : 12;
    for (int seed = 0; seed < 400; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      byte[] changed = file.clone();
      int count = 1 + random.nextInt(5);
      for (int i = 0; i < count; i++) {
        // Half of the changes are in the headers, where they matter most.
        int at = random.nextBoolean() ? random.nextInt(file.length)
            : directory + random.nextInt(Math.min(200, file.length - directory));
        changed[at] = switch (random.nextInt(4)) {
          case 0 -> (byte) 0xff;
          case 1 -> 0;
          case 2 -> (byte) (changed[at] ^ 1 << random.nextInt(8));
          default -> (byte) random.nextInt();
        };
      }
      read(changed, path.getFileName() + ", seed " + seed);
    }
  }

  private static int directory(byte[] tiff) {
    return ByteBuffer.wrap(tiff).order(tiff[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN).getInt(4);
  }

  /** Sizes are refused before memory is taken. */
  @ParameterizedTest
  @CsvSource({
      "lossy.webp, 26, 3fff, 3fff, 16383x16383 pixels are more than the limit of 100 megapixels",
      "lossy.webp, 26, 2000, 2000, 8192x8192 pixels do not fit into a file of",
      "lossy.webp, 26, 0, 10, an image of 0x16 pixels is empty"
  })
  void giantLossyImagesAreRefused(String name, int at, String width, String height, String message) throws IOException {
    byte[] file = file(name);
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putShort(at, Short.parseShort(width, 16))
        .putShort(at + 2, Short.parseShort(height, 16));
    assertThatThrownBy(() -> Image.read(file, "x")).isInstanceOf(FoveaException.class).hasMessageStartingWith("x: ")
        .hasMessageContaining(message);
  }

  @Test
  void giantLosslessImagesAreRefused() throws IOException {
    byte[] file = file("lossless.webp");
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(21, 0x0fffffff);
    assertThatThrownBy(() -> Image.read(file, "x")).isInstanceOf(FoveaException.class)
        .hasMessageStartingWith("x: 16384x16384 pixels are more than the limit of 100 megapixels");
  }

  @ParameterizedTest
  @CsvSource({
      "256, 2000000000, '2000000000x27 pixels are more than the limit of 100 megapixels'",
      "256, 900000, '900000x27 pixels do not fit into a file of'",
      "257, -1, '37x2147483647 pixels are more than the limit'",
      "257, 0, 'a TIFF directory without an image'"
  })
  void giantTiffsAreRefused(int tag, int value, String message) throws IOException {
    byte[] file = file("turned.tif");
    ByteBuffer tiff = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    tiff.putInt(entry(tiff, tag) + 8, value);
    assertThatThrownBy(() -> Image.read(file, "x")).isInstanceOf(FoveaException.class).hasMessageStartingWith("x: ")
        .hasMessageContaining(message);
  }

  /** What is not supported is named. */
  @ParameterizedTest
  @CsvSource({
      "rgb-raw.tif, 259, 50000, TIFF with compression 50000 (Zstandard) is not supported; save it as grey or RGB",
      "rgb-raw.tif, 259, 6, TIFF with compression 6 (old-style JPEG) is not supported",
      "rgb-raw.tif, 262, 8, TIFF with L*a*b* is not supported",
      "rgb-raw.tif, 262, 77, TIFF with colours of kind 77 is not supported",
      "rgb-raw.tif, 277, 7, TIFF with 7 samples per pixel where 3 are usual is not supported",
      "grey-lzw.tif, 258, 12, TIFF with samples of 12 bits is not supported",
      "grey-lzw.tif, 258, 32, TIFF with samples of 32 bits is not supported",
      "rgb-lzw.tif, 259, 4, cannot be decoded as TIFF (a fax compression of 3 samples of 8 bits)",
      "cmyk-lzw.tif, 259, 7, TIFF with JPEG data of 4 samples of 8 bits is not supported"
  })
  void otherKindsOfTiffAreNamed(String name, int tag, int value, String message) throws IOException {
    byte[] file = file(name);
    ByteBuffer tiff = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    tiff.putShort(entry(tiff, tag) + 8, (short) value);
    assertThatThrownBy(() -> Image.read(file, "x")).isInstanceOf(FoveaException.class).hasMessageStartingWith("x: " + message);
  }

  @Test
  void floatsAndBigTiffAreNamed() throws IOException {
    byte[] floats = file("turned.tif");
    ByteBuffer tiff = ByteBuffer.wrap(floats).order(ByteOrder.LITTLE_ENDIAN);
    int planar = entry(tiff, 284);
    tiff.putShort(planar, (short) 339).putShort(planar + 8, (short) 3);
    assertThatThrownBy(() -> Image.read(floats, "x")).hasMessageStartingWith("x: TIFF with samples of floats is not supported; ");
    byte[] big = file("turned.tif");
    big[2] = 43;
    assertThatThrownBy(() -> Image.read(big, "x")).hasMessageStartingWith("x: BigTIFF is not supported; ");
  }

  /** Arrays of a directory are as long as their count says, which the file has to hold. */
  @ParameterizedTest
  @CsvSource({"258", "273", "279"})
  void giantArraysOfADirectoryAreRefused(int tag) throws IOException {
    byte[] file = file("turned.tif");
    ByteBuffer tiff = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    tiff.putInt(entry(tiff, tag) + 4, 0x7fffffff);
    assertThatThrownBy(() -> Image.read(file, "x")).isInstanceOf(FoveaException.class)
        .hasMessage("x: truncated: the file ends at byte " + file.length + ", before the image does; download it again");
  }
}
