package dev.fovea.formats.onnx.read;

import dev.fovea.graph.Graph;
import dev.fovea.graph.Parameters;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A network that was read from an ONNX file.
 *
 * @param graph inputs and outputs have the file's names, parameters those of its tensors
 * @param metadata the file's texts by key
 * @param integers the outputs whose elements are integers or truth values, which the graph computes as floats
 * @param notes what was decided while reading, one line each
 */
public record Imported(Graph graph, Parameters parameters, Map<String, String> metadata, Set<String> integers,
    List<String> notes) {
  public Imported {
    metadata = Map.copyOf(metadata);
    integers = Set.copyOf(integers);
    notes = List.copyOf(notes);
  }
}
