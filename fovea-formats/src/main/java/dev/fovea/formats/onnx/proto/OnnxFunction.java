package dev.fovea.formats.onnx.proto;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An operator that the file defines by other operators ({@code FunctionProto}).
 *
 * @param overload tells functions of the same domain and name apart; usually empty
 * @param attributes the names of attributes without a default
 * @param defaults attributes with a default, by name
 * @param opsets the versions of the operators that its nodes use, by domain, as in {@link OnnxModel}
 */
public record OnnxFunction(String domain, String name, String overload, List<String> inputs, List<String> outputs,
    List<String> attributes,
    Map<String, OnnxAttribute> defaults, List<OnnxNode> nodes, Map<String, Long> opsets) {
  public OnnxFunction {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    attributes = List.copyOf(attributes);
    defaults = Collections.unmodifiableMap(new LinkedHashMap<>(defaults));
    nodes = List.copyOf(nodes);
    opsets = Collections.unmodifiableMap(new LinkedHashMap<>(opsets));
  }
}
