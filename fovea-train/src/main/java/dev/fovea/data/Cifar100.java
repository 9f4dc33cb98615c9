package dev.fovea.data;

import dev.fovea.format.FileNames;
import dev.fovea.tensor.FoveaException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * CIFAR-100 in its binary version (Krizhevsky: Learning multiple layers of features from tiny images, 2009): records of a coarse label
 * (20 superclasses), a fine label (100 classes) and the image, in {@code train.bin} and {@code test.bin}. The classes' names are in
 * {@code coarse_label_names.txt} and {@code fine_label_names.txt}; without these files they are numbers.
 */
final class Cifar100 {
  static final String SOURCE = "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz";

  private static final String UNPACKED = "cifar-100-binary";
  private static final String TRAIN = "train.bin";

  private Cifar100() {}

  /** Which of an image's two labels is read. */
  enum Labels {
    COARSE("coarse_label_names.txt", new CifarRecords("cifar100-coarse", 2, 0, ClassNames.numbers(20))),
    FINE("fine_label_names.txt", new CifarRecords("cifar100", 2, 1, ClassNames.numbers(100)));

    private final String names;
    private final CifarRecords records;

    Labels(String names, CifarRecords records) {
      this.names = names;
      this.records = records;
    }
  }

  /**
   * The images in {@code folder}; without {@code test.bin} there are no test images.
   *
   * @throws FoveaException if there are no training images or a file is damaged
   */
  static DatasetParts parts(Path folder, Labels labels) {
    String spec = labels.records.spec();
    Path inside = labels.records.inside(folder, UNPACKED);
    if (!Files.isRegularFile(inside.resolve(TRAIN))) {
      boolean python = Files.exists(inside.resolve("train"));
      throw new FoveaException(spec + ":" + FileNames.text(folder) + ": expected " + TRAIN + ", found "
          + (python ? "the Python version, train" : "none") + "; get the binary version from " + SOURCE + " and unpack it");
    }
    List<String> classes = labels.records.classes(inside.resolve(labels.names));
    Path test = inside.resolve("test.bin");
    return new DatasetParts(labels.records.read(spec + ":train", List.of(inside.resolve(TRAIN)), classes),
        Files.isRegularFile(test) ? Optional.of(labels.records.read(spec + ":test", List.of(test), classes)) : Optional.empty());
  }

  /** Whether there are training images in {@code folder}. */
  static boolean isIn(Path folder) {
    return Files.isRegularFile(folder.resolve(TRAIN)) || Files.isRegularFile(folder.resolve(UNPACKED).resolve(TRAIN));
  }
}
