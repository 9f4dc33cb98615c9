package dev.fovea.formats.onnx.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.formats.onnx.proto.OnnxFile;
import dev.fovea.formats.onnx.proto.OnnxModel;
import dev.fovea.formats.onnx.proto.OnnxValue;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.Compare;
import dev.fovea.testkit.Engine;
import dev.fovea.testkit.OpCase;
import dev.fovea.testkit.OpCases;
import dev.fovea.testkit.Operand;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each case of each forward operator means the same in ONNX Runtime, at its size and, where a size is open, at another. */
class OperatorsInOnnxRuntimeTest {
  @TempDir
  Path folder;

  static Stream<OpCase> cases() {
    return OpCases.forward().stream().filter(c -> !(c.op() instanceof Op.ExponentialRace) && !(c.op() instanceof Op.Dropout));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aCaseOfOpset17(OpCase c) {
    check(c, OnnxOptions.standard());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aCaseOfOpset13(OpCase c) {
    if (!(c.op() instanceof Op.MaxUnpool(var window)) || !Windows.overlap(window)) {
      check(c, OnnxOptions.standard().opset(13).anySize(false));
    }
  }

  private void check(OpCase c, OnnxOptions options) {
    Graph graph = c.graph();
    OnnxModel model = OnnxWriter.model(graph, Parameters.zeros(graph), Map.of(), options);
    Path file = folder.resolve("case.onnx");
    OnnxFile.write(model, file);
    try (OnnxRuntime runtime = new OnnxRuntime(file)) {
      check(c, runtime);
      Map<String, Integer> sizes = openSizes(model);
      if (!sizes.isEmpty()) {
        check(resized(c, model, sizes), runtime);
      }
    }
  }

  private static void check(OpCase c, OnnxRuntime runtime) {
    double[] expected = Compare.output(Engine.REFERENCE.run(c.graph(), c.values()), OpCase.RESULT);
    Map<String, OnnxRuntime.Result> inputs = new HashMap<>();
    for (int i = 0; i < c.operands().size(); i++) {
      inputs.put(OpCase.operand(i), new OnnxRuntime.Result(c.operands().get(i).shape(), floats(c.values(i))));
    }
    OnnxRuntime.Result got = Objects.requireNonNull(runtime.run(inputs).get(OpCase.RESULT));
    assertThat(got.shape()).as(c.name()).isEqualTo(c.resultShape());
    // A sum of many numbers may be much smaller than they are; its error is not.
    double largest = c.values().values().stream().mapToDouble(Compare::largest).max().orElse(0);
    Compare.values(c.name(), expected, doubles(got.values()), Math.max(2e-5 * Compare.largest(expected), 1e-7 * largest));
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }

  /** How much to add to each open size, by its name, so that the operator still fits. */
  private static Map<String, Integer> openSizes(OnnxModel model) {
    Map<String, Integer> sizes = new TreeMap<>();
    for (OnnxValue input : model.graph().inputs()) {
      for (OnnxValue.Dim dim : input.dims().orElseThrow()) {
        if (dim instanceof OnnxValue.Dim.Symbol(String name)) {
          sizes.put(name, name.equals("batch") ? 2 : 64);
        }
      }
    }
    return sizes;
  }

  private static OpCase resized(OpCase c, OnnxModel model, Map<String, Integer> more) {
    List<Operand> operands = new ArrayList<>();
    for (int i = 0; i < c.operands().size(); i++) {
      Operand operand = c.operands().get(i);
      Shape shape = operand.shape();
      List<OnnxValue.Dim> dims = model.graph().inputs().get(i).dims().orElseThrow();
      for (int axis = 0; axis < dims.size(); axis++) {
        if (dims.get(axis) instanceof OnnxValue.Dim.Symbol(String name)) {
          shape = shape.with(axis, shape.dim(axis) + more.getOrDefault(name, 0));
        }
      }
      operands.add(new Operand(shape, operand.kind()));
    }
    OpCase other = new OpCase(c.op(), operands);
    assertThat(other.graph()).isNotNull();
    return other;
  }
}
