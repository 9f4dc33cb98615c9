package dev.fovea.formats.onnx.read;

import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.graph.Graph;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.Map;

/**
 * The result of one interpretation of a file, for certain shapes of its inputs.
 *
 * @param inputs the shapes of the inputs
 * @param shapes the shape of each value that depends on the inputs, by its name in the file
 * @param constants the arrays of the others
 * @param arrays the elements of the graph's parameters
 * @param types the element types of the graph's outputs
 * @param refusals what cannot be imported, a line for each node
 */
record Pass(Graph graph, Map<String, Shape> inputs, Map<String, Shape> shapes, Map<String, Array> constants,
    Map<String, Array> arrays,
    Map<String, OnnxType> types, List<String> refusals) {}
