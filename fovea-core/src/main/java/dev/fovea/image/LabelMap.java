package dev.fovea.image;

import dev.fovea.tensor.FoveaException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/**
 * A class for each pixel of an image. The class of pixel {@code (x, y)} is {@code classes[y * width + x]}, unsigned; {@value #VOID}
 * marks a pixel to ignore. The array is not copied, neither by the constructor nor by the accessor.
 *
 * @param width in pixels, 1 or more
 * @param height in pixels, 1 or more
 * @param classes {@code width * height} class indices
 */
@SuppressWarnings("ArrayRecordComponent") // the labels are its content
public record LabelMap(int width, int height, byte[] classes) {
  /** The label of a pixel without a class, as in Pascal VOC: losses and metrics ignore it. */
  public static final int VOID = 255;

  public LabelMap {
    if (width < 1 || height < 1 || classes.length != (long) width * height) {
      throw new FoveaException("a label map is at least 1x1 and has one class per pixel, got " + width + "x" + height + " and "
          + classes.length + " classes");
    }
  }

  /**
   * Reads a PNG file that is grey or has a palette, of 8 bits or fewer. The stored value is the class: with a palette the index,
   * not its colour. An alpha channel besides grey is ignored if each pixel is opaque; the map is rotated by its EXIF orientation,
   * as images are.
   *
   * @throws FoveaException in one line that names the file, for every file that {@link Image#read} refuses, and for an RGB PNG or
   *     a grey one with transparent pixels
   */
  public static LabelMap read(Path png) {
    Image labels = ImageFile.readLabels(png);
    return new LabelMap(labels.width(), labels.height(), labels.pixels());
  }

  /**
   * For each pixel the class with the largest logit, the first of equals.
   *
   * @param logits one plane of {@code height * width} per class, the first from {@code offset} on (CHW)
   * @param classes the number of classes, at most {@value #VOID}
   */
  public static LabelMap ofLogits(float[] logits, int offset, int classes, int height, int width) {
    int plane = height * width;
    Objects.checkFromIndexSize(offset, classes * plane, logits.length);
    byte[] best = new byte[plane];
    float[] largest = Arrays.copyOfRange(logits, offset, offset + plane);
    for (int c = 1; c < classes; c++) {
      int from = offset + c * plane;
      for (int i = 0; i < plane; i++) {
        if (logits[from + i] > largest[i]) {
          largest[i] = logits[from + i];
          best[i] = (byte) c;
        }
      }
    }
    return new LabelMap(width, height, best);
  }

  /** The class of the pixel in column {@code x} and row {@code y}. */
  public int at(int x, int y) {
    Objects.checkIndex(x, width);
    return classes[Objects.checkIndex(y, height) * width + x] & 0xff;
  }

  /** Resizes to the nearest pixel, since classes cannot be interpolated: each pixel gets the class of the one at its centre. */
  public LabelMap resize(int width, int height) {
    if (width == this.width && height == this.height) {
      return this;
    }
    byte[] resized = new byte[ImageFile.samples(width, height, 1)];
    for (int y = 0; y < height; y++) {
      int row = nearest(y, height, this.height) * this.width;
      for (int x = 0; x < width; x++) {
        resized[y * width + x] = classes[row + nearest(x, width, this.width)];
      }
    }
    return new LabelMap(width, height, resized);
  }

  private static int nearest(int at, int size, int from) {
    return (int) ((2L * at + 1) * from / (2L * size));
  }

  /** Equal size and classes. */
  @Override
  public boolean equals(Object other) {
    return other instanceof LabelMap map && width == map.width && height == map.height && Arrays.equals(classes, map.classes);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * width + height) + Arrays.hashCode(classes);
  }

  /** The size: {@code 640x480}. */
  @Override
  public String toString() {
    return width + "x" + height;
  }
}
