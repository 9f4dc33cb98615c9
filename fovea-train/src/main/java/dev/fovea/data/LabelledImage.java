package dev.fovea.data;

import dev.fovea.image.Image;
import dev.fovea.image.LabelMap;
import dev.fovea.image.Preprocessing;
import dev.fovea.tensor.FoveaException;

/**
 * An image and the classes of its pixels; both have one size.
 *
 * @param labels places in the data set's classes, or {@link LabelMap#VOID}
 */
public record LabelledImage(Image image, LabelMap labels) {
  public LabelledImage {
    if (image.width() != labels.width() || image.height() != labels.height()) {
      throw new FoveaException("an image of " + image + " has as many labels, got " + labels);
    }
  }

  /** Both at the size that a model takes. */
  LabelledImage fit(Preprocessing preprocessing) {
    return new LabelledImage(preprocessing.fit(image), labels.resize(preprocessing.width(), preprocessing.height()));
  }
}
