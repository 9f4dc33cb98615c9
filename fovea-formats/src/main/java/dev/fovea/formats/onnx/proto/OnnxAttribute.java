package dev.fovea.formats.onnx.proto;

import java.util.List;

/** The value of a node's attribute ({@code AttributeProto}). */
public sealed interface OnnxAttribute {

  record IntValue(long value) implements OnnxAttribute {}

  record FloatValue(float value) implements OnnxAttribute {}

  /** Bytes that should be UTF-8; others are read as replacement characters. */
  record StringValue(String value) implements OnnxAttribute {}

  record TensorValue(OnnxTensor value) implements OnnxAttribute {}

  record GraphValue(OnnxGraph value) implements OnnxAttribute {}

  record IntList(List<Long> values) implements OnnxAttribute {
    public IntList {
      values = List.copyOf(values);
    }
  }

  record FloatList(List<Float> values) implements OnnxAttribute {
    public FloatList {
      values = List.copyOf(values);
    }
  }

  record StringList(List<String> values) implements OnnxAttribute {
    public StringList {
      values = List.copyOf(values);
    }
  }

  record TensorList(List<OnnxTensor> values) implements OnnxAttribute {
    public TensorList {
      values = List.copyOf(values);
    }
  }

  record GraphList(List<OnnxGraph> values) implements OnnxAttribute {
    public GraphList {
      values = List.copyOf(values);
    }
  }

  /** In a function's node: the attribute of that name of the node that calls the function. */
  record Reference(String attribute) implements OnnxAttribute {}

  /** A value of a kind that is not read, such as a type or a sparse tensor. */
  record Unsupported(String kind) implements OnnxAttribute {}

  /** The kind for messages: {@code an integer}. */
  default String kindText() {
    return switch (this) {
      case IntValue _ -> "an integer";
      case FloatValue _ -> "a float";
      case StringValue _ -> "a string";
      case TensorValue _ -> "a tensor";
      case GraphValue _ -> "a graph";
      case IntList _ -> "a list of integers";
      case FloatList _ -> "a list of floats";
      case StringList _ -> "a list of strings";
      case TensorList _ -> "a list of tensors";
      case GraphList _ -> "a list of graphs";
      case Reference _ -> "a reference to a function's attribute";
      case Unsupported(String kind) -> kind;
    };
  }
}
