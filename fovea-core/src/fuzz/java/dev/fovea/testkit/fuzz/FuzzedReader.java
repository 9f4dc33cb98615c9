package dev.fovea.testkit.fuzz;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A reader of files from elsewhere, which reads all that can be read of such a file. A module's readers are the constants of an enum. */
public interface FuzzedReader {
  /** Of the enum's constant. */
  String name();

  /** The end of its files' names, such as {@code .png}; with a slash at its start the whole name, below a folder. */
  String suffix();

  /** Files from which the fuzzer starts, whether or not they are valid. */
  List<byte[]> seeds() throws IOException;

  /** The file's bytes for an input of the fuzzer. */
  default byte[] bytes(byte[] input) {
    return input;
  }

  void read(Path file);

  /** What its messages must contain: the file, but for parts of files, whose readers put it before them. */
  default String place() {
    return Target.FILE;
  }

  /** The memory that it may allocate for any file, in MiB. */
  default int spareMemory() {
    return 64;
  }

  /** Other code that reads the file, whose coverage guides the fuzzer, too: patterns of class names. */
  default List<String> libraries() {
    return List.of();
  }

  /** Whether its files may name any path, so that to open one is no finding. */
  default boolean namesPaths() {
    return false;
  }

  /** As users select it. */
  default String title() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Below the folder of all files. */
  default String fileName() {
    return suffix().startsWith("/") ? suffix().substring(1) : Target.FILE + suffix();
  }
}
