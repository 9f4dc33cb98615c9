package dev.fovea.data;

import dev.fovea.format.Sha256;
import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Images of one size, stored in memory as bytes one after the other: a data set for a program that has decoded, drawn or measured
 * them itself. They are not copied if they have the input size of the model.
 */
public final class MemoryDataset implements Dataset {
  private final String name;
  private final List<String> classes;
  private final Shape shape;
  private final byte[] pixels;
  private final int[] labels;
  private final Fit fit;
  private final Lazy<String> fingerprint = new Lazy<>(this::hash);

  private MemoryDataset(String name, List<String> classes, Shape shape, byte[] pixels, int[] labels, Fit fit) {
    this.name = name;
    this.classes = List.copyOf(classes);
    this.shape = shape;
    this.pixels = pixels;
    this.labels = labels;
    this.fit = fit;
  }

  /**
   * Creates a data set from arrays, which are not copied and must not be changed afterwards.
   *
   * @param name the data set and its part, for messages: {@code stripes:train}
   * @param classes the names of the classes
   * @param shape channels (1 or 3), height and width of each image
   * @param pixels image by image, row by row, the channels of a pixel together, 0 to 255
   * @param labels an index into {@code classes} for each image
   * @param fit how other images are brought to this shape for prediction: {@code STRETCH}, or {@code INK} for handwriting
   * @throws FoveaException if the sizes do not match or a label has no class
   */
  public static MemoryDataset of(String name, List<String> classes, Shape shape, byte[] pixels, int[] labels, Fit fit) {
    if (shape.rank() != 3 || (shape.dim(0) != 1 && shape.dim(0) != 3)) {
      throw new FoveaException(name + ": images are 1xHxW or 3xHxW, got " + shape);
    }
    if (labels.length == 0 || pixels.length != (long) labels.length * shape.size()) {
      throw new FoveaException(name + ": " + labels.length + " images of " + shape + " need "
          + (long) labels.length * shape.size()
          + " bytes, got " + pixels.length + "; give one label per image and at least one image");
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes.size()) {
        throw new FoveaException(name + ": image " + i + " has the label " + labels[i] + ", expected 0 to "
            + (classes.size() - 1));
      }
    }
    return new MemoryDataset(name, classes, shape, pixels, labels, fit);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public int label(int index) {
    return labels[index];
  }

  @Override
  public Image image(int index) {
    int start = Objects.checkIndex(index, size()) * shape.size();
    return new Image(shape.dim(2), shape.dim(1), shape.dim(0), Arrays.copyOfRange(pixels, start, start + shape.size()));
  }

  @Override
  public boolean isPreprocessed(Preprocessing preprocessing) {
    return preprocessing.fit() == Fit.STRETCH && preprocessing.shape().equals(shape);
  }

  @Override
  public Shape shape() {
    return shape;
  }

  @Override
  public Fit fit() {
    return fit;
  }

  @Override
  public String fingerprint() {
    return fingerprint.get();
  }

  private String hash() {
    return new Sha256().texts(classes).text(shape.toString()).ints(labels).bytes(pixels).hex();
  }

  @Override
  public String toString() {
    return name + " (" + size() + " images of " + shape + ")";
  }
}
