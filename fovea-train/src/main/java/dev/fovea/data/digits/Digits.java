package dev.fovea.data.digits;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import java.util.Objects;

/**
 * Images of digits as a function of (seed, index): each is written by a pen along the strokes of one of several writing styles,
 * with a hand that trembles, slants, stretches and warps, and is then scaled and centred as the images of MNIST were (LeCun,
 * Bottou, Bengio, Haffner: Gradient-based learning applied to document recognition, 1998, section III.A). Nothing is read from a
 * file, and the bytes are the same on every machine and from any thread. Training and test images are drawn with different
 * seeds.
 */
public final class Digits {
  /** Number of classes: the label is the digit itself. */
  public static final int CLASSES = 10;

  /** Width and height of an image in pixels. */
  public static final int SIDE = 28;

  /** Bytes of an image. */
  public static final int PIXELS = SIDE * SIDE;

  private Digits() {}

  /**
   * The digit that image {@code index} shows, 0 to 9. Indices {@code 10 k} to {@code 10 k + 9} hold each digit once, in a
   * random order.
   *
   * @throws FoveaException if {@code index} is negative
   */
  public static int label(long seed, int index) {
    requireIndex(index);
    return root(seed).at("order").at(index / CLASSES).permutation(CLASSES)[index % CLASSES];
  }

  /**
   * Draws image {@code index} into {@code pixels}: 28 rows of 28 bytes, unsigned, 0 the black background and 255 full white ink.
   * Thread-safe.
   *
   * @throws FoveaException if {@code index} is negative or {@code pixels} does not hold 784 bytes
   */
  public static void draw(long seed, int index, byte[] pixels) {
    Objects.requireNonNull(pixels, "pixels");
    if (pixels.length != PIXELS) {
      throw new FoveaException("digits: an image needs " + PIXELS + " bytes, got an array of " + pixels.length
          + "; pass new byte[Digits.PIXELS]");
    }
    DigitRandom random = new DigitRandom(root(seed).at("picture").at(index)); // the key determines every pixel
    DigitStyle style = DigitStyles.pick(label(seed, index), random);
    new DigitRaster(new DigitWriter(random).write(style), random).render(pixels);
  }

  private static Rng root(long seed) {
    return Rng.of(seed).at("digits");
  }

  private static void requireIndex(int index) {
    if (index < 0) {
      throw new FoveaException("digits: an image's index is 0 or more, got " + index + "; count from 0");
    }
  }
}
