package dev.fovea.formats.onnx.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.formats.onnx.Onnx;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.RealData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Nine whole networks of 2015 to 2017: their graphs, shapes and numbers of parameters, which a table lists. */
class LightNetsTest {
  @TestFactory
  List<DynamicTest> shapesAndParameters() throws IOException {
    Path folder = RealData.folder("onnx/light-nets");
    List<DynamicTest> tests = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("TABLE.tsv"))) {
      String[] cells = line.split("\t", -1);
      if (!cells[0].equals("net")) {
        tests.add(DynamicTest.dynamicTest(cells[0], () -> check(folder.resolve(cells[0]).resolve("model.onnx"), cells)));
      }
    }
    return tests;
  }

  private static void check(Path file, String[] cells) {
    Model imported = Onnx.read(file);
    assertThat(imported.graph().inputs()).singleElement()
        .satisfies(input -> assertThat(input.shape()).isEqualTo(shape(cells[1])));
    assertThat(imported.graph().outputs()).hasSize(1);
    String output = imported.graph().outputs().keySet().iterator().next();
    assertThat(imported.graph().outputShape(output)).isEqualTo(shape(cells[2]));
    // the table counts a number that no node reads in two of the files
    assertThat((long) imported.parameters().size()).isBetween(Long.parseLong(cells[3]) - 1, Long.parseLong(cells[3]));
  }

  private static Shape shape(String text) {
    return Shape.of(Arrays.stream(text.substring(1, text.length() - 1).split(",")).map(String::strip).mapToInt(Integer::parseInt)
        .toArray());
  }
}
