package dev.fovea.formats.onnx.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.formats.onnx.proto.OnnxModel;
import dev.fovea.formats.onnx.proto.OnnxNode;
import dev.fovea.formats.onnx.proto.OnnxTensor;
import java.util.HashSet;
import java.util.Set;

/** What ONNX's checker asks of a graph: names are given once, before they are used, and outputs are results of nodes. */
final class WellFormed {
  private WellFormed() {}

  static void check(OnnxModel model) {
    Set<String> known = new HashSet<>();
    model.graph().inputs().forEach(input -> assertThat(known.add(input.name())).as("input %s", input.name()).isTrue());
    for (OnnxTensor tensor : model.graph().initializers()) {
      assertThat(known.add(tensor.name())).as("initializer %s", tensor.name()).isTrue();
    }
    Set<String> nodes = new HashSet<>();
    Set<String> results = new HashSet<>();
    for (OnnxNode node : model.graph().nodes()) {
      assertThat(nodes.add(node.name())).as("name of node %s", node.name()).isTrue();
      node.inputs().stream().filter(name -> !name.isEmpty())
          .forEach(name -> assertThat(known).as("inputs of %s", node.where()).contains(name));
      for (String output : node.outputs()) {
        assertThat(known.add(output)).as("output %s of %s", output, node.where()).isTrue();
        results.add(output);
      }
    }
    model.graph().outputs().forEach(output -> assertThat(results).contains(output.name()));
  }
}
