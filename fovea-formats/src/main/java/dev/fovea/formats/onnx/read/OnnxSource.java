package dev.fovea.formats.onnx.read;

import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.formats.onnx.constant.Folding;
import dev.fovea.formats.onnx.constant.Operation;
import dev.fovea.formats.onnx.operator.Operators;
import dev.fovea.formats.onnx.proto.OnnxFunction;
import dev.fovea.formats.onnx.proto.OnnxModel;
import dev.fovea.formats.onnx.proto.OnnxNode;
import dev.fovea.formats.onnx.proto.OnnxTensor;
import dev.fovea.formats.onnx.write.OnnxWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What all interpretations of a file share: its constants, and what was computed from them alone. */
final class OnnxSource {
  private record Key(Object node, List<@Nullable Object> operands) {
    @Override
    @SuppressWarnings("ReferenceEquality") // nodes and arrays are known by identity
    public boolean equals(@Nullable Object other) {
      if (!(other instanceof Key key) || node != key.node || operands.size() != key.operands.size()) {
        return false;
      }
      for (int i = 0; i < operands.size(); i++) {
        if (operands.get(i) != key.operands.get(i)) {
          return false;
        }
      }
      return true;
    }

    @Override
    public int hashCode() {
      int hash = System.identityHashCode(node);
      for (Object operand : operands) {
        hash = 31 * hash + System.identityHashCode(operand);
      }
      return hash;
    }
  }

  private final OnnxModel model;
  private final Map<String, Array> arrays = new LinkedHashMap<>();
  private final Map<String, OnnxFunction> functions = new HashMap<>();
  private final Map<Key, Optional<List<Array>>> folded = new HashMap<>();
  private final long elements;

  /** @param given constant values for inputs by name */
  OnnxSource(OnnxModel model, Map<String, Array> given) {
    this.model = model;
    long sum = 0;
    for (OnnxTensor tensor : model.graph().initializers()) {
      arrays.put(tensor.name(), Array.of(tensor));
      sum += tensor.isReadable() ? tensor.size() : 0; // others may claim any size
    }
    arrays.putAll(given);
    elements = sum;
    for (OnnxFunction function : model.functions()) {
      functions.put(Operators.key(function), function);
    }
  }

  /** Whether Fovea wrote it. */
  boolean isOwn() {
    return model.producer().equals(OnnxWriter.PRODUCER);
  }

  /** The parameters of a model that Fovea wrote that training does not change. */
  Set<String> frozen() {
    String names = isOwn() ? model.metadata().getOrDefault(OnnxWriter.FROZEN, "") : "";
    return names.lines().collect(Collectors.toUnmodifiableSet());
  }

  OnnxModel model() {
    return model;
  }

  /** Initialisers and given inputs, by name. */
  Map<String, Array> arrays() {
    return arrays;
  }

  Map<String, OnnxFunction> functions() {
    return functions;
  }

  /** The number of elements of all initialisers. */
  long elements() {
    return elements;
  }

  /** The array of a Constant node. */
  Array constant(OnnxNode node) {
    Array array = folded.computeIfAbsent(new Key(node, List.of()), _ -> Optional.of(List.of(Attributes.constant(node))))
        .orElseThrow().getFirst();
    // those of a model that Fovea wrote are no parameters, which are all initialisers
    return isOwn() ? array.named("") : array;
  }

  /** The results of a node with constant operands; computed once for the same arrays. */
  Optional<List<Array>> folded(Operation operation) {
    Key key = new Key(operation.node(), new ArrayList<>(operation.operands()));
    Optional<List<Array>> known = folded.get(key);
    if (known == null) {
      known = Folding.fold(operation);
      folded.put(key, known);
    }
    return known;
  }
}
