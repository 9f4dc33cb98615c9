package dev.fovea.data;

import dev.fovea.format.FileNames;
import dev.fovea.image.Fit;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
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

  private static final Shape SHAPE = Shape.of(3, 32, 32);
  private static final int PLANE = 32 * 32;
  private static final int RECORD = 1 + 3 * PLANE;
  private static final int CLASSES = 10;

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
    return read("cifar10:train", files, classes(inside));
  }

  /** The test images in {@code folder}, 10,000 if the file is complete; empty without {@code test_batch*.bin}. */
  public static Optional<MemoryDataset> test(Path folder) {
    Path inside = inside(folder);
    List<Path> files = files(inside, "test_batch");
    return files.isEmpty() ? Optional.empty() : Optional.of(read("cifar10:test", files, classes(inside)));
  }

  /** Whether there are training images in {@code folder}. */
  static boolean isIn(Path folder) {
    return Files.isDirectory(folder) && !files(inside(folder), "data_batch").isEmpty();
  }

  private static Path inside(Path folder) {
    FileNames.requireFolder("cifar10", folder);
    Path unpacked = folder.resolve(UNPACKED);
    return Files.isDirectory(unpacked) ? unpacked : folder;
  }

  private static List<Path> files(Path folder, String start) {
    return FileNames.list(folder).stream()
        .filter(f -> FileNames.last(f).startsWith(start) && FileNames.last(f).endsWith(".bin") && Files.isRegularFile(f))
        .toList();
  }

  private static List<String> classes(Path folder) {
    Path file = folder.resolve("batches.meta.txt");
    if (!Files.isRegularFile(file)) {
      return ClassNames.CIFAR10;
    }
    List<String> names = FileNames.lines(file).stream().map(FileNames::line).distinct().toList();
    if (names.size() != CLASSES) {
      throw new FoveaException(FileNames.text(file) + ": expected " + CLASSES + " different names, one per line, got "
          + names.size() + "; without this file the default names are used");
    }
    return names;
  }

  private static MemoryDataset read(String name, List<Path> files, List<String> classes) {
    long records = files.stream().mapToLong(Cifar10::records).sum();
    long bytes = records * SHAPE.size();
    if (bytes > Math.min(Integer.MAX_VALUE - 16, Runtime.getRuntime().maxMemory() / 4 * 3)) {
      throw new FoveaException(String.format(Locale.ROOT,
          "%s: %,d images need %,d bytes of memory, available are %,d; raise it with "
              + "-Xmx, at most 2 GiB can be used",
          name, records, bytes, Runtime.getRuntime().maxMemory()));
    }
    byte[] pixels = new byte[(int) bytes];
    int[] labels = new int[(int) records];
    int from = 0;
    for (Path file : files) {
      from = read(file, from, pixels, labels);
    }
    return MemoryDataset.of(name, classes, SHAPE, pixels, labels, Fit.STRETCH);
  }

  private static long records(Path file) {
    long length;
    try {
      length = Files.size(file);
    } catch (IOException e) {
      throw new FoveaException(FileNames.text(file) + ": cannot be read, " + FileNames.reason(e), e);
    }
    if (length == 0 || length % RECORD != 0) {
      throw new FoveaException(FileNames.text(file) + ": expected records of " + RECORD + " bytes each, got "
          + (length == 0 ? "an empty file" : length + " bytes, which is not a multiple of it") + "; download it again");
    }
    return length / RECORD;
  }

  /** Reads a file's records into the images from {@code from} on and returns the next free index. */
  private static int read(Path file, int from, byte[] pixels, int[] labels) {
    long count = records(file);
    byte[] block = new byte[RECORD];
    try (InputStream in = Files.newInputStream(file)) {
      for (int i = 0; i < count; i++) {
        int at = from + i;
        if (at >= labels.length || in.readNBytes(block, 0, RECORD) < RECORD) {
          throw new FoveaException(FileNames.text(file) + ": its length changed while it was read; try again");
        }
        labels[at] = label(file, i, block[0] & 0xff);
        interleave(block, pixels, at * SHAPE.size());
      }
    } catch (IOException e) {
      throw new FoveaException(FileNames.text(file) + ": cannot be read, " + FileNames.reason(e), e);
    }
    return from + (int) count;
  }

  private static int label(Path file, int record, int label) {
    if (label >= CLASSES) {
      throw new FoveaException(FileNames.text(file) + ": record " + record + " has the label " + label + ", expected 0 to "
          + (CLASSES - 1) + "; is it CIFAR-100 or another file?");
    }
    return label;
  }

  private static void interleave(byte[] block, byte[] pixels, int to) {
    for (int p = 0; p < PLANE; p++) {
      for (int c = 0; c < 3; c++) {
        pixels[to + 3 * p + c] = block[1 + c * PLANE + p];
      }
    }
  }
}
