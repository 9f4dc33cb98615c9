package dev.fovea.formats.onnx.proto;

import dev.fovea.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Small messages for tests. */
final class Samples {
  private Samples() {}

  static byte[] bytes(WireWriter message) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      message.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** A model with every kind of attribute and value. */
  static OnnxModel model() {
    OnnxTensor weight = OnnxTensor.floats("w", Shape.of(2, 3), new float[] {0, 1, -2, 3.5f, -0f, 1e-30f, 7}, 1);
    Map<String, OnnxAttribute> attributes = new LinkedHashMap<>();
    attributes.put("alpha", new OnnxAttribute.FloatValue(0.25f));
    attributes.put("axis", new OnnxAttribute.IntValue(-1));
    attributes.put("mode", new OnnxAttribute.StringValue("linear"));
    attributes.put("value", new OnnxAttribute.TensorValue(OnnxTensor.longs("", 1, -1, Long.MIN_VALUE)));
    attributes.put("scales", new OnnxAttribute.FloatList(List.of(1f, 2.5f)));
    attributes.put("pads", new OnnxAttribute.IntList(List.of(0L, 300L, -1L)));
    attributes.put("names", new OnnxAttribute.StringList(List.of("a", "")));
    attributes.put("tensors", new OnnxAttribute.TensorList(List.of(weight)));
    OnnxNode inner = new OnnxNode("", "Relu", List.of("x"), List.of("r"), Map.of());
    OnnxGraph branch = new OnnxGraph("branch", List.of(inner), List.of(), List.of(), List.of(), List.of());
    attributes.put("then_branch", new OnnxAttribute.GraphValue(branch));
    attributes.put("branches", new OnnxAttribute.GraphList(List.of(branch, branch)));
    OnnxNode node = new OnnxNode("n/1", "my.domain", "F", "two", List.of("x", "", "w"), List.of("y"), attributes);
    OnnxNode body = new OnnxNode("", "Elu", List.of("a"), List.of("b"), Map.of("alpha", new OnnxAttribute.Reference("alpha")));
    OnnxFunction function = new OnnxFunction("my.domain", "F", "two", List.of("a"), List.of("b"), List.of("axis"),
        Map.of("alpha", new OnnxAttribute.FloatValue(1)), List.of(body), Map.of("", 17L));
    List<OnnxValue.Dim> dims =
        List.of(new OnnxValue.Dim.Symbol("batch"), new OnnxValue.Dim.Size(3), new OnnxValue.Dim.Unknown());
    OnnxGraph graph = new OnnxGraph("g", List.of(node), List.of(weight), List.of(new OnnxValue("x", OnnxType.FLOAT, dims)),
        List.of(new OnnxValue("y", OnnxType.INT64, List.of())), List.of());
    Map<String, Long> opsets = new LinkedHashMap<>();
    opsets.put("", 17L);
    opsets.put("my.domain", 1L);
    return new OnnxModel(8, "fovea 0.1", opsets, graph, List.of(function), Map.of("key", "a\nvalue"));
  }

  /** A TensorProto up to its elements. */
  static WireWriter tensor(OnnxType type, long... dims) {
    WireWriter out = new WireWriter();
    for (long dim : dims) {
      out.integer(1, dim);
    }
    return out.integer(2, type.number()).text(8, "t");
  }

  static WireWriter raw(WireWriter tensor, int... bytes) {
    byte[] raw = new byte[bytes.length];
    for (int i = 0; i < raw.length; i++) {
      raw[i] = (byte) bytes[i];
    }
    return tensor.body(9, raw.length, out -> out.write(raw));
  }
}
