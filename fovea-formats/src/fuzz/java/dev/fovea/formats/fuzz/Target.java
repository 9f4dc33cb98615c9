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

  /** Called once with the reader's name; files are written into memory where the system has a folder for it. */
  public static void fuzzerInitialize(String[] args) throws IOException {
    Path memory = Path.of("/dev/shm");
    reader = Reader.named(args[0]);
    folder = Files.isWritable(memory) ? Files.createTempDirectory(memory, FILE) : Files.createTempDirectory(FILE);
  }

  /** Reads the input as a file. */
  public static void fuzzerTestOneInput(byte[] input) {
    byte[] bytes = reader.bytes(input);
    Path file = Samples.write(folder.resolve(reader.fileName()), bytes);
    Rules.check(reader, bytes.length, () -> reader.read(file));
  }

  /** Called once at the end. */
  public static void fuzzerTearDown() throws IOException {
    Files.deleteIfExists(folder.resolve(reader.fileName()));
    Files.deleteIfExists(folder);
  }
}
