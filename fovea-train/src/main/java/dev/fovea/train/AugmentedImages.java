package dev.fovea.train;

import dev.fovea.augment.Augmentation;
import dev.fovea.augment.Canvas;
import dev.fovea.data.PreprocessedDataset;
import dev.fovea.data.Sample;
import dev.fovea.data.Samples;
import dev.fovea.graph.Inputs;
import dev.fovea.model.Task;

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
  public Task task() {
    return images.task();
  }

  @Override
  public void read(int index, Inputs to, int row, float[] labels, int labelOffset) {
    Canvas canvas = Canvas.of(images.preprocessing());
    Sample varied = augmentation.apply(images.sample(index), canvas, Augmentation.random(seed, epoch, index));
    images.write(index, varied, to, row, labels, labelOffset);
  }
}
