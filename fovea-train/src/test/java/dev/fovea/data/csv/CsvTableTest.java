package dev.fovea.data.csv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.data.Given;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** CSV files: RFC 4180, variants that programs write, and hostile ones. */
class CsvTableTest {
  @TempDir
  private Path folder;

  private static List<List<String>> cells(String text) {
    return CsvTable.parse("t.csv", text).rows().stream().map(CsvTable.Row::cells).toList();
  }

  @Test
  void quotesLineEndsAndEmptyLines() {
    String text = "file,label\r\n\"a, b.png\",\"say \"\"hi\"\"\"\r\n\r\n  c.png  , cat \r\nd.png,\r\n";
    assertThat(cells(text)).containsExactly(List.of("a, b.png", "say \"hi\""), List.of("c.png", "cat"), List.of("d.png", ""));
    assertThat(cells("file,label\na,1\nb,2")).as("no line end at the end").hasSize(2);
    assertThat(cells("file,label\n\"a\nb\",1\nc,2")).containsExactly(List.of("a\nb", "1"), List.of("c", "2"));
  }

  @Test
  void otherSeparators() {
    assertThat(cells("file;label\na,b.png;1\n")).containsExactly(List.of("a,b.png", "1"));
    assertThat(cells("file\tlabel\na;b.png\t1\n")).containsExactly(List.of("a;b.png", "1"));
  }

  @Test
  void linesAreThoseOfTheFile() {
    CsvTable table = CsvTable.parse("t.csv", "file,label\n\n\"a\nb\",1\nc,2\n");
    assertThat(table.rows()).extracting(CsvTable.Row::line).containsExactly(3L, 5L);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '~', quoteCharacter = '`', value = {
      "file,label ~ t.csv: has no rows",
      "file ~ t.csv: expected a column of paths and one of labels or more, separated by commas, got 'file'",
      "file,,x|a,b,c ~ t.csv: column 2 has no name in the first line",
      "file,x,x|a,b,c ~ t.csv: two columns are called 'x'; rename one",
      "file,label|a,b,c ~ t.csv: line 2: expected 2 cells, as in the first line, got 3",
      "file,label|a,b|c ~ t.csv: line 3: expected 2 cells, as in the first line, got 1",
      "file,label|a,\"b ~ t.csv: line 2: a cell in double quotes has no end; close it",
      "file,label|a,\"b\"c ~ t.csv: line 2: "})
  void damagedFilesAreNamed(String text, String message) {
    Given.failure(() -> CsvTable.parse("t.csv", text.replace('|', '\n'))).startsWith(message);
  }

  @Test
  void hostileFiles() throws IOException {
    Given.failure(() -> CsvTable.parse("t.csv", "")).startsWith("t.csv: ");
    Given.failure(() -> CsvTable.parse("t.csv", "file,label\na,b\nc,d\0")).startsWith("t.csv: line 3: holds a NUL character");
    Given.failure(() -> CsvTable.parse("t.csv", ",".repeat(1_000_000))).startsWith("t.csv: a row has more than 10000 cells");
    Given.failure(() -> CsvTable.parse("t.csv", "file,label\n" + "x,".repeat(1_000_000))).contains("more than 10000 cells");
    Given.failure(() -> CsvTable.parse("t.csv", "\"".repeat(99_999))).startsWith("t.csv: ");
    Given.failure(() -> CsvTable.parse("t.csv", "a,b\n\"" + "x".repeat(3_000_000))).startsWith("t.csv: line ");
    Path binary = Files.write(folder.resolve("b.csv"), new byte[] {'a', ',', (byte) 0xff, (byte) 0xc0, '\n', '1', ',', '2'});
    Given.failure(() -> CsvTable.read(binary)).startsWith("b.csv: is not UTF-8 text; save it");
    Given.failure(() -> CsvTable.read(folder)).contains("is no file; expected a CSV file");
    Given.failure(() -> CsvTable.read(folder.resolve("none.csv"))).contains("none.csv: does not exist");
  }

  @Test
  void aByteOrderMarkIsNoPartOfTheFirstName() throws IOException {
    Path file = Files.write(folder.resolve("bom.csv"), "\uFEFFfile,label\na,b\n".getBytes(StandardCharsets.UTF_8));
    assertThat(CsvTable.read(file).header()).containsExactly("file", "label");
  }

  /** A byte order mark in the middle of a text cannot be seen. */
  @Test
  void invisibleCharactersAreShownInMessages() {
    Given.failure(() -> CsvTable.parse("t.csv", "pa\ufeffth\na.png\n")).contains("got 'pa?th'");
    assertThat(CsvTable.shown("a\u202eb\u0007c\u2028d")).isEqualTo("a?b?c?d");
  }
}
