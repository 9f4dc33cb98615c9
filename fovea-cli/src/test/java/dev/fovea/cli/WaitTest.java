package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class WaitTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private Streams streams(boolean terminal) {
    return new Streams(System.out, new PrintStream(bytes, true, StandardCharsets.UTF_8), terminal);
  }

  private String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void whatIsQuickIsNotTold() {
    try (Wait wait = streams(false).waiting("reading images", 3)) {
      wait.accept(1);
      wait.accept(3);
    }
    try (Wait wait = streams(false).waiting("never begun", 3)) {
      assertThat(wait).isNotNull();
    }
    assertThat(text()).isEmpty();
  }

  @Test
  void whatTakesOverASecondIsTold() throws InterruptedException {
    try (Wait counted = streams(false).waiting("reading images", 3000); Wait whole = streams(true).waiting("fingerprint", 0)) {
      counted.accept(1200);
      whole.accept(0);
      for (int i = 0; i < 600 && !(text().contains("reading") && text().contains("fingerprint")); i++) {
        Thread.sleep(20);
      }
    }
    assertThat(text()).contains("reading images: 1,200 of 3,000\n", "\rfingerprint ...").endsWith("\r" + " ".repeat(15) + "\r");
  }
}
