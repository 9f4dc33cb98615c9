package dev.fovea.data;

import dev.fovea.format.FileNames;
import dev.fovea.image.Fit;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The four files of MNIST and of data sets with its layout: {@code train-images-idx3-ubyte}, {@code
 * train-labels-idx1-ubyte}, {@code t10k-images-idx3-ubyte} and {@code t10k-labels-idx1-ubyte}, each plain or with {@code .gz},
 * also with a dot before {@code idx} ({@code train-images.idx3-ubyte}), and also in a folder of its name.
 */
public final class Mnist {
  private static final List<String> FILES = List.of(
      "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte");

  private Mnist() {}

  /** The 60,000 training images of handwritten digits in {@code folder}. */
  public static MemoryDataset train(Path folder) {
    return read("mnist", folder, ClassNames.DIGITS, Fit.INK).getFirst();
  }

  /** The 10,000 test images of handwritten digits in {@code folder}. */
  public static MemoryDataset test(Path folder) {
    return read("mnist", folder, ClassNames.DIGITS, Fit.INK).getLast();
  }

  /** Training and test set in {@code folder}; {@code kind} is the data set's name, as in {@code mnist}. */
  static List<MemoryDataset> read(String kind, Path folder, List<String> classes, Fit fit) {
    List<Path> files = find(kind, folder);
    Pair train = Pair.read(files.get(0), files.get(1));
    Pair test = Pair.read(files.get(2), files.get(3));
    train.requireLabelsBelow(classes.size());
    test.requireLabelsBelow(classes.size());
    return List.of(train.dataset(kind + ":train", classes, 0, fit), test.dataset(kind + ":test", classes, 0, fit));
  }

  /**
   * As {@link #read}, for files with any number of classes (EMNIST, KMNIST): from 0, or from 1 if no label is 0, as in EMNIST's
   * letters, to the largest label.
   */
  static List<MemoryDataset> readNumbered(String kind, Path folder) {
    List<Path> files = find(kind, folder);
    Pair train = Pair.read(files.get(0), files.get(1));
    Pair test = Pair.read(files.get(2), files.get(3));
    int last = Math.max(train.maxLabel(), test.maxLabel());
    int first = last < 2 || train.has(0) || test.has(0) ? 0 : 1;
    List<String> classes = ClassNames.numbers(1 + last).subList(first, 1 + last);
    return List.of(train.dataset(kind + ":train", classes, first, Fit.STRETCH),
        test.dataset(kind + ":test", classes, first, Fit.STRETCH));
  }

  private static List<Path> find(String kind, Path folder) {
    FileNames.requireFolder(kind, folder);
    List<Path> found = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (String name : FILES) {
      candidates(folder, name).filter(Files::isRegularFile).findFirst()
          .ifPresentOrElse(found::add, () -> missing.add(name));
    }
    if (!missing.isEmpty()) {
      throw new FoveaException(kind + ":" + FileNames.text(folder) + ": expected four files, plain or .gz; missing: "
          + String.join(", ", missing));
    }
    return found;
  }

  /** The possible paths of a file: in the folder, or in a folder of its own name, as some archives are unpacked. */
  private static Stream<Path> candidates(Path folder, String name) {
    String dotted = name.replace("-idx", ".idx");
    List<String> names = List.of(name, dotted, name + ".gz", dotted + ".gz");
    Stream<Path> folders = names.stream().map(folder::resolve).filter(Files::isDirectory);
    return Stream.concat(Stream.of(folder), folders).flatMap(f -> names.stream().map(f::resolve));
  }

  /** Images and their labels, and the files they came from. */
  private record Pair(Path imageFile, Idx images, Path labelFile, Idx labels) {
    static Pair read(Path imageFile, Path labelFile) {
      Idx labels = Idx.labels(labelFile);
      Idx images = Idx.images(imageFile);
      if (images.count() != labels.count()) {
        throw new FoveaException(FileNames.text(imageFile) + ": " + images.count() + " images, but " + FileNames.text(labelFile)
            + " has " + labels.count() + " labels; the two files do not belong together");
      }
      return new Pair(imageFile, images, labelFile, labels);
    }

    int maxLabel() {
      int max = 0;
      for (byte label : labels.bytes()) {
        max = Math.max(max, label & 0xff);
      }
      return max;
    }

    void requireLabelsBelow(int classes) {
      byte[] all = labels.bytes();
      for (int i = 0; i < all.length; i++) {
        if ((all[i] & 0xff) >= classes) {
          throw new FoveaException(FileNames.text(labelFile) + ": label " + i + " is " + (all[i] & 0xff) + ", expected 0 to "
              + (classes - 1) + "; for files with other classes write idx:DIR");
        }
      }
    }

    boolean has(int label) {
      return IntStream.range(0, labels.count()).anyMatch(i -> labels.bytes()[i] == label);
    }

    /** {@code first} is the label of the first class. */
    MemoryDataset dataset(String name, List<String> classes, int first, Fit fit) {
      int[] indices = new int[labels.count()];
      Arrays.setAll(indices, i -> (labels.bytes()[i] & 0xff) - first);
      Shape shape = Shape.of(1, images.sizes().get(1), images.sizes().get(2));
      return MemoryDataset.of(name, classes, shape, images.bytes(), indices, fit);
    }
  }
}
