package dev.fovea.formats.onnx.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.format.FileNames;
import dev.fovea.formats.onnx.proto.OnnxFile;
import dev.fovea.formats.onnx.proto.OnnxGraph;
import dev.fovea.formats.onnx.proto.OnnxModel;
import dev.fovea.formats.onnx.proto.OnnxNode;
import dev.fovea.formats.onnx.proto.OnnxTensor;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.formats.onnx.proto.OnnxValue;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.ParityRule;
import dev.fovea.testkit.RealData;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The nine networks with weights by the parity rule in place of their constants: the logits of ONNX Runtime 1.30 on the CPU, without
 * its optimisations. A row of the table has the number of logits, their sum, the largest magnitude and samples.
 */
class LightNetsValuesTest {
  /** Of the largest logit: float32 in another order of summation, in networks of up to 121 layers. */
  private static final double TOLERANCE = 1e-4;

  private static final Path TABLE = Path.of("src/test/resources/dev/fovea/formats/onnx/light-nets.tsv");

  @ParameterizedTest
  @ValueSource(strings = {"squeezenet", "shufflenet", "inception_v1", "inception_v2", "densenet121", "resnet50"})
  void logitsAreThoseOfOnnxRuntime(String name) {
    check("light_" + name);
  }

  @ParameterizedTest
  @Tag("slow")
  @ValueSource(strings = {"bvlc_alexnet", "zfnet512", "vgg19"})
  void logitsOfLargeNetworksAreThoseOfOnnxRuntime(String name) {
    check("light_" + name);
  }

  private static void check(String name) {
    Path file = RealData.folder("onnx/light-nets").resolve(name).resolve("model.onnx");
    String[] row =
        FileNames.lines(TABLE).stream().map(line -> line.split("\t", -1)).filter(cells -> cells[0].equals(name)).findFirst()
            .orElseThrow();
    float[] logits = logits(file);
    double largest = Double.parseDouble(row[3]);
    double sum = 0;
    double most = 0;
    for (float logit : logits) {
      sum += logit;
      most = Math.max(most, Math.abs(logit));
    }
    assertThat(logits).hasSize(Integer.parseInt(row[1]));
    assertThat(sum / largest).isCloseTo(Double.parseDouble(row[2]) / largest, within(TOLERANCE * Math.sqrt(logits.length)));
    assertThat(most / largest).isCloseTo(1, within(TOLERANCE));
    for (int i = 4; i < row.length; i++) {
      double got = logits[ParityRule.samplePosition(i - 4, logits.length)];
      assertThat(got / largest).as("sample %d", i - 4).isCloseTo(Double.parseDouble(row[i]) / largest, within(TOLERANCE));
    }
  }

  private static float[] logits(Path path) {
    try (OnnxFile file = OnnxFile.open(path)) {
      OnnxModel model = file.model();
      Imported imported =
          OnnxReader.read(new OnnxModel(model.irVersion(), model.producer(), model.opsets(), filled(model.graph()),
              List.of(), Map.of()), "net", ReadOptions.none());
      Shape shape = imported.graph().inputs().getFirst().shape();
      return OnnxCase.run(imported.graph(), imported.parameters(),
          Map.of(imported.graph().inputs().getFirst().name(), floats(ParityRule.values("signed", "input", shape))))
          .values().iterator().next();
    }
  }

  /** The graph with weights, without a softmax at its end. */
  private static OnnxGraph filled(OnnxGraph graph) {
    Map<String, OnnxTensor> sizes = new HashMap<>();
    graph.initializers().forEach(tensor -> sizes.put(tensor.name(), tensor));
    Map<String, Shape> constants = new LinkedHashMap<>();
    Map<String, String> reshaped = new HashMap<>();
    List<OnnxNode> nodes = new ArrayList<>();
    for (OnnxNode node : graph.nodes()) {
      if (node.type().equals("ConstantOfShape")) {
        long[] dims = Optional.ofNullable(sizes.get(node.inputs().getFirst())).orElseThrow().longs();
        constants.put(node.outputs().getFirst(), new Shape(Arrays.stream(dims).mapToObj(Math::toIntExact).toList()));
      } else {
        nodes.add(node);
        if (Set.of("Unsqueeze", "Reshape").contains(node.type()) && constants.containsKey(node.inputs().getFirst())) {
          reshaped.put(node.outputs().getFirst(), node.inputs().getFirst());
        }
      }
    }
    List<OnnxTensor> tensors = new ArrayList<>(graph.initializers());
    Set<String> done = new HashSet<>();
    for (OnnxNode node : nodes) {
      for (int i = 0; i < node.inputs().size(); i++) {
        String name = reshaped.getOrDefault(node.inputs().get(i), node.inputs().get(i));
        Shape shape = constants.get(name);
        String kind = shape == null ? "" : kind(node.type(), i);
        if (shape != null && !kind.isEmpty() && done.add(name)) {
          int last = shape.dim(shape.rank() - 1);
          boolean turned = node.integer("transB", 0) != 0;
          double fanIn = kind.equals("conv") ? shape.sizeFrom(1) : turned ? last : (double) shape.size() / last;
          tensors.add(OnnxTensor.floats(name, shape, floats(ParityRule.values(kind, name, shape, fanIn)), 0));
        }
      }
    }
    assertThat(done).isEqualTo(constants.keySet());
    List<OnnxValue> outputs = graph.outputs();
    OnnxNode end = nodes.getLast();
    if (end.type().equals("Softmax")) {
      nodes.removeLast();
      outputs = List.of(new OnnxValue(end.inputs().getFirst(), "tensor", OnnxType.FLOAT, Optional.empty()));
    }
    return new OnnxGraph(graph.name(), nodes, tensors, graph.inputs(), outputs, List.of());
  }

  /** What an operand is to the operator; empty for one that has no weights. */
  private static String kind(String operator, int operand) {
    return switch (operator) {
      case "Conv" -> List.of("", "conv", "bias").get(operand);
      case "Gemm" -> List.of("", "linear", "bias").get(operand);
      case "BatchNormalization" -> List.of("", "scale", "bias", "running_mean", "running_var").get(operand);
      case "Mul" -> "scale";
      case "Add", "Sum" -> "bias";
      default -> "";
    };
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
