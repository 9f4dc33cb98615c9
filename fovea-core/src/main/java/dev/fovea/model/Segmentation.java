package dev.fovea.model;

import dev.fovea.image.Image;
import dev.fovea.image.LabelMap;
import dev.fovea.image.Palette;
import java.util.List;

/**
 * What a segmentation network says of one image: a class for each of its pixels.
 *
 * @param labels as large as the image that was given
 * @param classes the names of the classes in label order
 */
public record Segmentation(LabelMap labels, List<String> classes) {
  public Segmentation {
    classes = List.copyOf(classes);
  }

  /** The part of the image, from 0 to 1, that is class {@code c}. */
  public double share(int c) {
    int count = 0;
    for (byte label : labels.classes()) {
      count += (label & 0xff) == c ? 1 : 0;
    }
    return (double) count / labels.classes().length;
  }

  /** The colours that it is shown by. */
  public Palette palette() {
    return new Palette(classes);
  }

  /** The image that was given, with the classes' colours over it. */
  public Image overlay(Image image) {
    return palette().blend(image, labels);
  }
}
