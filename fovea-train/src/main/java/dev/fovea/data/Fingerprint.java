package dev.fovea.data;

import dev.fovea.format.Sha256;
import dev.fovea.image.Image;
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
    hash.ints(IntStream.range(0, data.size()).map(data::label).toArray());
    for (int i = 0; i < data.size(); i++) {
      add(hash, data.image(i), data.shape());
    }
    return hash.hex();
  }

  private static void add(Sha256 hash, Image image, Shape typical) {
    Shape shape = Shape.of(image.channels(), image.height(), image.width());
    if (!shape.equals(typical)) {
      hash.text(shape.toString());
    }
    hash.bytes(image.pixels());
  }
}
