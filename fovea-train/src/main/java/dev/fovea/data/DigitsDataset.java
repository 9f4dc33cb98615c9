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
 * The built-in digits: drawn from a seed, by all processors, when the first image is asked for. The training images follow
 * from the user's seed; the test images are the same for everybody.
 */
public final class DigitsDataset implements Dataset {
  /** How many training images there are where the user does not say. */
  public static final int TRAIN = 20_000;

  /** How many test images there are. */
  public static final int TEST = 5_000;

  /** The most images of one data set, 784 MB of pixels. */
  public static final int MOST = 1_000_000;

  private static final Shape SHAPE = Shape.of(1, Digits.SIDE, Digits.SIDE);

  private final String name;
  private final long seed;
  private final int[] labels;
  private volatile byte @Nullable [] drawn;

  private DigitsDataset(String part, long seed, int size) {
    this.name = "digits:" + part;
    this.seed = seed;
    this.labels = new int[size];
    Arrays.setAll(labels, i -> Digits.label(seed, i));
  }

  /**
   * Training images that follow from the user's seed.
   *
   * @throws FoveaException if {@code size} is not 1 to {@link #MOST}
   */
  public static DigitsDataset train(long seed, int size) {
    if (size < 1 || size > MOST) {
      throw new FoveaException("digits:" + size + ": expected 1 to " + MOST + " images; write digits:" + TRAIN + " or digits");
    }
    return new DigitsDataset("train", stream(seed, "train"), size);
  }

  /** The test images, the same whatever the user's seed. */
  public static DigitsDataset test() {
    return new DigitsDataset("test", stream(0, "test"), TEST);
  }

  /** Training and test go through the key tree, so no seed a user may choose draws the test images. */
  private static long stream(long seed, String part) {
    return Rng.of(seed).at(part).key();
  }

  private byte[] pixels() {
    byte[] all = drawn;
    return all == null ? drawAll() : all;
  }

  private synchronized byte[] drawAll() {
    byte[] all = drawn;
    if (all == null) {
      byte[] slots = new byte[size() * Digits.PIXELS];
      Parallel.loop(size(), i -> {
        byte[] image = new byte[Digits.PIXELS];
        Digits.draw(seed, i, image);
        System.arraycopy(image, 0, slots, i * Digits.PIXELS, Digits.PIXELS);
      });
      drawn = slots;
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

  /** The seed, the count and the first ten images, which stand for the version of what draws them. */
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
