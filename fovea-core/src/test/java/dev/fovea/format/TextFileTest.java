package dev.fovea.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextFileTest {
  @TempDir
  Path folder;

  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("x.txt");
  }

  @Test
  void byteOrderMarksAreRemoved() throws IOException {
    String text = "Schleie\r\nfeud\u00e9 \ud83d\ude00\n";
    Files.writeString(file, text);
    assertThat(TextFile.read(file)).isEqualTo(text);
    Files.writeString(file, "\ufeff" + text);
    assertThat(TextFile.read(file)).isEqualTo(text);
    Files.writeString(file, "\ufeff" + text, StandardCharsets.UTF_16LE);
    assertThat(TextFile.read(file)).isEqualTo(text);
    Files.writeString(file, "\ufeff" + text, StandardCharsets.UTF_16BE);
    assertThat(TextFile.read(file)).isEqualTo(text);
    Files.writeString(file, "\ufeff");
    assertThat(TextFile.read(file)).isEmpty();
    Files.writeString(file, "");
    assertThat(TextFile.read(file)).isEmpty();
  }

  @Test
  void otherCharsetsAreRefused() throws IOException {
    Files.writeString(file, "feud\u00e9", StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> TextFile.read(file)).isInstanceOf(CharacterCodingException.class);
  }
}
