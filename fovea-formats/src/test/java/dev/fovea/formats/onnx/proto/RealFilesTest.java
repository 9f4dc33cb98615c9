package dev.fovea.formats.onnx.proto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.testkit.RealData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every model and tensor of ONNX's conformance tests, from version 1 of the format on. */
class RealFilesTest {
  private static List<Path> files(String suffix) throws IOException {
    try (Stream<Path> all = Files.walk(RealData.folder("onnx"))) {
      return all.filter(path -> path.toString().endsWith(suffix)).sorted().toList();
    }
  }

  @Test
  void everyModelIsRead() throws IOException {
    List<Path> files = files(".onnx");
    for (Path path : files) {
      try (OnnxFile file = OnnxFile.open(path)) {
        OnnxModel model = file.model();
        assertThat(model.irVersion()).as("%s", path).isBetween(1L, 20L);
        assertThat(model.graph().nodes()).as("%s", path).isNotEmpty();
        assertThat(model.graph().outputs()).as("%s", path).isNotEmpty();
        for (OnnxTensor tensor : model.graph().initializers()) {
          assertThat(tensor.floats()).as("%s %s", path, tensor).hasSize((int) tensor.size());
        }
      }
    }
    assertThat(files).hasSizeGreaterThan(1000);
  }

  @Test
  void everyTensorOfNumbersIsRead() throws IOException {
    List<Path> files = files(".pb");
    List<Path> strings = new ArrayList<>();
    for (Path path : files) {
      try (OnnxFile file = OnnxFile.open(path)) {
        OnnxTensor tensor = file.tensor();
        if (tensor.type() == OnnxType.STRING) {
          strings.add(path);
          continue;
        }
        assertThat(tensor.isReadable()).as("%s %s", path, tensor).isTrue();
        double[] exact = tensor.doubles();
        float[] rounded = new float[exact.length];
        for (int i = 0; i < exact.length; i++) {
          rounded[i] = (float) exact[i];
        }
        assertThat(Arrays.equals(tensor.floats(), rounded)).as("%s", path).isTrue();
      }
    }
    assertThat(files).hasSizeGreaterThan(3000);
    assertThat(strings).hasSizeLessThan(20);
  }
}
