package dev.fovea.data;

import dev.fovea.format.FileNames;
import dev.fovea.tensor.FoveaException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * CIFAR-10 in its binary version (Krizhevsky: Learning multiple layers of features from tiny images, 2009): records of one label
 * byte and 32x32 bytes each of red, green and blue. Training images are in {@code data_batch_*.bin}, test images in {@code
 * test_batch*.bin}, the classes' names in {@code batches.meta.txt} if it exists.
 */
public final class Cifar10 {
  static final String SOURCE = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz";

  /** The folder that unpacking the archive creates. */
  static final String UNPACKED = "cifar-10-batches-bin";

  private static final CifarRecords RECORDS = new CifarRecords("cifar10", 1, 0, ClassNames.CIFAR10);

  private Cifar10() {}

  /**
   * The training images in {@code folder}, 50,000 if all five files exist.
   *
   * @throws FoveaException if there are none or a file is damaged
   */
  public static MemoryDataset train(Path folder) {
    Path inside = inside(folder);
    List<Path> files = files(inside, "data_batch");
    if (files.isEmpty()) {
      boolean python = Files.exists(inside.resolve("data_batch_1"));
      throw new FoveaException("cifar10:" + FileNames.text(folder) + ": expected data_batch_1.bin to data_batch_5.bin, found "
          + (python ? "the Python version, data_batch_1" : "none") + "; get the binary version from " + SOURCE
          + " and unpack it");
    }
    return RECORDS.read("cifar10:train", files, classes(inside));
  }

  /** The test images in {@code folder}, 10,000 if the file is complete; empty without {@code test_batch*.bin}. */
  public static Optional<MemoryDataset> test(Path folder) {
    Path inside = inside(folder);
    List<Path> files = files(inside, "test_batch");
    return files.isEmpty() ? Optional.empty() : Optional.of(RECORDS.read("cifar10:test", files, classes(inside)));
  }

  /** Whether there are training images in {@code folder}. */
  static boolean isIn(Path folder) {
    return Files.isDirectory(folder) && !files(inside(folder), "data_batch").isEmpty();
  }

  private static Path inside(Path folder) {
    return RECORDS.inside(folder, UNPACKED);
  }

  private static List<Path> files(Path folder, String start) {
    return FileNames.list(folder).stream()
        .filter(f -> FileNames.last(f).startsWith(start) && FileNames.last(f).endsWith(".bin") && Files.isRegularFile(f))
        .toList();
  }

  private static List<String> classes(Path folder) {
    return RECORDS.classes(folder.resolve("batches.meta.txt"));
  }
}
