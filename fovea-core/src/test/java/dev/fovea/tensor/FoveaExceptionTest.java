package dev.fovea.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FoveaExceptionTest {
  @Test
  void aMessageIsOneLineThatHidesNothing() {
    FoveaException e = new FoveaException("a.json: 'x\ny\u202Ez\uFEFF' is no number", new IllegalArgumentException());
    assertThat(e).hasMessage("a.json: 'x?y?z?' is no number").hasCauseInstanceOf(IllegalArgumentException.class);
    assertThat(new FoveaException("花.png: größer als 2 GB 😀")).hasMessage("花.png: größer als 2 GB 😀");
  }

  @Test
  void aLongOneLosesItsMiddle() {
    assertThat(new FoveaException("a.json: '" + "x".repeat(1_000_000) + "' is no number").getMessage()).hasSizeLessThan(2000)
        .startsWith("a.json: 'xxx").endsWith("xxx' is no number");
    assertThat(new FoveaException("x".repeat(1100) + "😀".repeat(1000)).getMessage()).doesNotContain("\uD83D?");
  }
}
