package dev.fovea.data;

import dev.fovea.data.digits.Digits;
import dev.fovea.format.Sha256;
import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The built-in digits: drawn from a seed, on all processors, when the first image is requested. The training images depend on
 * the user's seed; the test images are fixed.
 */
public final class DigitsDataset implements Dataset {
  /** The default number of training images. */
  public static final int TRAIN = 20_000;

  /** The number of test images. */
  public static final int TEST = 5_000;

  /** The maximum number of images of a data set, 784 MB of pixels. */
  public static final int MAX_SIZE = 1_000_000;

  private static final Shape SHAPE = Shape.of(1, Digits.SIDE, Digits.SIDE);

  private final String name;
  private final long seed;
  private final int[] labels;
  private volatile byte @Nullable [] cached;

  private DigitsDataset(String part, long seed, int size) {
    this.name = "digits:" + part;
    this.seed = seed;
    this.labels = new int[size];
    Arrays.setAll(labels, i -> Digits.label(seed, i));
  }

  /**
   * Training images drawn from the user's seed.
   *
   * @throws FoveaException if {@code size} is not 1 to {@link #MAX_SIZE}
   */
  public static DigitsDataset train(long seed, int size) {
    if (size < 1 || size > MAX_SIZE) {
      throw new FoveaException(
          "digits:" + size + ": expected 1 to " + MAX_SIZE + " images; write digits:" + TRAIN + " or digits");
    }
    return new DigitsDataset("train", stream(seed, "train"), size);
  }

  /** The test images, independent of the user's seed. */
  public static DigitsDataset test() {
    return new DigitsDataset("test", stream(0, "test"), TEST);
  }

  /** Training and test have different branches of the key tree, so that no user's seed draws the test images. */
  private static long stream(long seed, String part) {
    return Rng.of(seed).at(part).key();
  }

  private byte[] pixels() {
    byte[] all = cached;
    return all == null ? drawAll() : all;
  }

  private synchronized byte[] drawAll() {
    byte[] all = cached;
    if (all == null) {
      byte[] slots = new byte[size() * Digits.PIXELS];
      Parallel.loop(size(), i -> {
        byte[] image = new byte[Digits.PIXELS];
        Digits.draw(seed, i, image);
        System.arraycopy(image, 0, slots, i * Digits.PIXELS, Digits.PIXELS);
      });
      cached = slots;
      all = slots;
    }
    return all;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public List<String> classes() {
    return ClassNames.DIGITS;
  }

  @Override
  public int label(int index) {
    return labels[index];
  }

  @Override
  public Image image(int index) {
    int start = Objects.checkIndex(index, size()) * Digits.PIXELS;
    return new Image(Digits.SIDE, Digits.SIDE, 1, Arrays.copyOfRange(pixels(), start, start + Digits.PIXELS));
  }

  @Override
  public Shape shape() {
    return SHAPE;
  }

  @Override
  public Fit fit() {
    return Fit.INK;
  }

  /** A hash of the seed, the count and the first ten images, which represent the version of the generator. */
  @Override
  public String fingerprint() {
    Sha256 hash = new Sha256().text("digits").number(seed).number(size());
    byte[] image = new byte[Digits.PIXELS];
    for (int i = 0; i < Math.min(10, size()); i++) {
      Digits.draw(seed, i, image);
      hash.bytes(image);
    }
    return hash.hex();
  }

  @Override
  public String toString() {
    return name + " (" + size() + " images of " + SHAPE + ")";
  }
}
