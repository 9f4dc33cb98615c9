package dev.fovea.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged and hostile files: each is read or refused in one line, and no more memory is allocated than the file has data. */
class SafeTensorsFuzzTest {
  @TempDir
  Path folder;

  /** Reads a whole file; true if it was valid. */
  private boolean read(byte[] bytes, String seed) throws IOException {
    Path path = folder.resolve("f");
    overwrite(path, bytes);
    try (SafeTensors file = SafeTensors.read(path)) {
      long floats = 0;
      for (String name : file.names()) {
        if (file.isReadable(name)) {
          floats += file.tensor(name).values().length;
        } else {
          refuses(file, name, seed);
        }
      }
      assertThat(floats).as(seed).isLessThanOrEqualTo(bytes.length);
      return true;
    } catch (FoveaException e) {
      assertThat(e.getMessage()).as(seed).startsWith(path + ": ").matches("\\P{Cntrl}+");
      return false;
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      throw new AssertionError(seed, e);
    }
  }

  /** Writes in place, since truncating and rewriting a file makes some file systems wait for the disk, ten thousand times. */
  private static void overwrite(Path path, byte[] bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes));
      channel.truncate(bytes.length);
    }
  }

  private static void refuses(SafeTensors file, String name, String seed) {
    try {
      file.tensor(name);
    } catch (FoveaException e) {
      assertThat(e.getMessage()).as(seed).matches("\\P{Cntrl}+");
      return;
    }
    throw new AssertionError(seed + ": a tensor that is not readable was read");
  }

  @Test
  void theUndamagedFileIsValid() throws IOException {
    assertThat(read(SafeTensorsTest.python(), "whole")).isTrue();
  }

  @Test
  void everyPrefixIsRefused() throws IOException {
    byte[] whole = SafeTensorsTest.python();
    for (int length = 0; length < whole.length; length++) {
      assertThat(read(Arrays.copyOf(whole, length), "prefix of " + length)).as("prefix of %d", length).isFalse();
    }
    assertThat(read(Arrays.copyOf(whole, whole.length + 1), "one byte more")).isFalse();
  }

  @Test
  void singleChangedBytesAreReadOrRefused() throws IOException {
    byte[] whole = SafeTensorsTest.python();
    int dataStart = 8 + (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    int valid = 0;
    for (long seed = 0; seed < 10_000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      byte[] changed = whole.clone();
      int at = random.nextInt(dataStart);
      changed[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : changed[at] + random.nextInt(-2, 3));
      if (read(changed, "seed " + seed)) {
        valid++;
      }
    }
    assertThat(valid).as("some changes, to a name for one, leave a valid file").isBetween(100, 9_000);
  }

  @Test
  void randomBytesAreRefused() throws IOException {
    for (long seed = 0; seed < 3_000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      byte[] noise = new byte[random.nextInt(300)];
      random.nextBytes(noise);
      if (random.nextBoolean() && noise.length > 8) {
        ByteBuffer.wrap(noise).order(ByteOrder.LITTLE_ENDIAN).putLong(0, random.nextInt(noise.length)).put(8, (byte) '{');
      }
      assertThat(read(noise, "seed " + seed)).as("seed %d", seed).isFalse();
    }
  }

  @Test
  void wrongSizesAllocateNoMemory() throws IOException {
    String[] sizes = {"2147483647", "2147483648", "4611686018427387904", "9223372036854775807",
        "18446744073709551615", "1000000000"};
    for (String dim : sizes) {
      for (String end : sizes) {
        String header = "{\"x\":{\"dtype\":\"F32\",\"shape\":[" + dim + "],\"data_offsets\":[0," + end + "]}}";
        assertThat(read(SafeTensorsTest.bytes(header, "00000000"), dim + " " + end)).isFalse();
      }
    }
  }
}
