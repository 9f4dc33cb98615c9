package dev.fovea.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class WarmUpTest {
  /** All inputs, weights and biases are one: windows overlap the image with four elements in a corner, nine inside. */
  @Test
  void warmUpComputesAConvolution() {
    WarmUp warmUp = new WarmUp();
    float[] map = warmUp.runOnce();
    assertThat(map[0]).isCloseTo(4 * WarmUp.CHANNELS + 1, within(1e-3f));
    assertThat(map[9]).isCloseTo(9 * WarmUp.CHANNELS + 1, within(1e-3f));
    warmUp.run();
    assertThat(warmUp.runOnce()).isEqualTo(map);
  }
}
