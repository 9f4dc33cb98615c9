package dev.fovea.testkit.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What the fuzzer calls with each input. */
public final class Target {
  /** What the names of all files begin with, and so every message must contain. */
  public static final String FILE = "fuzzed";

  private static FuzzedReader reader;
  private static Path folder;
  private static Path file;

  private Target() {}

  /** Called once with the reader's class and name. */
  public static void fuzzerInitialize(String[] args) throws IOException, ClassNotFoundException {
    for (Object constant : Class.forName(args[0]).getEnumConstants()) {
      if (constant instanceof FuzzedReader each && each.name().equals(args[1])) {
        open(each);
      }
    }
  }

  /** Files are written into memory where the system has a folder for it. */
  private static void open(FuzzedReader chosen) throws IOException {
    Path memory = Path.of("/dev/shm");
    reader = chosen;
    folder = Files.isWritable(memory) ? Files.createTempDirectory(memory, FILE) : Files.createTempDirectory(FILE);
    file = folder.resolve(reader.fileName());
    Files.createDirectories(file.getParent());
  }

  /** Reads the input as a file. */
  public static void fuzzerTestOneInput(byte[] input) {
    byte[] bytes = reader.bytes(input);
    write(file, bytes);
    Rules.check(reader, bytes.length, () -> reader.read(file));
  }

  /** Writes in place, since truncating and rewriting a file makes some file systems wait for the disk. */
  private static void write(Path file, byte[] bytes) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes));
      channel.truncate(bytes.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the input breaks a rule in this process, too. */
  static boolean isFinding(FuzzedReader reader, byte[] input) throws IOException {
    open(reader);
    try {
      fuzzerTestOneInput(input);
      return false;
    } catch (AssertionError | RuntimeException e) {
      return true;
    } finally {
      fuzzerTearDown();
    }
  }

  /** Called once at the end. */
  public static void fuzzerTearDown() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
      for (Path each : deepestFirst) {
        Files.deleteIfExists(each);
      }
    }
  }
}
