package dev.fovea.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir
  Path folder;

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void bytesTextAndStreamsAreWrittenAndReplaced() throws IOException {
    Path file = folder.resolve("a.txt");
    AtomicFile.write(file, "h\u00e9");
    assertThat(file).hasContent("h\u00e9");
    AtomicFile.write(file, new byte[] {1, 2, 3});
    assertThat(file).hasBinaryContent(new byte[] {1, 2, 3});
    AtomicFile.write(file, new byte[0]);
    assertThat(file).isEmptyFile();
    byte[] large = new byte[300_000];
    large[299_999] = 7;
    AtomicFile.write(file, out -> out.write(large));
    assertThat(file).hasBinaryContent(large);
    AtomicFile.writeChannel(file, channel -> channel.write(ByteBuffer.wrap(new byte[] {9})));
    assertThat(file).hasBinaryContent(new byte[] {9});
    assertThat(files()).containsExactly("a.txt");
  }

  @Test
  void aWriterMayCloseItsStream() throws IOException {
    Path file = folder.resolve("a");
    AtomicFile.write(file, (OutputStream out) -> {
      try (out) {
        out.write(5);
      }
    });
    assertThat(file).hasBinaryContent(new byte[] {5});
    assertThat(files()).containsExactly("a");
  }

  @Test
  void aBareNameIsWrittenToTheWorkingFolder() throws IOException {
    Path bare = Path.of("fovea-atomic-file-test.txt");
    try {
      AtomicFile.write(bare, "here");
      assertThat(bare).hasContent("here");
    } finally {
      Files.deleteIfExists(bare);
    }
  }

  @Test
  void aFailingWriterKeepsTheOldFileAndLeavesNoOther() throws IOException {
    Path file = folder.resolve("model");
    AtomicFile.write(file, "old");
    assertThatThrownBy(() -> AtomicFile.write(file, out -> {
      out.write(new byte[100_000]);
      throw new IOException("No space left on device");
    })).isInstanceOf(FoveaException.class).hasMessageStartingWith(file + ": no space left on the disk of " + folder);
    assertThatThrownBy(() -> AtomicFile.write(file, out -> {
      throw new UncheckedIOException(new IOException("line one\nline two"));
    })).isInstanceOf(FoveaException.class).hasMessage(file + ": cannot be written: line one");
    assertThatThrownBy(() -> AtomicFile.write(file, out -> {
      throw new FoveaException("layer 3: not a number");
    })).isInstanceOf(FoveaException.class).hasMessage("layer 3: not a number");
    assertThatThrownBy(() -> AtomicFile.write(file, out -> {
      out.write(1);
      throw new IllegalStateException("a defect");
    })).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> AtomicFile.write(file, out -> {
      throw new OutOfMemoryError("simulated");
    })).isInstanceOf(OutOfMemoryError.class);
    assertThat(file).hasContent("old");
    assertThat(files()).containsExactly("model");
  }

  @Test
  void duringTheWriteTheOldFileStaysAndTheNewIsHidden() throws IOException {
    Path file = folder.resolve("model");
    AtomicFile.write(file, "old");
    AtomicFile.write(file, out -> {
      out.write("new".getBytes(StandardCharsets.UTF_8));
      out.flush();
      assertThat(file).hasContent("old");
      assertThat(files()).hasSize(2).first().asString().startsWith(".fovea-").endsWith(".tmp");
    });
    assertThat(file).hasContent("new");
  }

  @Test
  void anInterruptedThreadLeavesNothing() throws IOException {
    Path file = folder.resolve("model");
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> AtomicFile.write(file, "x")).isInstanceOf(FoveaException.class)
          .hasMessage(file + ": cannot be written: interrupted");
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(files()).isEmpty();
  }

  @Test
  void manyThreadsMayWriteTheSameFile() throws IOException {
    Path file = folder.resolve("a");
    IntStream.range(0, 64).parallel().forEach(i -> AtomicFile.write(file, Integer.toString(i).repeat(1000)));
    String content = Files.readString(file);
    assertThat(content).isEqualTo(content.substring(0, content.length() / 1000).repeat(1000));
    assertThat(files()).containsExactly("a");
  }

  @Test
  void theCauseIsNamedInOneLine() throws IOException {
    Path missing = folder.resolve("no/such/a");
    assertThatThrownBy(() -> AtomicFile.write(missing, "x")).isInstanceOf(FoveaException.class)
        .hasMessage(missing + ": the folder " + missing.getParent() + " does not exist; create it first");
    assertThatThrownBy(() -> AtomicFile.write(folder, "x")).hasMessage(folder + ": is a folder; give a file name");
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> AtomicFile.write(file.resolve("a"), "x")).isInstanceOf(FoveaException.class)
        .hasMessageStartingWith(file.resolve("a").toString());
    assertThat(files()).containsExactly("file");
  }

  @Test
  void aFolderWithoutPermissionIsNamed() throws IOException {
    assumeTrue(isPosix(), "needs POSIX permissions");
    Path closed = Files.createDirectory(folder.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
    assumeTrue(!Files.isWritable(closed), "the superuser may write anywhere");
    assertThatThrownBy(() -> AtomicFile.write(closed.resolve("a"), "x")).isInstanceOf(FoveaException.class)
        .hasMessageContaining("no permission to write in " + closed + ", or the file is in use; allow it, or write elsewhere");
  }

  @Test
  void linksAreFollowedAndDevicesRefused() throws IOException {
    assumeTrue(isPosix(), "needs symbolic links and devices");
    Path real = folder.resolve("real");
    AtomicFile.write(real, "old");
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("real"));
    AtomicFile.write(link, "new");
    assertThat(real).hasContent("new");
    assertThat(link).isSymbolicLink();
    Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), Path.of("nothing"));
    assertThatThrownBy(() -> AtomicFile.write(dangling, "x")).hasMessageContaining("is a broken link");
    // A link, so that a failure of this test cannot replace the machine's own device.
    Path device = Files.createSymbolicLink(folder.resolve("device"), Path.of("/dev/null"));
    assertThatThrownBy(() -> AtomicFile.write(device, out -> {
      throw new IllegalStateException("must not be asked to write");
    })).isInstanceOf(FoveaException.class).hasMessageContaining("is a device or a pipe");
    Files.delete(device);
  }

  @Test
  void theFileHasTheUsualPermissions() throws IOException {
    assumeTrue(isPosix(), "needs POSIX permissions");
    Path plain = Files.writeString(folder.resolve("plain"), "x");
    Path atomic = folder.resolve("atomic");
    AtomicFile.write(atomic, "x");
    assertThat(Files.getPosixFilePermissions(atomic)).isEqualTo(Files.getPosixFilePermissions(plain));
  }

  private static boolean isPosix() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  }
}
