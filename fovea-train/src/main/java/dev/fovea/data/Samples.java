package dev.fovea.data;

import dev.fovea.graph.Inputs;
import dev.fovea.graph.Shapes;
import dev.fovea.model.Task;
import dev.fovea.tensor.Shape;

/** What a network reads, with labels, by index: images at its input size, or what its frozen part made of them. */
public interface Samples {
  /** The data set and its part. */
  String name();

  int size();

  /** What the labels mean. */
  Task task();

  /** The number of values that {@link #read} writes as labels, if the main output of the network has that shape for one sample. */
  default int labels(Shape output) {
    return task() instanceof Task.OneLabel ? Shapes.labelsOf(output).size() : task().size();
  }

  /**
   * Writes a sample into a row of the network's inputs, and its labels from {@code labels[labelOffset]} on: the image's
   * {@linkplain Dataset#target target}, or the classes of its pixels, {@link PreprocessedDataset#IGNORED} for one without.
   */
  void read(int index, Inputs to, int row, float[] labels, int labelOffset);
}
