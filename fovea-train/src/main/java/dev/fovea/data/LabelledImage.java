package dev.fovea.data;

import dev.fovea.image.Image;
import dev.fovea.image.LabelMap;
import dev.fovea.tensor.FoveaException;

/**
 * An image and the classes of its pixels, with the same size.
 *
 * @param labels indices of the data set's classes, or {@link LabelMap#VOID}
 */
public record LabelledImage(Image image, LabelMap labels) {
  public LabelledImage {
    if (image.width() != labels.width() || image.height() != labels.height()) {
      throw new FoveaException("the label map must have the size of its image " + image + ", got " + labels);
    }
  }
}
