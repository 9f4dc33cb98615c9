package dev.fovea.data;

import dev.fovea.format.Sha256;
import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.model.Task;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/** A view of some images of another data set, possibly with other labels. */
final class Subset implements Dataset {
  private final Dataset base;
  private final String name;
  private final List<String> classes;
  private final int[] indices;
  private final int[] labels;

  /** Whether an image has one label, which may be another than the base's. */
  private final boolean oneLabel;

  /** {@code relabel[l]} is the new label of the base's label {@code l}. */
  private Subset(Dataset base, int[] indices, String name, List<String> classes, int[] relabel) {
    this.base = base;
    this.name = name;
    this.classes = List.copyOf(classes);
    this.indices = indices.clone();
    this.oneLabel = !base.segments() && base.task() instanceof Task.OneLabel;
    this.labels = new int[oneLabel ? indices.length : 0];
    for (int i = 0; i < indices.length; i++) {
      Objects.checkIndex(indices[i], base.size());
      if (oneLabel) {
        labels[i] = relabel[base.label(indices[i])];
      }
    }
  }

  static Subset subset(Dataset base, int[] indices, String name) {
    return new Subset(base, indices, name, base.classes(), IntStream.range(0, base.classes().size()).toArray());
  }

  static Subset relabelled(Dataset base, int[] indices, List<String> classes, int[] relabel) {
    return new Subset(base, indices, base.name(), classes, relabel);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return indices.length;
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public int label(int index) {
    return oneLabel ? labels[index] : base.label(indices[index]);
  }

  @Override
  public Task task() {
    return oneLabel ? new Task.OneLabel(classes) : base.task();
  }

  @Override
  public void target(int index, float[] to, int offset) {
    if (oneLabel) {
      to[offset] = labels[index];
    } else {
      base.target(indices[index], to, offset);
    }
  }

  @Override
  public boolean segments() {
    return base.segments();
  }

  @Override
  public LabelledImage labelled(int index) {
    return base.labelled(indices[index]);
  }

  @Override
  public Image image(int index) {
    return base.image(indices[index]);
  }

  @Override
  public String source(int index) {
    return base.source(indices[index]);
  }

  @Override
  public boolean isPreprocessed(Preprocessing preprocessing) {
    return base.isPreprocessed(preprocessing);
  }

  @Override
  public Shape shape() {
    return base.shape();
  }

  @Override
  public Fit fit() {
    return base.fit();
  }

  @Override
  public String fingerprint() {
    return new Sha256().text(base.fingerprint()).ints(indices).ints(labels).texts(classes).hex();
  }

  @Override
  public String toString() {
    return name + " (" + size() + " images)";
  }
}
