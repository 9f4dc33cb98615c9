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
  void whatIsQuickIsNotTold() {
    try (ProgressLine wait = streams(false).waiting("reading images", 3)) {
      wait.accept(1);
      wait.accept(3);
    }
    try (ProgressLine wait = streams(false).waiting("never begun", 3)) {
      assertThat(wait).isNotNull();
    }
    assertThat(text()).isEmpty();
  }

  @Test
  void whatTakesOverASecondIsTold() throws InterruptedException {
    try (ProgressLine counted = streams(false).waiting("reading images", 3000);
        ProgressLine whole = streams(true).waiting("fingerprint", 0)) {
      counted.accept(1200);
      whole.accept(0);
      for (int i = 0; i < 600 && !(text().contains("reading") && text().contains("fingerprint")); i++) {
        Thread.sleep(20);
      }
    }
    assertThat(text()).contains("reading images: 1,200 of 3,000\n", "\rfingerprint ...").endsWith("\r" + " ".repeat(15) + "\r");
  }
}
