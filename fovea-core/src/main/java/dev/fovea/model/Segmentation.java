package dev.fovea.model;

import dev.fovea.image.Image;
import dev.fovea.image.LabelMap;
import dev.fovea.image.Palette;
import java.util.Arrays;
import java.util.List;

/**
 * The result of a segmentation network for one image: a class for each pixel.
 *
 * @param labels of the size of the input image
 * @param classes the names of the classes in label order
 */
public record Segmentation(LabelMap labels, List<String> classes) {
  public Segmentation {
    classes = List.copyOf(classes);
  }

  /** The fraction of the pixels, from 0 to 1, that are of class {@code c}. */
  public double share(int c) {
    int count = 0;
    for (byte label : labels.classes()) {
      count += (label & 0xff) == c ? 1 : 0;
    }
    return (double) count / labels.classes().length;
  }

  /** The {@link #share} of each class. */
  public double[] shares() {
    int[] counts = new int[classes.size()];
    for (byte label : labels.classes()) {
      if ((label & 0xff) < counts.length) {
        counts[label & 0xff]++;
      }
    }
    return Arrays.stream(counts).mapToDouble(count -> (double) count / labels.classes().length).toArray();
  }

  /** The colours of its classes. */
  public Palette palette() {
    return new Palette(classes);
  }

  /** The input image, blended with the classes' colours. */
  public Image overlay(Image image) {
    return palette().blend(image, labels);
  }
}
