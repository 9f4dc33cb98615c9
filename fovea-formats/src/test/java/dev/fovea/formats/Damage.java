package dev.fovea.formats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.tensor.FoveaException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Damages a file and checks that each form of it is read, or refused in one line that names it. */
public final class Damage {
  private Damage() {}

  /** Every prefix of the file is refused. */
  public static void truncate(byte[] whole, Path file, Consumer<Path> read) {
    for (int length = 0; length < whole.length; length++) {
      assertThat(accepted(Arrays.copyOf(whole, length), file, read, "prefix of " + length)).as("prefix of %d", length).isFalse();
    }
    assertThat(accepted(whole, file, read, "whole")).isTrue();
  }

  /** Changes each byte in turn, and several at random. */
  public static void flip(byte[] whole, Path file, Consumer<Path> read, int random) {
    SplittableRandom seeded = new SplittableRandom(1);
    for (int i = 0; i < whole.length; i++) {
      byte[] damaged = whole.clone();
      damaged[i] ^= (byte) (1 << seeded.nextInt(8));
      accepted(damaged, file, read, "byte " + i);
      damaged[i] = (byte) (seeded.nextBoolean() ? 0xff : seeded.nextInt());
      accepted(damaged, file, read, "byte " + i + " set");
    }
    for (int run = 0; run < random; run++) {
      byte[] damaged = whole.clone();
      for (int n = seeded.nextInt(1, 20); n > 0; n--) {
        damaged[seeded.nextInt(damaged.length)] = (byte) seeded.nextInt();
      }
      accepted(damaged, file, read, "run " + run);
    }
  }

  private static boolean accepted(byte[] bytes, Path file, Consumer<Path> read, String seed) {
    try {
      read.accept(Samples.write(file, bytes));
      return true;
    } catch (FoveaException e) {
      assertThat(e.getMessage()).as(seed).startsWith(file.toString()).matches("\\P{Cntrl}+");
      return false;
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      throw new AssertionError(seed, e);
    }
  }
}
