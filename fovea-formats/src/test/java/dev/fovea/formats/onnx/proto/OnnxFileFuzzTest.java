package dev.fovea.formats.onnx.proto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.tensor.FoveaException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Damaged and hostile files: each is read or refused in one line, and no tensor has more elements than the file can hold. */
class OnnxFileFuzzTest {
  private static final byte[] MODEL = Samples.bytes(ModelWriter.model(Samples.model()));

  private static final List<byte[]> TENSORS = List.of(
      Samples.bytes(Samples.raw(Samples.tensor(OnnxType.FLOAT, 1, 2), 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0)),
      Samples.bytes(Samples.tensor(OnnxType.INT64, 3).integers(7, List.of(1L, -1L, 300L))),
      Samples.bytes(Samples.tensor(OnnxType.FLOAT, 3).float32(4, 1).text(12, "doc").floats(4, List.of(1f, 2f))),
      Samples.bytes(Samples.tensor(OnnxType.INT4, 3).integers(5, List.of(0x12L, 0x03L))));

  /** Reads everything in a model; true if it was valid. */
  private static boolean readModel(byte[] bytes, String seed) {
    return read(bytes, seed, file -> file.model().graph().initializers().forEach(tensor -> check(tensor, bytes.length, seed)));
  }

  private static boolean readTensor(byte[] bytes, String seed) {
    return read(bytes, seed, file -> check(file.tensor(), bytes.length, seed));
  }

  private static void check(OnnxTensor tensor, int length, String seed) {
    if (tensor.isReadable()) {
      assertThat(tensor.size()).as(seed).isLessThanOrEqualTo(4L * length);
      assertThat(tensor.floats()).as(seed).hasSize((int) tensor.size());
    }
  }

  private static boolean read(byte[] bytes, String seed, Consumer<OnnxFile> body) {
    try (OnnxFile file = OnnxFile.of("f", bytes)) {
      body.accept(file);
      return true;
    } catch (FoveaException e) {
      assertThat(e.getMessage()).as(seed).startsWith("f: ").matches("\\P{Cntrl}+");
      return false;
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      throw new AssertionError(seed, e);
    }
  }

  @Test
  void theUndamagedFilesAreValid() {
    assertThat(readModel(MODEL, "whole")).isTrue();
    TENSORS.forEach(tensor -> assertThat(readTensor(tensor, "whole")).isTrue());
  }

  /** Within a message of known length a missing byte is noticed; whole fields at the end can be missing without a sign of it. */
  @Test
  void everyPrefixIsReadOrRefused() {
    int valid = 0;
    for (int length = 0; length < MODEL.length; length++) {
      valid += readModel(Arrays.copyOf(MODEL, length), "prefix of " + length) ? 1 : 0;
    }
    assertThat(valid).as("prefixes that end between fields behind the graph").isLessThan(6);
    for (byte[] tensor : TENSORS) {
      for (int length = 0; length < tensor.length; length++) {
        assertThat(readTensor(Arrays.copyOf(tensor, length), "prefix of " + length)).isEqualTo(isComplete(tensor, length));
      }
    }
  }

  /** Without elements a tensor can be read as far as its shape. */
  private static boolean isComplete(byte[] tensor, int length) {
    try (OnnxFile file = OnnxFile.of("f", Arrays.copyOf(tensor, length))) {
      return !file.tensor().isReadable();
    } catch (FoveaException e) {
      return false;
    }
  }

  @Test
  void flippedBitsAreReadOrRefused() {
    int valid = 0;
    for (int bit = 0; bit < MODEL.length * Byte.SIZE; bit++) {
      valid += readModel(flipped(MODEL, bit), "bit " + bit) ? 1 : 0;
    }
    assertThat(valid).as("some changes, to a name for one, leave a valid file").isBetween(100, MODEL.length * 6);
    for (byte[] tensor : TENSORS) {
      for (int bit = 0; bit < tensor.length * Byte.SIZE; bit++) {
        readTensor(flipped(tensor, bit), "bit " + bit);
      }
    }
  }

  private static byte[] flipped(byte[] bytes, int bit) {
    byte[] changed = bytes.clone();
    changed[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
    return changed;
  }

  @Test
  void changedBytesAreReadOrRefused() {
    for (long seed = 0; seed < 20_000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      byte[] changed = MODEL.clone();
      for (int n = random.nextInt(1, 5); n > 0; n--) {
        changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
      }
      int from = random.nextInt(changed.length);
      int to = random.nextInt(from, changed.length);
      if (seed % 4 == 0) {
        System.arraycopy(changed, from, changed, random.nextInt(changed.length - (to - from)), to - from);
      }
      readModel(changed, "seed " + seed);
    }
  }

  @Test
  void randomBytesAreRefused() {
    for (long seed = 0; seed < 5_000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      byte[] noise = new byte[random.nextInt(1, 300)];
      random.nextBytes(noise);
      assertThat(readModel(noise, "seed " + seed)).as("seed %d", seed).isFalse();
    }
  }
}
