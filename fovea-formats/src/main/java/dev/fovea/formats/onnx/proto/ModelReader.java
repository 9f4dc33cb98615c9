package dev.fovea.formats.onnx.proto;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads ModelProto and the messages in it; numbers are those of the fields in onnx.proto. */
final class ModelReader {
  private static final String DEFAULT_DOMAIN = "ai.onnx";

  private ModelReader() {}

  static OnnxModel model(WireReader in) {
    long irVersion = 0;
    String producer = "";
    String producerVersion = "";
    @Nullable OnnxGraph graph = null;
    Map<String, Long> opsets = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    List<OnnxFunction> functions = new ArrayList<>();
    while (in.next()) {
      switch (in.field()) {
        case 1 -> irVersion = in.int64();
        case 2 -> producer = in.text();
        case 3 -> producerVersion = in.text();
        case 7 -> {
          if (graph != null) {
            throw in.error("there are two graphs");
          }
          graph = graph(in.message("GraphProto"));
        }
        case 8 -> opset(in.message("OperatorSetIdProto"), opsets);
        case 14 -> entry(in.message("StringStringEntryProto"), metadata);
        case 25 -> functions.add(function(in.message("FunctionProto")));
        default -> in.skip();
      }
    }
    if (graph == null) {
      throw in.error("there is no graph");
    }
    return new OnnxModel(irVersion, (producer + " " + producerVersion).strip(), opsets, graph, functions, metadata);
  }

  static OnnxGraph graph(WireReader in) {
    String name = "";
    List<OnnxNode> nodes = new ArrayList<>();
    List<OnnxTensor> initializers = new ArrayList<>();
    List<OnnxValue> inputs = new ArrayList<>();
    List<OnnxValue> outputs = new ArrayList<>();
    List<OnnxValue> values = new ArrayList<>();
    while (in.next()) {
      switch (in.field()) {
        case 1 -> nodes.add(node(in.message("NodeProto")));
        case 2 -> name = in.text();
        case 5 -> initializers.add(TensorReader.read(in.message("TensorProto")));
        case 11 -> inputs.add(value(in.message("ValueInfoProto")));
        case 12 -> outputs.add(value(in.message("ValueInfoProto")));
        case 13 -> values.add(value(in.message("ValueInfoProto")));
        case 15 -> initializers.add(TensorReader.sparse(in.message("SparseTensorProto")));
        default -> in.skip();
      }
    }
    return new OnnxGraph(name, nodes, initializers, inputs, outputs, values);
  }

  private static OnnxNode node(WireReader in) {
    String name = "";
    String domain = "";
    String type = "";
    String overload = "";
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    Map<String, OnnxAttribute> attributes = new LinkedHashMap<>();
    while (in.next()) {
      switch (in.field()) {
        case 1 -> inputs.add(in.text());
        case 2 -> outputs.add(in.text());
        case 3 -> name = in.text();
        case 4 -> type = in.text();
        case 5 -> AttributeReader.read(in.message("AttributeProto"), attributes);
        case 7 -> domain = domain(in.text());
        case 8 -> overload = in.text();
        default -> in.skip();
      }
    }
    if (type.isEmpty()) {
      throw in.error("a node has no operator");
    }
    return new OnnxNode(name, domain, type, overload, inputs, outputs, attributes);
  }

  private static OnnxFunction function(WireReader in) {
    String domain = "";
    String name = "";
    String overload = "";
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    List<String> attributes = new ArrayList<>();
    Map<String, OnnxAttribute> defaults = new LinkedHashMap<>();
    List<OnnxNode> nodes = new ArrayList<>();
    Map<String, Long> opsets = new LinkedHashMap<>();
    while (in.next()) {
      switch (in.field()) {
        case 1 -> name = in.text();
        case 4 -> inputs.add(in.text());
        case 5 -> outputs.add(in.text());
        case 6 -> attributes.add(in.text());
        case 7 -> nodes.add(node(in.message("NodeProto")));
        case 9 -> opset(in.message("OperatorSetIdProto"), opsets);
        case 10 -> domain = domain(in.text());
        case 11 -> AttributeReader.read(in.message("AttributeProto"), defaults);
        case 13 -> overload = in.text();
        default -> in.skip();
      }
    }
    return new OnnxFunction(domain, name, overload, inputs, outputs, attributes, defaults, nodes, opsets);
  }

  private static OnnxValue value(WireReader in) {
    String name = "";
    OnnxValue unnamed = new OnnxValue("", "", OnnxType.UNDEFINED, Optional.empty());
    while (in.next()) {
      switch (in.field()) {
        case 1 -> name = in.text();
        case 2 -> unnamed = type(in.message("TypeProto"));
        default -> in.skip();
      }
    }
    return new OnnxValue(name, unnamed.kind(), unnamed.type(), unnamed.dims());
  }

  private static OnnxValue type(WireReader in) {
    OnnxValue type = new OnnxValue("", "", OnnxType.UNDEFINED, Optional.empty());
    while (in.next()) {
      String kind = switch (in.field()) {
        case 1 -> OnnxValue.TENSOR;
        case 4 -> "sequence";
        case 5 -> "map";
        case 7 -> "opaque";
        case 8 -> "sparse tensor";
        case 9 -> "optional";
        default -> "";
      };
      if (kind.equals(OnnxValue.TENSOR)) {
        type = tensorType(in.message("TypeProto.Tensor"));
      } else {
        in.skip();
        type = kind.isEmpty() ? type : new OnnxValue("", kind, OnnxType.UNDEFINED, Optional.empty());
      }
    }
    return type;
  }

  private static OnnxValue tensorType(WireReader in) {
    OnnxType type = OnnxType.UNDEFINED;
    Optional<List<OnnxValue.Dim>> dims = Optional.empty();
    while (in.next()) {
      switch (in.field()) {
        case 1 -> type = OnnxType.of(in.int64());
        case 2 -> dims = Optional.of(dims(in.message("TensorShapeProto")));
        default -> in.skip();
      }
    }
    return new OnnxValue("", OnnxValue.TENSOR, type, dims);
  }

  private static List<OnnxValue.Dim> dims(WireReader in) {
    List<OnnxValue.Dim> dims = new ArrayList<>();
    while (in.next()) {
      if (in.field() == 1) {
        dims.add(dim(in.message("TensorShapeProto.Dimension")));
      } else {
        in.skip();
      }
    }
    return dims;
  }

  private static OnnxValue.Dim dim(WireReader in) {
    OnnxValue.Dim dim = new OnnxValue.Dim.Unknown();
    while (in.next()) {
      switch (in.field()) {
        case 1 -> dim = new OnnxValue.Dim.Size(in.int64());
        case 2 -> dim = symbol(in.text());
        default -> in.skip();
      }
    }
    return dim;
  }

  private static OnnxValue.Dim symbol(String name) {
    return name.isEmpty() ? new OnnxValue.Dim.Unknown() : new OnnxValue.Dim.Symbol(name);
  }

  private static void opset(WireReader in, Map<String, Long> to) {
    String domain = "";
    long version = 0;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> domain = domain(in.text());
        case 2 -> version = in.int64();
        default -> in.skip();
      }
    }
    to.put(domain, version);
  }

  /** Reads a StringStringEntryProto. */
  static void entry(WireReader in, Map<String, String> to) {
    String key = "";
    String value = "";
    while (in.next()) {
      switch (in.field()) {
        case 1 -> key = in.text();
        case 2 -> value = in.looseText();
        default -> in.skip();
      }
    }
    to.put(key, value);
  }

  private static String domain(String given) {
    return given.equals(DEFAULT_DOMAIN) ? "" : given;
  }
}
