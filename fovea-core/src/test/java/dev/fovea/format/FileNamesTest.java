package dev.fovea.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileNamesTest {
  @TempDir
  private Path folder;

  /** U+FB01 is below U+1F33B as a code point, but above the first char of its surrogate pair. */
  @Test
  void orderIsThatOfCodePoints() {
    assertThat(List.of("\uD83C\uDF3B", "\uFB01", "b", "B", "a10", "a9").stream().sorted(FileNames.ORDER))
        .containsExactly("B", "a10", "a9", "b", "\uFB01", "\uD83C\uDF3B");
  }

  @Test
  void aListIsSortedAndWithoutHiddenFiles() throws IOException {
    for (String name : List.of("b", ".hidden", "a", "C")) {
      Files.createFile(folder.resolve(name));
    }
    assertThat(FileNames.list(folder)).extracting(FileNames::last).containsExactly("C", "a", "b");
    assertThatThrownBy(() -> FileNames.list(folder.resolve("a"))).isInstanceOf(FoveaException.class)
        .hasMessage(folder.resolve("a") + ": the folder cannot be listed, it is a file; check its permissions");
  }

  @Test
  void textBreaksNoLine() {
    assertThat(FileNames.line("a\nb\tc\u202Ed\u2028e\u0000")).isEqualTo("a?b?c?d?e?");
    assertThat(FileNames.line("h\u00F6he \uD83C\uDF3B")).isEqualTo("h\u00F6he \uD83C\uDF3B");
    assertThat(FileNames.last(Path.of("/"))).isEmpty();
    assertThat(FileNames.isIgnoredFolder(Path.of("x", "__MACOSX"))).isTrue();
    assertThat(FileNames.isIgnoredFolder(Path.of("x", "cats"))).isFalse();
  }

  @Test
  void linesAreStrippedAndNotBlank() throws IOException {
    Path file = Files.writeString(folder.resolve("names.txt"), " ant \n\n\tbee\r\n");
    assertThat(FileNames.lines(file)).containsExactly("ant", "bee");
    Files.write(file, new byte[] {(byte) 0xC3, 0x28});
    assertThatThrownBy(() -> FileNames.lines(file)).isInstanceOf(FoveaException.class).hasMessageContaining("not UTF-8 text");
    assertThatThrownBy(() -> FileNames.lines(folder)).isInstanceOf(FoveaException.class)
        .hasMessageContaining("expected a text file");
  }

  @Test
  void aFolderIsRequired() throws IOException {
    FileNames.requireFolder("images", folder);
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> FileNames.requireFolder("images", file)).isInstanceOf(FoveaException.class)
        .hasMessage("images:" + file + ": expected a folder, this is a file; give the folder that contains it");
    assertThatThrownBy(() -> FileNames.requireFolder("images", folder.resolve("none"))).isInstanceOf(FoveaException.class)
        .hasMessage("images:" + folder.resolve("none") + ": no such folder; give one that exists, as in images:DIR");
  }

  @Test
  void reasonsAreShort() {
    assertThat(FileNames.reason(new NoSuchFileException("a/b"))).isEqualTo("no such file");
    assertThat(FileNames.reason(new AccessDeniedException("a/b"))).isEqualTo("permission denied");
    assertThat(FileNames.reason(new NotDirectoryException("a/b"))).isEqualTo("it is a file");
    assertThat(FileNames.reason(new FileAlreadyExistsException("a/b"))).isEqualTo("a file is in its place");
    assertThat(FileNames.reason(new IOException("disk\nbroken"))).isEqualTo("disk?broken");
    assertThat(FileNames.reason(new IOException())).isEqualTo("IOException");
  }
}
