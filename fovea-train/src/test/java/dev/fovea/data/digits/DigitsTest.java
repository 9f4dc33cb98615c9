package dev.fovea.data.digits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.tensor.FoveaException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DigitsTest {
  private static final long SEED = 1;

  @Test
  void firstHundredImagesHaveTheRecordedHash() throws NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    for (int i = 0; i < 100; i++) {
      digest.update((byte) Digits.label(SEED, i));
      digest.update(image(SEED, i));
    }
    // Trained models and published results depend on these bytes: a change here is a new data set.
    assertThat(HexFormat.of().formatHex(digest.digest()))
        .isEqualTo("6880b17b939c732948d5d58feb5d7aaed906e672cb6a3595bbda94a9b47b671c");
  }

  @Test
  void anyOrderOnAnyThreadDrawsTheSameBytes() {
    byte[][] inOrder = IntStream.range(0, 500).mapToObj(i -> image(SEED, i)).toArray(byte[][]::new);
    byte[][] parallel = new byte[500][];
    IntStream.range(0, 500).parallel().forEach(i -> parallel[499 - i] = image(SEED, 499 - i));
    assertThat(parallel).isDeepEqualTo(inOrder);
  }

  @Test
  void formerContentOfTheArrayIsOverwritten() {
    byte[] used = new byte[Digits.PIXELS];
    Arrays.fill(used, (byte) 77);
    Digits.draw(SEED, 3, used);
    assertThat(used).isEqualTo(image(SEED, 3));
  }

  @Test
  void everyTenIndicesHoldEachDigitOnce() {
    boolean shuffled = false;
    for (int block = 0; block < 200; block++) {
      Set<Integer> seen = new HashSet<>();
      for (int i = 0; i < 10; i++) {
        int label = Digits.label(SEED, 10 * block + i);
        shuffled |= label != i;
        seen.add(label);
      }
      assertThat(seen).as("block %d", block).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }
    assertThat(shuffled).isTrue();
  }

  @Test
  void anotherIndexOrSeedIsAnotherImage() {
    Set<ByteBuffer> seen = new HashSet<>();
    for (int i = 0; i < 2000; i++) {
      seen.add(ByteBuffer.wrap(image(SEED, i)));
      seen.add(ByteBuffer.wrap(image(SEED + 1, i)));
    }
    assertThat(seen).hasSize(4000);
  }

  @Test
  void inkIsSufficientAndItsCentreOfMassIsNearTheMiddle() {
    for (int i = 0; i < 2000; i++) {
      byte[] pixels = image(SEED, i);
      double mass = 0;
      double x = 0;
      double y = 0;
      int brightest = 0;
      for (int at = 0; at < pixels.length; at++) {
        int value = pixels[at] & 0xff;
        int row = at / Digits.SIDE;
        int column = at % Digits.SIDE;
        mass += value;
        x += value * (column + 0.5);
        y += value * (row + 0.5);
        brightest = Math.max(brightest, value);
      }
      assertThat(mass / 255).as("ink of image %d", i).isBetween(10.0, 350.0);
      assertThat(brightest).as("brightest pixel of image %d", i).isGreaterThan(120);
      assertThat(x / mass).as("centre of image %d, right", i).isCloseTo(14, within(2.5));
      assertThat(y / mass).as("centre of image %d, down", i).isCloseTo(14, within(2.5));
    }
  }

  @Test
  void strokesAreWithinTheFrame() {
    double border = 0;
    double all = 0;
    for (int i = 0; i < 2000; i++) {
      byte[] pixels = image(SEED, i);
      for (int at = 0; at < pixels.length; at++) {
        int row = at / Digits.SIDE;
        int column = at % Digits.SIDE;
        boolean edge = Math.min(row, column) == 0 || Math.max(row, column) == Digits.SIDE - 1;
        all += pixels[at] & 0xff;
        border += edge ? pixels[at] & 0xff : 0;
      }
    }
    // The ends of some sevens and nines and a few specks; the margin is 14 % of the area.
    assertThat(border / all).isLessThan(0.002);
  }

  @Test
  void nearestMeanClassifiesManyButNotAll() {
    double[][] means = new double[Digits.CLASSES][Digits.PIXELS];
    for (int i = 0; i < 4000; i++) {
      byte[] pixels = image(SEED, i);
      double[] mean = means[Digits.label(SEED, i)];
      for (int at = 0; at < pixels.length; at++) {
        mean[at] += (pixels[at] & 0xff) / 400.0;
      }
    }
    int right = 0;
    for (int i = 0; i < 2000; i++) {
      right += nearest(means, image(SEED + 1, i)) == Digits.label(SEED + 1, i) ? 1 : 0;
    }
    assertThat(right / 2000.0).isBetween(0.5, 0.95);
  }

  @Test
  void negativeIndexAndWrongArrayAreRefused() {
    assertThatThrownBy(() -> Digits.label(SEED, -1)).isInstanceOf(FoveaException.class).hasMessageContaining("got -1");
    assertThatThrownBy(() -> Digits.draw(SEED, -7, new byte[784])).isInstanceOf(FoveaException.class)
        .hasMessageContaining("got -7");
    assertThatThrownBy(() -> Digits.draw(SEED, 0, new byte[783])).isInstanceOf(FoveaException.class)
        .hasMessageContaining("784 bytes, got an array of 783");
  }

  @Test
  void largestIndexIsDrawn() {
    byte[] pixels = image(Long.MIN_VALUE, Integer.MAX_VALUE);
    assertThat(pixels).isNotEqualTo(new byte[Digits.PIXELS]);
  }

  private static byte[] image(long seed, int index) {
    byte[] pixels = new byte[Digits.PIXELS];
    Digits.draw(seed, index, pixels);
    return pixels;
  }

  private static int nearest(double[][] means, byte[] pixels) {
    int best = 0;
    double minimum = Double.MAX_VALUE;
    for (int c = 0; c < means.length; c++) {
      double sum = 0;
      for (int at = 0; at < pixels.length; at++) {
        double difference = (pixels[at] & 0xff) - means[c][at];
        sum += difference * difference;
      }
      if (sum < minimum) {
        minimum = sum;
        best = c;
      }
    }
    return best;
  }
}
