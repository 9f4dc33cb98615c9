package dev.fovea.feature;

import dev.fovea.data.PreprocessedDataset;
import dev.fovea.data.Samples;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Inputs;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Workspace.Slot;
import dev.fovea.model.Task;

/** What the frozen body of a network makes of the images of a data set; {@link FeatureExtractor} computes it. */
public final class Features implements Samples {
  private final PreprocessedDataset images;
  private final Graph body;

  /** For each image the body's outputs, one after the other. */
  private final float[][] values;

  Features(PreprocessedDataset images, Graph body, float[][] values) {
    this.images = images;
    this.body = body;
    this.values = values;
  }

  /** Computes them without a cache. */
  public static Features of(PreprocessedDataset images, Graph body, Parameters parameters, int threads) {
    return new FeatureExtractor(body, parameters, threads, FeatureCache.NONE).extract(images, _ -> {}, () -> false).orElseThrow();
  }

  /** Those of an image. */
  float[] values(int index) {
    return values[index].clone();
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
  public Task task() {
    return images.task();
  }

  @Override
  public void read(int index, Inputs to, int row, float[] labels, int labelOffset) {
    int from = 0;
    for (String name : body.outputs().keySet()) {
      Slot slot = to.input(name);
      int size = slot.shape().sizeFrom(1);
      System.arraycopy(values[index], from, slot.array(), slot.offset() + row * size, size);
      from += size;
    }
    images.target(index, labels, labelOffset);
  }
}
