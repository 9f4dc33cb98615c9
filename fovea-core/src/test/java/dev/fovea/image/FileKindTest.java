package dev.fovea.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileKindTest {
  @TempDir
  Path folder;

  @ParameterizedTest
  @CsvSource({
      "'\u0089PNG\r\n\032\n', PNG, true",
      "'\u00ff\u00d8\u00ff', JPEG, true",
      "'GIF89a', GIF, true",
      "'BM\u0001', BMP, true",
      "'BMW is text', text, false",
      "'8BPS', PSD, false",
      "'....ftypheic', HEIC, false",
      "'PK\u0003\u0004', ZIP, false",
      "'<!DOCTYPE html><p>gone', web page, false",
      "'<svg/>', SVG, false",
      "'\u0001\u0002', unknown, false",
      "'', empty, false"
  })
  void theKindFollowsFromTheFirstBytes(String start, String name, boolean image) throws IOException {
    Path file = Files.write(folder.resolve("name.png"), start.getBytes(StandardCharsets.ISO_8859_1));
    assertThat(FileKind.of(file)).isEqualTo(new FileKind(name, image));
  }

  @Test
  void aMissingFileIsReported() {
    assertThatThrownBy(() -> FileKind.of(folder.resolve("gone"))).isInstanceOf(FoveaException.class)
        .hasMessageContaining("gone: cannot be opened");
  }
}
