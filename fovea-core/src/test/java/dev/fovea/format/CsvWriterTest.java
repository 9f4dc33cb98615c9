package dev.fovea.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class CsvWriterTest {
  private static String row(String... fields) throws IOException {
    StringBuilder out = new StringBuilder();
    new CsvWriter(out).row(List.of(fields));
    return out.toString();
  }

  @Test
  void fieldsAreQuotedIfNeeded() throws IOException {
    assertThat(row("a", "", "b c", "猫")).isEqualTo("a,,b c,猫\n");
    assertThat(row("a,b", "say \"hi\"", "two\nlines", "cr\rhere", "'")).isEqualTo(
        "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\"cr\rhere\",'\n");
  }

  @Test
  void textThatASpreadsheetWouldCalculateGetsAnApostrophe() {
    for (String formula : List.of("=1+1", "+cmd", "-x", "@SUM(A1)", "\t=1", "\r=1")) {
      assertThat(CsvWriter.text(formula)).isEqualTo("'" + formula);
    }
    for (String plain : List.of("", "=", "+", "-", "a=b", "cat", " =1")) {
      assertThat(CsvWriter.text(plain)).isEqualTo(plain);
    }
  }
}
