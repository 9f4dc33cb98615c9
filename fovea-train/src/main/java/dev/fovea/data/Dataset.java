package dev.fovea.data;

import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.model.Task;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.function.IntConsumer;

/** Labelled images by index. Implementations are immutable and safe to read from many threads. */
public interface Dataset {
  /** The data set and its part, as in {@code mnist:train}. */
  String name();

  /** The number of images. */
  int size();

  /** The names of the classes; a label is an index into this list. Empty if images have numbers. */
  List<String> classes();

  /** The class of image {@code index}, from 0 to {@code classes().size() - 1}; undefined if its {@link #task} is not one label. */
  int label(int index);

  /** What is known about each image: one label by default. */
  default Task task() {
    return new Task.OneLabel(classes());
  }

  /**
   * Writes what a network learns of image {@code index} from {@code to[offset]} on: its class; of several labels 1 for each class that
   * it has and 0 for each other; or its numbers, standardised as {@link #task} says. Undefined if {@link #segments}.
   */
  default void target(int index, float[] to, int offset) {
    to[offset] = label(index);
  }

  /**
   * Image {@code index}; if it is in a file, it is read and decoded now.
   *
   * @throws FoveaException naming the file, if it cannot be read or decoded
   */
  Image image(int index);

  /** Where image {@code index} comes from, for messages: its file, else its number in the data set. */
  default String source(int index) {
    return name() + " image " + index;
  }

  /** Whether each pixel has a class, see {@link #labelled}. */
  default boolean segments() {
    return false;
  }

  /**
   * Image {@code index} with its pixels' classes, if {@link #segments}.
   *
   * @throws FoveaException if images have classes and pixels none
   */
  default LabelledImage labelled(int index) {
    throw new FoveaException(name() + ": labels images, not pixels; use a classification network");
  }

  /** Channels, height and width of its images; typical values if they differ. */
  Shape shape();

  /** How other images are brought to this shape for prediction; handwriting is cropped and centred. */
  default Fit fit() {
    return Fit.STRETCH;
  }

  /**
   * SHA-256 of the content in hexadecimal, for a model's provenance: the same images, labels and classes give the same one on
   * every machine, independent of the data set's name and the folder that it is in; names of files in it may matter. The default
   * implementation reads each image.
   */
  default String fingerprint() {
    return Fingerprint.of(this);
  }

  /** Whether its images are in memory in the form that the preprocessing gives, so that they need not be cached. */
  default boolean isPreprocessed(Preprocessing preprocessing) {
    return false;
  }

  /** The images at {@code indices}, in that order, with the same classes. */
  default Dataset subset(int[] indices, String name) {
    return Subset.subset(this, indices, name);
  }

  /** These images at the input size of a model, cached in memory after first use. */
  default PreprocessedDataset preprocessed(Preprocessing preprocessing) {
    return preprocessed(preprocessing, done -> {});
  }

  /** As {@link #preprocessed(Preprocessing)}; {@code progress} receives the number of images done; its calls do not overlap. */
  default PreprocessedDataset preprocessed(Preprocessing preprocessing, IntConsumer progress) {
    return PreprocessedDataset.of(this, preprocessing, progress);
  }
}
