package dev.fovea.formats.onnx.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.testkit.RealData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** ONNX's own cases of its operators: each is run on the engine and compared at its tolerance. */
class ConformanceTest {
  private static final double REQUIRED = 0.98;

  @Test
  void coreOperatorsOfFloats() throws IOException {
    Path onnx = RealData.folder("onnx");
    List<String> failures = new ArrayList<>();
    int count = 0;
    for (OnnxCase test : OnnxCase.all(onnx)) {
      if (test.core() && test.hasFloats() && !test.isThreeDimensional()) {
        count++;
        String failure = test.failure();
        if (!failure.isEmpty()) {
          failures.add(test.suite() + " " + test.name() + ": " + failure);
        }
      }
    }
    System.out.printf("core: %d of %d pass; the others:%n  %s%n", count - failures.size(), count, String.join("\n  ", failures));
    assertThat(count).isGreaterThan(600);
    assertThat(failures).hasSizeLessThanOrEqualTo((int) ((1 - REQUIRED) * count));
  }

  @Test
  void otherOperatorsAreRunOrRefused() throws IOException {
    Path onnx = RealData.folder("onnx");
    int passed = 0;
    int count = 0;
    for (OnnxCase test : OnnxCase.all(onnx)) {
      if (!(test.core() && test.hasFloats())) {
        count++;
        passed += test.failure().isEmpty() ? 1 : 0;
      }
    }
    System.out.printf("others: %d of %d pass%n", passed, count);
    assertThat(passed).isGreaterThanOrEqualTo(300);
  }
}
