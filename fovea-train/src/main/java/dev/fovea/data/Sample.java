package dev.fovea.data;

import dev.fovea.image.Image;
import dev.fovea.image.LabelMap;
import dev.fovea.image.Preprocessing;
import java.util.Optional;

/**
 * An image, and the classes of its pixels if they have any.
 *
 * @param labels of the image's size
 */
public record Sample(Image image, Optional<LabelMap> labels) {
  public Sample {
    labels.ifPresent(map -> new LabelledImage(image, map)); // refuses another size
  }

  static Sample of(Dataset data, int index) {
    if (!data.segments()) {
      return new Sample(data.image(index), Optional.empty());
    }
    LabelledImage both = data.labelled(index);
    return new Sample(both.image(), Optional.of(both.labels()));
  }

  /** At the input size of a model. */
  Sample fit(Preprocessing preprocessing) {
    return new Sample(
        preprocessing.fit(image), labels.map(map -> map.resize(preprocessing.width(), preprocessing.height())));
  }

  /** Larger than the input of a model, see {@link Preprocessing#uncropped}. */
  Sample uncropped(Preprocessing preprocessing) {
    Image whole = preprocessing.uncropped(image);
    return new Sample(whole, labels.map(map -> map.resize(whole.width(), whole.height())));
  }
}
