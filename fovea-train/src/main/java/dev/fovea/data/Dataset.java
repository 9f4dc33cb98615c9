package dev.fovea.data;

import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.function.IntConsumer;

/** Labelled images by index. Implementations are immutable and safe to read from many threads. */
public interface Dataset {
  /** What it is and which part of it, as in {@code mnist:train}. */
  String name();

  /** The number of images. */
  int size();

  /** The names of the classes; a label is a place in this list. */
  List<String> classes();

  /** The class of image {@code index}, from 0 to {@code classes().size() - 1}; where {@link #segments} it has none. */
  int label(int index);

  /**
   * Image {@code index}, read and decoded now where it lies in a file.
   *
   * @throws FoveaException naming the file, where it cannot be read or decoded
   */
  Image image(int index);

  /** Whether each pixel has a class of its own, which {@link #labelled} tells. */
  default boolean segments() {
    return false;
  }

  /**
   * Image {@code index} with its pixels' classes, where {@link #segments}.
   *
   * @throws FoveaException if images have classes and pixels none
   */
  default LabelledImage labelled(int index) {
    throw new FoveaException(name() + ": labels images, not pixels; take a network that classifies");
  }

  /** Channels, height and width of its images; where they differ, the usual ones. */
  Shape shape();

  /** How an image from elsewhere should be brought to this shape; handwriting is cut out and centred. */
  default Fit fit() {
    return Fit.STRETCH;
  }

  /**
   * SHA-256 of the content in hexadecimal, for a model's provenance: the same images, labels and classes give the same one on
   * every machine, whatever the name and the place. Unless overridden each image is read for it.
   */
  default String fingerprint() {
    return Fingerprint.of(this);
  }

  /** Whether its images lie in memory as they come out of the preprocessing, so that another copy would gain nothing. */
  default boolean liesFitted(Preprocessing preprocessing) {
    return false;
  }

  /** The images at {@code indices}, in that order, with the same classes. */
  default Dataset subset(int[] indices, String name) {
    return Subset.subset(this, indices, name);
  }

  /** These images brought to the size a model takes, kept in memory after first use. */
  default PreprocessedDataset fitted(Preprocessing preprocessing) {
    return fitted(preprocessing, done -> {});
  }

  /** As {@link #fitted(Preprocessing)}; {@code progress} hears how many images are ready, one call at a time. */
  default PreprocessedDataset fitted(Preprocessing preprocessing, IntConsumer progress) {
    return PreprocessedDataset.of(this, preprocessing, progress);
  }
}
