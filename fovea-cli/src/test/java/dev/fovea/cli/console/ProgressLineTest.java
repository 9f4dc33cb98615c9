package dev.fovea.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private Streams streams(boolean terminal) {
    return new Streams(System.out, new PrintStream(bytes, true, StandardCharsets.UTF_8), terminal);
  }

  private String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void nothingIsPrintedWithinASecond() {
    try (ProgressLine line = streams(false).progress("reading images", 3)) {
      line.accept(1);
      line.accept(3);
    }
    try (ProgressLine line = streams(false).progress("never begun", 3)) {
      assertThat(line).isNotNull();
    }
    assertThat(text()).isEmpty();
  }

  @Test
  void progressIsPrintedAfterASecond() throws InterruptedException {
    try (ProgressLine counted = streams(false).progress("reading images", 3000);
        ProgressLine whole = streams(true).progress("fingerprint", 0)) {
      counted.accept(1200);
      counted.accept(1300); // 100 in a second or more, so that 1,700 need 17 seconds or more
      whole.accept(0);
      for (int i = 0; i < 600 && !(text().contains("reading") && text().contains("fingerprint")); i++) {
        Thread.sleep(20);
      }
    }
    assertThat(text()).containsPattern("reading images: 1,300 of 3,000, \\d+ (s|min) left\n").contains("\rfingerprint ...")
        .endsWith("\r" + " ".repeat(15) + "\r");
  }
}
