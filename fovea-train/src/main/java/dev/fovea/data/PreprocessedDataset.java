package dev.fovea.data;

import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.LabelMap;
import dev.fovea.image.Preprocessing;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The images of another data set, brought to the size a model takes. All of them are decoded and resized once, by all
 * processors, when the first is asked for, and kept as bytes, since every epoch reads them again: {@code size x channels x height
 * x width} bytes, and one more a pixel where pixels have classes, as long as that is at most half of the JVM's memory ({@code
 * -Xmx}). A larger set is decoded anew at every reading, and of one that lies in memory like this already no copy is made.
 */
public final class PreprocessedDataset implements Dataset {
  /** What stands among the labels for a pixel without a class; losses pass over it. */
  public static final int IGNORED = -1;

  private final Dataset base;
  private final Preprocessing preprocessing;
  private final IntConsumer progress;
  private final boolean inMemory;
  private volatile Fitted @Nullable [] ready;

  /** An image, with its pixels' classes where they have some. */
  private record Fitted(Image image, Optional<LabelMap> labels) {}

  private PreprocessedDataset(Dataset base, Preprocessing preprocessing, IntConsumer progress, long limit) {
    this.base = base;
    this.preprocessing = preprocessing;
    this.progress = progress;
    this.inMemory = !base.liesFitted(preprocessing) && bytes(base, preprocessing) <= limit;
    if (base.segments() && preprocessing.fit() != Fit.STRETCH) {
      throw new FoveaException(base.name() + ": images whose pixels have classes are stretched to a model's size, got "
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

  /** What is done to each image. */
  public Preprocessing preprocessing() {
    return preprocessing;
  }

  /** Whether the images are kept; false where they would take more than half of the memory, or lie there already. */
  public boolean inMemory() {
    return inMemory;
  }

  /**
   * Decodes and resizes everything now, where it is kept and was not yet; the first reading does it otherwise.
   *
   * @throws UnreadableImages naming all files that cannot be read
   */
  public void prepare() {
    if (inMemory) {
      prepared();
    }
  }

  private Fitted[] prepared() {
    Fitted[] all = ready;
    return all == null ? prepareAll() : all;
  }

  private synchronized Fitted[] prepareAll() {
    Fitted[] all = ready;
    if (all == null) {
      Fitted[] slots = new Fitted[size()];
      List<UnreadableImages> failed = List.copyOf(UnreadableImages.among(size(), i -> slots[i] = fitted(i), progress).values());
      if (!failed.isEmpty()) {
        throw UnreadableImages.all(failed, size());
      }
      ready = slots;
      all = slots;
    }
    return all;
  }

  private Fitted fitted(int index) {
    if (!base.segments()) {
      return new Fitted(preprocessing.fit(base.image(index)), Optional.empty());
    }
    LabelledImage both = base.labelled(index).fit(preprocessing);
    return new Fitted(both.image(), Optional.of(both.labels()));
  }

  private Fitted at(int index) {
    Objects.checkIndex(index, size());
    return inMemory ? prepared()[index] : fitted(index);
  }

  /** Image {@code index} at the model's size. */
  @Override
  public Image image(int index) {
    return at(index).image;
  }

  @Override
  public boolean segments() {
    return base.segments();
  }

  /** Image and labels at the model's size. */
  @Override
  public LabelledImage labelled(int index) {
    Fitted fitted = at(index);
    return fitted.labels.map(labels -> new LabelledImage(fitted.image, labels)).orElseGet(() -> base.labelled(index));
  }

  /** Writes image {@code index}, normalised, as channels x height x width floats from {@code to[offset]} on. */
  public void read(int index, float[] to, int offset) {
    preprocessing.normalise(image(index), to, offset);
  }

  /**
   * As {@link #read(int, float[], int)}, and writes the labels from {@code labels[labelOffset]} on: the image's class, or height
   * x width classes of its pixels, {@value #IGNORED} where one has none.
   */
  public void read(int index, float[] to, int offset, float[] labels, int labelOffset) {
    Fitted fitted = at(index);
    preprocessing.normalise(fitted.image, to, offset);
    if (fitted.labels.isEmpty()) {
      labels[labelOffset] = base.label(index);
      return;
    }
    byte[] classes = fitted.labels.get().classes();
    for (int i = 0; i < classes.length; i++) {
      int label = classes[i] & 0xff;
      labels[labelOffset + i] = label == LabelMap.VOID ? IGNORED : label;
    }
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

  /** That of the images as they were before. */
  @Override
  public String fingerprint() {
    return base.fingerprint();
  }

  @Override
  public String toString() {
    return base.name() + " at " + shape();
  }
}
