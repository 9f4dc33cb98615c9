package dev.fovea.data;

import dev.fovea.graph.Workspace;
import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.LabelMap;
import dev.fovea.image.Preprocessing;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The images of another data set at the input size of a model. All images are decoded and resized once, on all processors, when
 * the first is requested, and cached as bytes for the following epochs: {@code size x channels x height x width} bytes, and one
 * more per pixel if pixels have classes. A set larger than half of the JVM's memory ({@code -Xmx}) is not cached and decoded at
 * each access; one that is in memory in this form is not copied.
 */
public final class PreprocessedDataset implements Dataset, Samples {
  /** The label of a pixel without a class; ignored by losses. */
  public static final int IGNORED = -1;

  private final Dataset base;
  private final Preprocessing preprocessing;
  private final IntConsumer progress;
  private final boolean inMemory;
  private volatile Entry @Nullable [] cache;

  /** An image, with its pixels' classes if they have any. */
  private record Entry(Image image, Optional<LabelMap> labels) {}

  private PreprocessedDataset(Dataset base, Preprocessing preprocessing, IntConsumer progress, long limit) {
    this.base = base;
    this.preprocessing = preprocessing;
    this.progress = progress;
    this.inMemory = !base.isPreprocessed(preprocessing) && bytes(base, preprocessing) <= limit;
    if (base.segments() && preprocessing.fit() != Fit.STRETCH) {
      throw new FoveaException(base.name() + ": images with label maps must be stretched to the model's input size, got "
          + preprocessing.fit());
    }
  }

  static PreprocessedDataset of(Dataset base, Preprocessing preprocessing, IntConsumer progress) {
    return limited(base, preprocessing, progress, Runtime.getRuntime().maxMemory() / 2);
  }

  static PreprocessedDataset limited(Dataset base, Preprocessing preprocessing, IntConsumer progress, long limit) {
    return new PreprocessedDataset(base, preprocessing, progress, limit);
  }

  private static long bytes(Dataset base, Preprocessing preprocessing) {
    int planes = preprocessing.channels() + (base.segments() ? 1 : 0);
    return (long) base.size() * planes * preprocessing.height() * preprocessing.width();
  }

  /** The preprocessing of each image. */
  public Preprocessing preprocessing() {
    return preprocessing;
  }

  /** Whether the images are cached; false if they would need more than half of the memory, or are already in memory. */
  public boolean inMemory() {
    return inMemory;
  }

  /**
   * Fills the cache now, if there is one; otherwise the first access does so.
   *
   * @throws UnreadableImages naming all files that cannot be read
   */
  public void load() {
    if (inMemory) {
      prepared();
    }
  }

  private Entry[] prepared() {
    Entry[] all = cache;
    return all == null ? prepareAll() : all;
  }

  private synchronized Entry[] prepareAll() {
    Entry[] all = cache;
    if (all == null) {
      Entry[] slots = new Entry[size()];
      List<UnreadableImages> failed =
          List.copyOf(UnreadableImages.among(size(), i -> slots[i] = preprocess(i), progress).values());
      if (!failed.isEmpty()) {
        throw UnreadableImages.all(failed, size());
      }
      cache = slots;
      all = slots;
    }
    return all;
  }

  private Entry preprocess(int index) {
    if (!base.segments()) {
      return new Entry(preprocessing.fit(base.image(index)), Optional.empty());
    }
    LabelledImage both = base.labelled(index).fit(preprocessing);
    return new Entry(both.image(), Optional.of(both.labels()));
  }

  private Entry at(int index) {
    Objects.checkIndex(index, size());
    return inMemory ? prepared()[index] : preprocess(index);
  }

  /** Image {@code index} at the model's input size. */
  @Override
  public Image image(int index) {
    return at(index).image;
  }

  @Override
  public boolean segments() {
    return base.segments();
  }

  /** Image and labels at the model's input size. */
  @Override
  public LabelledImage labelled(int index) {
    Entry preprocess = at(index);
    return preprocess.labels.map(labels -> new LabelledImage(preprocess.image, labels)).orElseGet(() -> base.labelled(index));
  }

  /** Writes image {@code index}, normalised, as channels x height x width floats from {@code to[offset]} on. */
  public void read(int index, float[] to, int offset) {
    preprocessing.normalise(image(index), to, offset);
  }

  /**
   * As {@link #read(int, float[], int)}, and writes the labels from {@code labels[labelOffset]} on: the image's class, or height
   * x width classes of its pixels, {@value #IGNORED} for a pixel without one.
   */
  public void read(int index, float[] to, int offset, float[] labels, int labelOffset) {
    Entry preprocess = at(index);
    preprocessing.normalise(preprocess.image, to, offset);
    if (preprocess.labels.isEmpty()) {
      labels[labelOffset] = base.label(index);
      return;
    }
    byte[] classes = preprocess.labels.get().classes();
    for (int i = 0; i < classes.length; i++) {
      int label = classes[i] & 0xff;
      labels[labelOffset + i] = label == LabelMap.VOID ? IGNORED : label;
    }
  }

  @Override
  public void read(int index, Workspace to, int row, float[] labels, int labelOffset) {
    Workspace.Slot input = to.input(Model.INPUT);
    read(index, input.array(), input.offset() + row * input.shape().sizeFrom(1), labels, labelOffset);
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

  /** The fingerprint of the images before preprocessing. */
  @Override
  public String fingerprint() {
    return base.fingerprint();
  }

  @Override
  public String toString() {
    return base.name() + " at " + shape();
  }
}
