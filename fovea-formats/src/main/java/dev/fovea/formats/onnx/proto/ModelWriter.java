package dev.fovea.formats.onnx.proto;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/** Writes ModelProto and the messages in it: {@link ModelReader} backwards. Tensors are written as raw_data. */
final class ModelWriter {
  private static final int CHUNK = 1 << 18;

  private ModelWriter() {}

  static WireWriter model(OnnxModel model) {
    String[] producer = model.producer().split(" ", 2);
    WireWriter out = new WireWriter().integer(1, model.irVersion()).optional(2, producer[0]);
    out.optional(3, producer.length > 1 ? producer[1] : "").message(7, graph(model.graph()));
    opsets(out, 8, model.opsets());
    model.metadata().forEach((key, value) -> out.message(14, new WireWriter().text(1, key).text(2, value)));
    model.functions().forEach(function -> out.message(25, function(function)));
    return out;
  }

  private static void opsets(WireWriter out, int field, Map<String, Long> opsets) {
    opsets.forEach((domain, version) -> out.message(field, new WireWriter().text(1, domain).integer(2, version)));
  }

  private static WireWriter graph(OnnxGraph graph) {
    WireWriter out = new WireWriter();
    graph.nodes().forEach(node -> out.message(1, node(node)));
    out.text(2, graph.name());
    graph.initializers().forEach(tensor -> out.message(5, tensor(tensor)));
    graph.inputs().forEach(value -> out.message(11, value(value)));
    graph.outputs().forEach(value -> out.message(12, value(value)));
    graph.values().forEach(value -> out.message(13, value(value)));
    return out;
  }

  private static WireWriter node(OnnxNode node) {
    WireWriter out =
        new WireWriter().texts(1, node.inputs()).texts(2, node.outputs()).optional(3, node.name()).text(4, node.type());
    node.attributes().forEach((name, value) -> out.message(5, attribute(name, value)));
    return out.optional(7, node.domain()).optional(8, node.overload());
  }

  private static WireWriter function(OnnxFunction function) {
    WireWriter out = new WireWriter().text(1, function.name()).texts(4, function.inputs()).texts(5, function.outputs());
    out.texts(6, function.attributes());
    function.nodes().forEach(node -> out.message(7, node(node)));
    opsets(out, 9, function.opsets());
    out.text(10, function.domain());
    function.defaults().forEach((name, value) -> out.message(11, attribute(name, value)));
    return out.optional(13, function.overload());
  }

  private static WireWriter attribute(String name, OnnxAttribute attribute) {
    WireWriter out = new WireWriter().text(1, name);
    return switch (attribute) {
      case OnnxAttribute.FloatValue(float value) -> out.float32(2, value).integer(20, 1);
      case OnnxAttribute.IntValue(long value) -> out.integer(3, value).integer(20, 2);
      case OnnxAttribute.StringValue(String value) -> out.text(4, value).integer(20, 3);
      case OnnxAttribute.TensorValue(OnnxTensor value) -> out.message(5, tensor(value)).integer(20, 4);
      case OnnxAttribute.GraphValue(OnnxGraph value) -> out.message(6, graph(value)).integer(20, 5);
      case OnnxAttribute.FloatList(List<Float> values) -> out.floats(7, values).integer(20, 6);
      case OnnxAttribute.IntList(List<Long> values) -> out.integers(8, values).integer(20, 7);
      case OnnxAttribute.StringList(List<String> values) -> out.texts(9, values).integer(20, 8);
      case OnnxAttribute.TensorList(List<OnnxTensor> values) -> {
        values.forEach(value -> out.message(10, tensor(value)));
        yield out.integer(20, 9);
      }
      case OnnxAttribute.GraphList(List<OnnxGraph> values) -> {
        values.forEach(value -> out.message(11, graph(value)));
        yield out.integer(20, 10);
      }
      case OnnxAttribute.Reference(String other) -> out.text(21, other);
      case OnnxAttribute.Unsupported(String kind) -> throw new IllegalArgumentException("attribute " + name + " is " + kind);
    };
  }

  private static WireWriter value(OnnxValue value) {
    WireWriter tensor = new WireWriter().integer(1, value.type().number());
    value.dims().ifPresent(dims -> {
      WireWriter shape = new WireWriter();
      dims.forEach(dim -> shape.message(1, dim(dim)));
      tensor.message(2, shape);
    });
    return new WireWriter().text(1, value.name()).message(2, new WireWriter().message(1, tensor));
  }

  private static WireWriter dim(OnnxValue.Dim dim) {
    return switch (dim) {
      case OnnxValue.Dim.Size(long size) -> new WireWriter().integer(1, size);
      case OnnxValue.Dim.Symbol(String name) -> new WireWriter().text(2, name);
      case OnnxValue.Dim.Unknown() -> new WireWriter();
    };
  }

  static WireWriter tensor(OnnxTensor tensor) {
    WireWriter out = new WireWriter().integers(1, tensor.dims()).integer(2, tensor.type().number()).optional(8, tensor.name());
    long size = Math.ceilDiv(tensor.size() * tensor.type().bits(), Byte.SIZE);
    return out.body(9, size, stream -> {
      if (tensor.data() instanceof TensorData.Raw(_, MemorySegment bytes)) {
        raw(bytes, stream);
      } else {
        OnnxType type = tensor.type().bits() < Byte.SIZE ? OnnxType.UINT8 : tensor.type();
        Chunk chunk = new Chunk(type.bits() / Byte.SIZE, stream);
        Elements.forEach(tensor.data(), type, size * Byte.SIZE / type.bits(), chunk);
        chunk.flush();
      }
    });
  }

  private static void raw(MemorySegment bytes, OutputStream out) throws IOException {
    byte[] chunk = new byte[CHUNK];
    for (long at = 0; at < bytes.byteSize(); at += CHUNK) {
      int count = (int) Math.min(CHUNK, bytes.byteSize() - at);
      MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, chunk, 0, count);
      out.write(chunk, 0, count);
    }
  }

  /** Collects elements in little-endian order before they are written. */
  private static final class Chunk implements LongConsumer {
    private final ByteBuffer bytes = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    private final int width;
    private final OutputStream out;

    Chunk(int width, OutputStream out) {
      this.width = width;
      this.out = out;
    }

    @Override
    public void accept(long bits) {
      switch (width) {
        case Long.BYTES -> bytes.putLong(bits);
        case Integer.BYTES -> bytes.putInt((int) bits);
        case Short.BYTES -> bytes.putShort((short) bits);
        default -> bytes.put((byte) bits);
      }
      if (bytes.remaining() < width) {
        flush();
      }
    }

    void flush() {
      try {
        out.write(bytes.array(), 0, bytes.position());
        bytes.clear();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
