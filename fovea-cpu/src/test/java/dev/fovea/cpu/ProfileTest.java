package dev.fovea.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.cpu.compile.Buffer;
import dev.fovea.cpu.compile.Buffer.Storage;
import dev.fovea.cpu.compile.Step;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Task;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProfileTest {
  /** A cache of 1 MB that is ten times as fast as memory. */
  private static final MemoryBandwidth BANDWIDTH =
      new MemoryBandwidth(new double[] {1e5, 1e6, 1e8}, new double[] {90e9, 100e9, 10e9}, new double[] {50e9, 50e9, 5e9});

  private static Step step(long in, long out, long work) {
    return new Step("k", "", List.of(buffer(0, in)), buffer(1, out), work, Step.NOT_IN_PLACE, false,
        (_, _) -> Task.of(0, (_, _, _) -> {}));
  }

  private static Buffer buffer(int id, long floats) {
    return new Buffer(id, floats, Layout.NCHW, Storage.ARENA, 0);
  }

  private static double roofline(int threads, Step step) {
    return new Profile(List.of(step), threads, 1e10, BANDWIDTH).roofline(step);
  }

  @Test
  void dataInACacheHasItsBandwidth() {
    assertThat(BANDWIDTH.seconds(1e5, 1e5, 1)).isCloseTo(1e5 / 50e9, within(1e-15));
    assertThat(BANDWIDTH.seconds(1e9, 0, 1)).isCloseTo(1e9 / 10e9, within(1e-9));
    // two threads with a working set of 0.8 MB each
    assertThat(BANDWIDTH.seconds(1.6e6, 0, 1)).isCloseTo(1.6e6 / 100e9, within(1e-12));
    assertThat(BANDWIDTH.seconds(1.6e6, 0, 2)).isCloseTo(0.8e6 / 100e9, within(1e-12));
  }

  @Test
  void aSmallerWorkingSetIsNeverSlower() {
    assertThat(BANDWIDTH.reads()).containsExactly(100e9, 100e9, 10e9);
  }

  @Test
  void stepsAreLimitedByWorkOrByMemory() {
    assertThat(roofline(2, step(1000, 1000, 20_000_000))).isCloseTo(1e-3, within(1e-9));
    assertThat(roofline(1, step(100_000_000, 1, 100_000_000))).isCloseTo(0.04, within(1e-6));
  }

  @Test
  void measuresThisMachine() {
    MemoryBandwidth here = MemoryBandwidth.measured();
    assertThat(Arrays.stream(here.reads()).boxed()).hasSize(here.bytes().length).allMatch(b -> b > 1e7 && b < 1e13);
    assertThat(Arrays.stream(here.writes()).boxed()).hasSize(here.bytes().length).allMatch(b -> b > 1e7 && b < 1e13);
    assertThat(here.memory()).isLessThanOrEqualTo(here.reads()[0]);
  }
}
