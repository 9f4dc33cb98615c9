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

/**
 * Reads the binary versions of CIFAR-10 and CIFAR-100: records of one or two label bytes and 32x32 bytes each of red, green and blue.
 *
 * @param spec the data set's name on the command line
 * @param labels the number of label bytes
 * @param label the index of the one that is read
 * @param classes the names of the classes if no file has them
 */
record CifarRecords(String spec, int labels, int label, List<String> classes) {
  private static final Shape SHAPE = Shape.of(3, 32, 32);
  private static final int PLANE = 32 * 32;

  private int record() {
    return labels + 3 * PLANE;
  }

  /** The folder of that name in the given one, which unpacking the archive creates, if it exists. */
  Path inside(Path folder, String unpacked) {
    FileNames.requireFolder(spec, folder);
    Path inside = folder.resolve(unpacked);
    return Files.isDirectory(inside) ? inside : folder;
  }

  /** The classes that a file names, one per line; {@link #classes()} if there is none. */
  List<String> classes(Path file) {
    if (!Files.isRegularFile(file)) {
      return classes;
    }
    List<String> names = FileNames.lines(file).stream().map(FileNames::line).distinct().toList();
    if (names.size() != classes.size()) {
      throw new FoveaException(FileNames.text(file) + ": expected " + classes.size() + " different names, one per line, got "
          + names.size() + "; without this file the default names are used");
    }
    return names;
  }

  /** The images of the files, one after the other. */
  MemoryDataset read(String name, List<Path> files, List<String> names) {
    long records = files.stream().mapToLong(this::records).sum();
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
    return MemoryDataset.of(name, names, SHAPE, pixels, labels, Fit.STRETCH);
  }

  private long records(Path file) {
    long length;
    try {
      length = Files.size(file);
    } catch (IOException e) {
      throw new FoveaException(FileNames.text(file) + ": cannot be read, " + FileNames.reason(e), e);
    }
    if (length == 0 || length % record() != 0) {
      throw new FoveaException(FileNames.text(file) + ": expected records of " + record() + " bytes each, got "
          + (length == 0 ? "an empty file" : length + " bytes, which is not a multiple of it") + "; download it again");
    }
    return length / record();
  }

  /** Reads a file's records into the images from {@code from} on and returns the next free index. */
  private int read(Path file, int from, byte[] pixels, int[] labels) {
    long count = records(file);
    byte[] block = new byte[record()];
    try (InputStream in = Files.newInputStream(file)) {
      for (int i = 0; i < count; i++) {
        int at = from + i;
        if (at >= labels.length || in.readNBytes(block, 0, record()) < record()) {
          throw new FoveaException(FileNames.text(file) + ": its length changed while it was read; try again");
        }
        labels[at] = label(file, i, block[label] & 0xff);
        interleave(block, pixels, at * SHAPE.size());
      }
    } catch (IOException e) {
      throw new FoveaException(FileNames.text(file) + ": cannot be read, " + FileNames.reason(e), e);
    }
    return from + (int) count;
  }

  private int label(Path file, int record, int value) {
    if (value >= classes.size()) {
      throw new FoveaException(FileNames.text(file) + ": record " + record + " has the label " + value + ", expected 0 to "
          + (classes.size() - 1) + "; is it of another data set than " + spec + "?");
    }
    return value;
  }

  private void interleave(byte[] block, byte[] pixels, int to) {
    for (int p = 0; p < PLANE; p++) {
      for (int c = 0; c < 3; c++) {
        pixels[to + 3 * p + c] = block[labels + c * PLANE + p];
      }
    }
  }
}
