package dev.fovea.image;

import dev.fovea.tensor.FoveaException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/**
 * A class for each pixel of an image. That of pixel {@code (x, y)} is {@code classes[y * width + x]}, unsigned; {@value #VOID}
 * says that the pixel has none that counts. The array is neither copied on the way in nor on the way out.
 *
 * @param width in pixels, 1 or more
 * @param height in pixels, 1 or more
 * @param classes {@code width * height} numbers of classes
 */
@SuppressWarnings("ArrayRecordComponent") // the labels are what it is
public record LabelMap(int width, int height, byte[] classes) {
  /** The number of a pixel that is not labelled, as in Pascal VOC: it is neither learned from nor counted. */
  public static final int VOID = 255;

  public LabelMap {
    if (width < 1 || height < 1 || classes.length != (long) width * height) {
      throw new FoveaException("a label map is at least 1x1 and has one class a pixel, got " + width + "x" + height + " and "
          + classes.length + " classes");
    }
  }

  /**
   * Reads a PNG file that is grey or has a palette, of 8 bits or fewer. The stored number is the class: of a palette the index
   * counts, not the colour behind it. Alpha beside the grey is passed over where each pixel is opaque; the map is turned upright by
   * its EXIF orientation, as an image is.
   *
   * @throws FoveaException in one line that names the file, for all that {@link Image#read} refuses, and for a PNG of colours
   *     or with transparent pixels beside its greys
   */
  public static LabelMap read(Path png) {
    Image numbers = ImageFile.readNumbers(png);
    return new LabelMap(numbers.width(), numbers.height(), numbers.pixels());
  }

  /**
   * Of each pixel the class with the largest logit; of several the first.
   *
   * @param logits one plane of {@code height * width} a class, the first from {@code offset} on (CHW)
   * @param classes how many, {@value #VOID} at most
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

  /** At another size: each pixel takes the class of the one that its centre falls on, for classes cannot be mixed. */
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
