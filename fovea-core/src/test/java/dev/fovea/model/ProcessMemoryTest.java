package dev.fovea.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.FoveaException;
import java.util.function.IntToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ProcessMemoryTest {
  private static final long MAX_HEAP = Runtime.getRuntime().maxMemory();
  private static final long MIB = 1 << 20;

  @Test
  void existingAndAddedBytesArePartOfThePeak() {
    ProcessMemory estimate = ProcessMemory.of(3, n -> n * MIB);
    assertThat(estimate.added()).isEqualTo(3 * MIB);
    assertThat(estimate.existing()).isPositive();
    assertThat(estimate.peak()).isGreaterThan(estimate.existing() + estimate.added());
    assertThat(estimate.peakOfRun()).isGreaterThan(estimate.peak());
    assertThat(new ProcessMemory(estimate.existing(), estimate.added() + 64 * MIB).peak()).isEqualTo(estimate.peak() + 65 * MIB);
  }

  @Test
  void aBatchThatDoesNotFitIsRefusedWithTheLargestThatDoes() {
    FoveaException e = catchRefusal(100, n -> n * (MAX_HEAP / 20));
    Matcher message =
        Pattern.compile("a batch of 100 needs [\\d,]+ MiB of memory, [\\d,]+ MiB are left: the largest that fits is (\\d+),"
            + " or give the JVM more memory, as in -Xmx8g").matcher(String.valueOf(e.getMessage()));
    assertThat(message.matches()).as(e.getMessage()).isTrue();
    int fits = Integer.parseInt(message.group(1));
    assertThat(fits).isBetween(1, 19);
    assertThat(ProcessMemory.of(fits, n -> n * (MAX_HEAP / 20)).added()).isEqualTo(fits * (MAX_HEAP / 20));
    assertThat(ProcessMemory.largest(100, n -> n * (MAX_HEAP / 20))).isBetween(fits - 1, fits + 1);
    assertThat(ProcessMemory.largest(2, n -> n * (MAX_HEAP / 20))).isEqualTo(2);
  }

  private static FoveaException catchRefusal(int batch, IntToLongFunction taken) {
    try {
      ProcessMemory.of(batch, taken);
    } catch (FoveaException e) {
      return e;
    }
    throw new AssertionError("a batch of " + batch + " was not refused");
  }

  @Test
  void aBatchThatCannotBePlannedIsRefused() {
    assertThatThrownBy(() -> ProcessMemory.of(100, n -> planned(n, 7))).isInstanceOf(FoveaException.class)
        .hasMessageContaining("a batch of 100 needs more than arrays can have of memory")
        .hasMessageContaining("the largest that fits is 7,");
    assertThatThrownBy(() -> ProcessMemory.of(100, n -> planned(n, 0))).hasMessage("too many elements for an array");
  }

  private static long planned(int batch, int maxBatch) {
    if (batch > maxBatch) {
      throw new FoveaException("too many elements for an array");
    }
    return batch;
  }

  @Test
  void aSingleImageThatDoesNotFitIsReported() {
    assertThatThrownBy(() -> ProcessMemory.of(8, n -> 2L * n * MAX_HEAP)).hasMessageContaining("not even a batch of 1 fits");
    assertThatThrownBy(() -> ProcessMemory.largest(8, n -> 2L * n * MAX_HEAP)).isInstanceOf(FoveaException.class)
        .hasMessageContaining("a batch of 1 needs").hasMessageContaining("use smaller images");
  }
}
