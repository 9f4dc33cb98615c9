package dev.fovea.data;

import dev.fovea.graph.Inputs;
import dev.fovea.graph.Workspace;
import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.LabelMap;
import dev.fovea.image.Preprocessing;
import dev.fovea.model.Model;
import dev.fovea.model.Task;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.Objects;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The images of another data set at the input size of a model. All images are decoded and resized once, on all processors, when
 * the first is requested, and cached as bytes for the following epochs: {@code size x channels x height x width} bytes, and one
 * more per pixel if pixels have classes. A set larger than half of the JVM's memory ({@code -Xmx}) is not cached and decoded at
 * each access; one that is in memory in this form is not copied. For random crops, {@link #uncropped} keeps larger images.
 */
public final class PreprocessedDataset implements Dataset, Samples {
  /** The label of a pixel without a class; ignored by losses. */
  public static final int IGNORED = -1;

  private final Dataset base;
  private final Preprocessing preprocessing;
  private final IntConsumer progress;
  private final long limit;
  private final boolean isUncropped;
  private final boolean inMemory;
  private volatile Sample @Nullable [] cache;

  private PreprocessedDataset(Dataset base, Preprocessing preprocessing, IntConsumer progress, long limit, boolean isUncropped) {
    this.base = base;
    this.preprocessing = preprocessing;
    this.progress = progress;
    this.limit = limit;
    this.isUncropped = isUncropped;
    this.inMemory = !base.isPreprocessed(preprocessing) && bytes() <= limit;
    if (base.segments() && preprocessing.fit() != Fit.STRETCH) {
      throw new FoveaException(base.name() + ": images with label maps must be stretched to the model's input size, got "
          + preprocessing.fit());
    }
  }

  static PreprocessedDataset of(Dataset base, Preprocessing preprocessing, IntConsumer progress) {
    return limited(base, preprocessing, progress, Runtime.getRuntime().maxMemory() / 2);
  }

  static PreprocessedDataset limited(Dataset base, Preprocessing preprocessing, IntConsumer progress, long limit) {
    return new PreprocessedDataset(base, preprocessing, progress, limit, false);
  }

  /** The same images, cached only if they take no more than that; in place of half of the memory. */
  PreprocessedDataset within(long bytes) {
    return new PreprocessedDataset(base, preprocessing, progress, bytes, isUncropped);
  }

  /**
   * The same images at the size that {@link Preprocessing#uncropped} gives, to take random parts of; not cached if they might need
   * more than half of the memory. {@link #read} still gives the input size.
   */
  public PreprocessedDataset uncropped() {
    return isUncropped ? this : new PreprocessedDataset(base, preprocessing, progress, limit, true);
  }

  /** At most, for uncropped images. */
  private long bytes() {
    int planes = preprocessing.channels() + (base.segments() ? 1 : 0);
    long pixels = isUncropped ? preprocessing.uncroppedPixels() : (long) preprocessing.height() * preprocessing.width();
    return (long) Math.min(Long.MAX_VALUE, (double) base.size() * planes * pixels);
  }

  /** The preprocessing of each image. */
  public Preprocessing preprocessing() {
    return preprocessing;
  }

  /** The memory of the cache, at most; 0 if there is none. */
  public long cachedBytes() {
    return inMemory ? bytes() : 0;
  }

  /** Whether images are decoded at each access, since a cache would be too large. */
  public boolean isDecodedAgain() {
    return !inMemory && !base.isPreprocessed(preprocessing);
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

  private Sample[] prepared() {
    Sample[] all = cache;
    return all == null ? prepareAll() : all;
  }

  private synchronized Sample[] prepareAll() {
    Sample[] all = cache;
    if (all == null) {
      Sample[] slots = new Sample[size()];
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

  private Sample preprocess(int index) {
    Sample original = Sample.of(base, index);
    return isUncropped ? original.uncropped(preprocessing) : original.fit(preprocessing);
  }

  /** Image {@code index} and its pixels' classes as they are kept: at the model's input size, or {@link #uncropped}. */
  public Sample sample(int index) {
    Objects.checkIndex(index, size());
    return inMemory ? prepared()[index] : preprocess(index);
  }

  /** Image {@code index} of {@link #sample}. */
  @Override
  public Image image(int index) {
    return sample(index).image();
  }

  @Override
  public boolean segments() {
    return base.segments();
  }

  /** Image and labels of {@link #sample}. */
  @Override
  public LabelledImage labelled(int index) {
    Sample sample = sample(index);
    return sample.labels().map(labels -> new LabelledImage(sample.image(), labels)).orElseGet(() -> base.labelled(index));
  }

  /** Writes image {@code index}, normalised, as channels x height x width floats from {@code to[offset]} on. */
  public void read(int index, float[] to, int offset) {
    preprocessing.normalise(fitted(index).image(), to, offset);
  }

  private Sample fitted(int index) {
    return isUncropped ? sample(index).fit(preprocessing) : sample(index);
  }

  /**
   * As {@link #read(int, float[], int)}, and writes the labels from {@code labels[labelOffset]} on: the image's {@link #target}, or
   * height x width classes of its pixels, {@value #IGNORED} for a pixel without one.
   */
  public void read(int index, float[] to, int offset, float[] labels, int labelOffset) {
    write(index, fitted(index), to, offset, labels, labelOffset);
  }

  private void write(int index, Sample sample, float[] to, int offset, float[] labels, int labelOffset) {
    preprocessing.normalise(sample.image(), to, offset);
    if (sample.labels().isEmpty()) {
      base.target(index, labels, labelOffset);
      return;
    }
    byte[] classes = sample.labels().get().classes();
    for (int i = 0; i < classes.length; i++) {
      int label = classes[i] & 0xff;
      labels[labelOffset + i] = label == LabelMap.VOID ? IGNORED : label;
    }
  }

  /** As {@link #read(int, Inputs, int, float[], int)}, with what was made of {@link #sample}, at the model's input size. */
  public void write(int index, Sample varied, Inputs to, int row, float[] labels, int labelOffset) {
    Workspace.Slot input = to.input(Model.INPUT);
    write(index, varied, input.array(), input.offset() + row * input.shape().sizeFrom(1), labels, labelOffset);
  }

  @Override
  public void read(int index, Inputs to, int row, float[] labels, int labelOffset) {
    write(index, fitted(index), to, row, labels, labelOffset);
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
  public String source(int index) {
    return base.source(index);
  }

  @Override
  public Task task() {
    return base.task();
  }

  @Override
  public void target(int index, float[] to, int offset) {
    base.target(index, to, offset);
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
