package dev.fovea.formats.onnx.proto;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads one AttributeProto. The field {@code type} says which of the others counts; files of ONNX's first year do not have it. */
final class AttributeReader {
  /** The numbers of AttributeProto.AttributeType, in order. */
  private enum Kind {
    UNDEFINED, FLOAT, INT, STRING, TENSOR, GRAPH, FLOATS, INTS, STRINGS, TENSORS, GRAPHS, SPARSE_TENSOR, SPARSE_TENSORS,
    TYPE_PROTO, TYPE_PROTOS
  }

  private static final int LONG_BYTES = 128;

  private final WireReader in;
  private String name = "";
  private String reference = "";
  private Kind kind = Kind.UNDEFINED;
  private Kind found = Kind.UNDEFINED;
  private float number;
  private long integer;
  private String text = "";
  private @Nullable OnnxTensor tensor;
  private @Nullable OnnxGraph graph;
  private final List<Float> numbers = new ArrayList<>();
  private final List<Long> integers = new ArrayList<>();
  private final List<String> texts = new ArrayList<>();
  private final List<OnnxTensor> tensors = new ArrayList<>();
  private final List<OnnxGraph> graphs = new ArrayList<>();

  private AttributeReader(WireReader in) {
    this.in = in;
  }

  /** Reads an attribute and puts it under its name. */
  static void read(WireReader in, Map<String, OnnxAttribute> to) {
    AttributeReader reader = new AttributeReader(in);
    OnnxAttribute value = reader.read();
    if (reader.name.isEmpty() || to.put(reader.name, value) != null) {
      throw in.error(reader.name.isEmpty() ? "an attribute has no name" : "two attributes have the same name");
    }
  }

  private OnnxAttribute read() {
    while (in.next()) {
      switch (in.field()) {
        case 1 -> name = in.text();
        case 2 -> number = found(Kind.FLOAT).float32();
        case 3 -> integer = found(Kind.INT).int64();
        case 4 -> text = found(Kind.STRING).looseText();
        case 5 -> tensor = TensorReader.read(found(Kind.TENSOR).message("TensorProto"));
        case 6 -> graph = ModelReader.graph(found(Kind.GRAPH).message("GraphProto"));
        case 7 -> found(Kind.FLOATS).fixed(Float.BYTES, bits -> numbers.add(Float.intBitsToFloat((int) charged(bits))));
        case 8 -> found(Kind.INTS).integers(value -> integers.add(charged(value)));
        case 9 -> texts.add(found(Kind.STRINGS).looseText());
        case 10 -> tensors.add(TensorReader.read(found(Kind.TENSORS).message("TensorProto")));
        case 11 -> graphs.add(ModelReader.graph(found(Kind.GRAPHS).message("GraphProto")));
        case 14 -> found(Kind.TYPE_PROTO).skip();
        case 15 -> found(Kind.TYPE_PROTOS).skip();
        case 20 -> kind = kind(in.int64());
        case 21 -> reference = in.text();
        case 22 -> found(Kind.SPARSE_TENSOR).skip();
        case 23 -> found(Kind.SPARSE_TENSORS).skip();
        default -> in.skip();
      }
    }
    return reference.isEmpty() ? value() : new OnnxAttribute.Reference(reference);
  }

  private WireReader found(Kind what) {
    found = what;
    return in;
  }

  private Kind kind(long number) {
    if (number < 0 || number >= Kind.values().length) {
      throw in.error("an attribute has the type " + number + ", which is unknown");
    }
    return Kind.values()[(int) number];
  }

  /** Counts the memory of a boxed number. */
  private long charged(long value) {
    in.source().charge(LONG_BYTES, in.at());
    return value;
  }

  private OnnxAttribute value() {
    return switch (kind == Kind.UNDEFINED ? found : kind) {
      case UNDEFINED -> new OnnxAttribute.Unsupported("neither a type nor a value");
      case FLOAT -> new OnnxAttribute.FloatValue(number);
      case INT -> new OnnxAttribute.IntValue(integer);
      case STRING -> new OnnxAttribute.StringValue(text);
      case TENSOR -> new OnnxAttribute.TensorValue(present(tensor, "tensor"));
      case GRAPH -> new OnnxAttribute.GraphValue(present(graph, "graph"));
      case FLOATS -> new OnnxAttribute.FloatList(numbers);
      case INTS -> new OnnxAttribute.IntList(integers);
      case STRINGS -> new OnnxAttribute.StringList(texts);
      case TENSORS -> new OnnxAttribute.TensorList(tensors);
      case GRAPHS -> new OnnxAttribute.GraphList(graphs);
      case SPARSE_TENSOR, SPARSE_TENSORS -> new OnnxAttribute.Unsupported("a sparse tensor");
      case TYPE_PROTO, TYPE_PROTOS -> new OnnxAttribute.Unsupported("a type");
    };
  }

  private <T> T present(@Nullable T value, String what) {
    if (value == null) {
      throw in.error("an attribute says that it is a " + what + " and has none");
    }
    return value;
  }
}
