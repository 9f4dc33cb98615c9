package dev.fovea.formats.fuzz;

import dev.fovea.formats.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the fuzzer calls with each input. */
public final class Target {
  /** What the names of all files begin with, and so every message must contain. */
  static final String FILE = "fuzzed";

  private static Reader reader;
  private static Path folder;

  private Target() {}

  /** Called once with the reader's name. */
  public static void fuzzerInitialize(String[] args) throws IOException {
    open(Reader.named(args[0]));
  }

  /** Files are written into memory where the system has a folder for it. */
  private static void open(Reader chosen) throws IOException {
    Path memory = Path.of("/dev/shm");
    reader = chosen;
    folder = Files.isWritable(memory) ? Files.createTempDirectory(memory, FILE) : Files.createTempDirectory(FILE);
  }

  /** Reads the input as a file. */
  public static void fuzzerTestOneInput(byte[] input) {
    byte[] bytes = reader.bytes(input);
    Path file = Samples.write(folder.resolve(reader.fileName()), bytes);
    Rules.check(reader, bytes.length, () -> reader.read(file));
  }

  /** Whether the input breaks a rule in this process, too. */
  static boolean isFinding(Reader reader, byte[] input) throws IOException {
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
    Files.deleteIfExists(folder.resolve(reader.fileName()));
    Files.deleteIfExists(folder);
  }
}
