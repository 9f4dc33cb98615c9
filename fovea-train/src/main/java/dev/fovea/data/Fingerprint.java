package dev.fovea.data;

import dev.fovea.format.Sha256;
import dev.fovea.image.Image;
import dev.fovea.model.Task;
import dev.fovea.tensor.Shape;
import java.util.stream.IntStream;

/** The default fingerprint of a data set: a hash of its whole content. */
final class Fingerprint {
  private Fingerprint() {}

  /** If all images have one size, it equals the fingerprint of a {@link MemoryDataset} with these images. */
  static String of(Dataset data) {
    Sha256 hash = new Sha256().texts(data.classes()).text(data.shape().toString());
    if (data.segments()) {
      for (int i = 0; i < data.size(); i++) {
        LabelledImage labelled = data.labelled(i);
        add(hash, labelled.image(), data.shape());
        hash.bytes(labelled.labels().classes());
      }
      return hash.hex();
    }
    if (data.task() instanceof Task.OneLabel) {
      hash.ints(IntStream.range(0, data.size()).map(data::label).toArray());
    } else {
      targets(hash, data);
    }
    for (int i = 0; i < data.size(); i++) {
      add(hash, data.image(i), data.shape());
    }
    return hash.hex();
  }

  private static void targets(Sha256 hash, Dataset data) {
    float[] target = new float[data.task().size()];
    hash.text(data.task().toString());
    for (int i = 0; i < data.size(); i++) {
      data.target(i, target, 0);
      hash.ints(IntStream.range(0, target.length).map(k -> Float.floatToIntBits(target[k])).toArray());
    }
  }

  private static void add(Sha256 hash, Image image, Shape typical) {
    Shape shape = Shape.of(image.channels(), image.height(), image.width());
    if (!shape.equals(typical)) {
      hash.text(shape.toString());
    }
    hash.bytes(image.pixels());
  }
}
