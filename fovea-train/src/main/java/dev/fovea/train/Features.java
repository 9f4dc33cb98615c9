package dev.fovea.train;

import dev.fovea.data.PreprocessedDataset;
import dev.fovea.data.Samples;
import dev.fovea.graph.Backends;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Program;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Workspace;
import dev.fovea.graph.Workspace.Slot;
import java.util.List;
import java.util.function.IntConsumer;

/** What the frozen body of a network makes of the images of a data set. */
final class Features implements Samples {
  private static final int BATCH = 32;

  private final PreprocessedDataset images;
  private final List<String> names;

  /** For each image its features, one after the other. */
  private final float[][] values;

  private Features(PreprocessedDataset images, List<String> names, float[][] values) {
    this.images = images;
    this.names = names;
    this.values = values;
  }

  /**
   * Computes them.
   *
   * @param progress receives the number of images done
   */
  static Features of(PreprocessedDataset images, Graph body, Parameters parameters, int threads, IntConsumer progress) {
    List<String> names = List.copyOf(body.outputs().keySet());
    float[][] values = new float[images.size()][];
    Program program = null;
    Workspace workspace = null;
    for (int from = 0; from < values.length; from += BATCH) {
      int count = Math.min(BATCH, values.length - from);
      if (program == null || workspace == null || count < BATCH) {
        program = Backends.find().compile(Rewrite.inference(Rewrite.withBatch(body, count)), parameters, threads);
        workspace = program.workspace();
      }
      float[] labels = new float[count];
      for (int i = 0; i < count; i++) {
        images.read(from + i, workspace, i, labels, i);
      }
      program.run(workspace);
      List<Slot> outputs = names.stream().map(workspace::output).toList();
      for (int i = 0; i < count; i++) {
        values[from + i] = row(outputs, i);
      }
      progress.accept(from + count);
    }
    return new Features(images, names, values);
  }

  private static float[] row(List<Slot> slots, int row) {
    float[] values = new float[slots.stream().mapToInt(slot -> slot.shape().sizeFrom(1)).sum()];
    int to = 0;
    for (Slot slot : slots) {
      int size = slot.shape().sizeFrom(1);
      System.arraycopy(slot.array(), slot.offset() + row * size, values, to, size);
      to += size;
    }
    return values;
  }

  @Override
  public String name() {
    return images.name();
  }

  @Override
  public int size() {
    return values.length;
  }

  @Override
  public List<String> classes() {
    return images.classes();
  }

  @Override
  public void read(int index, Workspace to, int row, float[] labels, int labelOffset) {
    int from = 0;
    for (String name : names) {
      Slot slot = to.input(name);
      int size = slot.shape().sizeFrom(1);
      System.arraycopy(values[index], from, slot.array(), slot.offset() + row * size, size);
      from += size;
    }
    labels[labelOffset] = images.label(index);
  }
}
