package dev.fovea.data;

import dev.fovea.graph.Workspace;
import java.util.List;

/** What a network reads, with labels, by index: images at its input size, or what its frozen part made of them. */
public interface Samples {
  /** The data set and its part. */
  String name();

  int size();

  List<String> classes();

  /**
   * Writes a sample into a row of the workspace's inputs, and its labels from {@code labels[labelOffset]} on: the image's class, or the
   * classes of its pixels, {@link PreprocessedDataset#IGNORED} for one without.
   */
  void read(int index, Workspace to, int row, float[] labels, int labelOffset);
}
