package dev.fovea.formats.onnx.proto;

import java.util.List;

/**
 * A graph ({@code GraphProto}); nodes are in the file's order, which should be topological.
 *
 * @param initializers constant tensors by their own names; an input of the same name is only a default
 * @param values what the file says about types and shapes of values between nodes
 */
public record OnnxGraph(String name, List<OnnxNode> nodes, List<OnnxTensor> initializers, List<OnnxValue> inputs,
    List<OnnxValue> outputs,
    List<OnnxValue> values) {
  public OnnxGraph {
    nodes = List.copyOf(nodes);
    initializers = List.copyOf(initializers);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    values = List.copyOf(values);
  }
}
