package dev.fovea.explain.survey;

import dev.fovea.data.Dataset;
import dev.fovea.explain.Explainer;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.function.IntConsumer;

/** The images of a data set as batches of a network's inputs, read when they are needed: memory does not grow with their number. */
public record ImageBatches(Explainer network, Dataset data) {
  /** Receives the images from index {@code first} on. */
  public interface Reader {
    void read(int first, Tensor inputs);
  }

  /**
   * Reads all images once, in order.
   *
   * @param progress receives the number of images done
   */
  public void forEach(Reader reader, IntConsumer progress) {
    int batch = network.batch(data.size());
    for (int first = 0; first < data.size(); first += batch) {
      int[] indices = new int[Math.min(batch, data.size() - first)];
      for (int i = 0; i < indices.length; i++) {
        indices[i] = first + i;
      }
      reader.read(first, inputs(indices));
      progress.accept(first + indices.length);
    }
  }

  /** These images as one batch. */
  public Tensor inputs(int... indices) {
    Shape shape = network.model().input().batch(indices.length);
    float[] values = new float[shape.size()];
    network.loop(indices.length,
        i -> network.model().card().preprocessing().apply(data.image(indices[i]), values, i * shape.sizeFrom(1)));
    return new Tensor(shape, values);
  }
}
