package dev.fovea.data;

import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.Objects;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The pictures of another data set, brought to the size a model takes. All of them are decoded and resized once, by all
 * processors, when the first is asked for, and kept as bytes, since every epoch reads them again: {@code size x channels x height
 * x width} bytes, as long as that is at most half of the JVM's memory ({@code -Xmx}). A larger set is decoded anew at every
 * reading.
 */
public final class FittedDataset implements Dataset {
  private final Dataset base;
  private final Preprocessing preprocessing;
  private final IntConsumer progress;
  private final boolean inMemory;
  private volatile Image @Nullable [] ready;

  private FittedDataset(Dataset base, Preprocessing preprocessing, IntConsumer progress, long limit) {
    this.base = base;
    this.preprocessing = preprocessing;
    this.progress = progress;
    this.inMemory = bytes(base.size(), preprocessing) <= limit;
  }

  static FittedDataset of(Dataset base, Preprocessing preprocessing, IntConsumer progress) {
    return limited(base, preprocessing, progress, Runtime.getRuntime().maxMemory() / 2);
  }

  static FittedDataset limited(Dataset base, Preprocessing preprocessing, IntConsumer progress, long limit) {
    return new FittedDataset(base, preprocessing, progress, limit);
  }

  private static long bytes(int size, Preprocessing preprocessing) {
    return (long) size * preprocessing.channels() * preprocessing.height() * preprocessing.width();
  }

  /** What is done to each picture. */
  public Preprocessing preprocessing() {
    return preprocessing;
  }

  /** Whether the pictures are kept; false where they would take more than half of the memory. */
  public boolean inMemory() {
    return inMemory;
  }

  /**
   * Decodes and resizes everything now, where it is kept and was not yet; the first reading does it otherwise.
   *
   * @throws FoveaException naming the first file that cannot be read
   */
  public void prepare() {
    if (inMemory) {
      prepared();
    }
  }

  private Image[] prepared() {
    Image[] all = ready;
    return all == null ? prepareAll() : all;
  }

  private synchronized Image[] prepareAll() {
    Image[] all = ready;
    if (all == null) {
      Image[] slots = new Image[size()];
      Parallel.loop(size(), i -> slots[i] = preprocessing.fit(base.image(i)), progress);
      ready = slots;
      all = slots;
    }
    return all;
  }

  /** Picture {@code index} at the model's size. */
  @Override
  public Image image(int index) {
    Objects.checkIndex(index, size());
    return inMemory ? prepared()[index] : preprocessing.fit(base.image(index));
  }

  /** Writes picture {@code index}, normalised, as channels x height x width floats from {@code to[offset]} on. */
  public void read(int index, float[] to, int offset) {
    preprocessing.normalise(image(index), to, offset);
  }

  @Override
  public String name() {
    return base.name();
  }

  @Override
  public int size() {
    return base.size();
  }

  @Override
  public List<String> classes() {
    return base.classes();
  }

  @Override
  public int label(int index) {
    return base.label(index);
  }

  @Override
  public Shape shape() {
    return Shape.of(preprocessing.channels(), preprocessing.height(), preprocessing.width());
  }

  @Override
  public Fit fit() {
    return preprocessing.fit();
  }

  /** That of the pictures as they were before. */
  @Override
  public String fingerprint() {
    return base.fingerprint();
  }

  @Override
  public String toString() {
    return base.name() + " at " + shape();
  }
}
