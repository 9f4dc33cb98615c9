package dev.fovea.formats.onnx.proto;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model as the file has it ({@code ModelProto}).
 *
 * @param irVersion the version of the messages themselves, not of the operators
 * @param producer what wrote the file, with its version: {@code pytorch 2.13.0}; empty if the file does not say
 * @param opsets the version of the operators by domain; ONNX's own domain is the empty string, also where the file calls it {@code ai.onnx}
 * @param functions operators that the file itself defines
 * @param metadata texts by key, in the file's order
 */
public record OnnxModel(long irVersion, String producer, Map<String, Long> opsets, OnnxGraph graph, List<OnnxFunction> functions,
    Map<String, String> metadata) {
  public OnnxModel {
    opsets = Collections.unmodifiableMap(new LinkedHashMap<>(opsets));
    functions = List.copyOf(functions);
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /** The version of ONNX's own operators. */
  public long opset() {
    return opsets.getOrDefault("", 1L);
  }
}
