package dev.fovea.train;

import dev.fovea.data.PreprocessedDataset;
import dev.fovea.data.Samples;
import dev.fovea.graph.Workspace;
import dev.fovea.graph.Workspace.Slot;
import dev.fovea.model.Model;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.List;

/** Images as they are varied in an epoch, from 0. */
record AugmentedImages(PreprocessedDataset images, Augmentation augmentation, long seed, int epoch) implements Samples {
  @Override
  public String name() {
    return images.name();
  }

  @Override
  public int size() {
    return images.size();
  }

  @Override
  public List<String> classes() {
    return images.classes();
  }

  @Override
  public void read(int index, Workspace to, int row, float[] labels, int labelOffset) {
    images.read(index, to, row, labels, labelOffset);
    Rng random = Augmentation.random(seed, epoch, index);
    Slot input = to.input(Model.INPUT);
    Shape shape = input.shape().withoutBatch();
    augmentation.apply(random, input.array(), input.offset() + row * shape.size(), shape, 0);
    if (images.segments()) {
      augmentation.apply(random, labels, labelOffset, shape.with(0, 1), PreprocessedDataset.IGNORED);
    }
  }
}
