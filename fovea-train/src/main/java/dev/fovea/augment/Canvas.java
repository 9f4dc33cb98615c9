package dev.fovea.augment;

import dev.fovea.augment.pixels.Projection;
import dev.fovea.data.Sample;
import dev.fovea.image.Image;
import dev.fovea.image.LabelMap;
import dev.fovea.image.Preprocessing;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What images are transformed for.
 *
 * @param width of the network's input, in pixels
 * @param height of the network's input, in pixels
 * @param outside the colour of what lies outside an image, from 0 to 255: grey, or red, green and blue
 */
public record Canvas(int width, int height, List<Integer> outside) {
  private static final byte[] VOID = {(byte) LabelMap.VOID};

  public Canvas {
    outside = List.copyOf(outside);
  }

  /** For a network's input: the colour is the mean of its preprocessing, which it reads as 0, rounded to a sample. */
  public static Canvas of(Preprocessing preprocessing) {
    List<Integer> mean = new ArrayList<>();
    preprocessing.mean().forEach(value -> mean.add((int) (Math.clamp(value * 255.0, 0.0, 255.0) + 0.5)));
    return new Canvas(preprocessing.width(), preprocessing.height(), preprocessing.bgr() ? mean.reversed() : mean);
  }

  /** The image as seen through a projection, interpolated, and its label map, not interpolated. */
  Sample warped(Sample sample, Projection projection) {
    return mapped(
        sample,
        image -> projection.bilinear(image, image.width(), image.height(), outside(image)),
        labels -> projection.nearest(labels, labels.width(), labels.height(), VOID));
  }

  /** As {@link #warped}, by whole pixels: neither is interpolated. */
  Sample moved(Sample sample, Projection projection) {
    return mapped(
        sample,
        image -> projection.nearest(image, image.width(), image.height(), outside(image)),
        labels -> projection.nearest(labels, labels.width(), labels.height(), VOID));
  }

  /** Both changed; the label map as a grey image. */
  static Sample mapped(Sample sample, UnaryOperator<Image> image, UnaryOperator<Image> labels) {
    return new Sample(image.apply(sample.image()), sample.labels().map(map -> {
      Image changed = labels.apply(new Image(map.width(), map.height(), 1, map.classes()));
      return new LabelMap(changed.width(), changed.height(), changed.pixels());
    }));
  }

  /** Only the image changed. */
  static Sample coloured(Sample sample, UnaryOperator<Image> image) {
    return new Sample(image.apply(sample.image()), sample.labels());
  }

  private byte[] outside(Image image) {
    byte[] colour = new byte[image.channels()];
    for (int c = 0; c < colour.length; c++) {
      colour[c] = outside.get(Math.min(c, outside.size() - 1)).byteValue();
    }
    return colour;
  }
}
