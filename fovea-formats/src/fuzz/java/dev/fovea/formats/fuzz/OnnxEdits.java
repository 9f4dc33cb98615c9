package dev.fovea.formats.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Changes a valid ONNX file field by field; lengths are written again afterwards. The input is a choice of the file in two bytes, then
 * four bytes for each change: its kind, the field in two bytes, and a value.
 */
final class OnnxEdits {
  private static final List<byte[]> FILES = OnnxNodes.all();

  private static final long[] INTEGERS = {0, 1, -1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 16, 17, 18, 20, 22, 64, 255, 256, 1 << 16,
      1 << 20,
      1 << 24, 1 << 28, Integer.MAX_VALUE, Integer.MAX_VALUE - 1, Integer.MIN_VALUE, 1L << 31, 1L << 32, 1L << 40, Long.MAX_VALUE,
      Long.MIN_VALUE, -2, -3, -8};

  private static final float[] FLOATS = {0, -1, 1e-30f, 3e38f, Float.NaN, Float.POSITIVE_INFINITY, 1e9f, 0.5f};

  private static final String[] NAMES = {"x0", "x1", "y0", "y1", "z0", "c0", "c1", "c2", "d1", ""};

  /** The fields that are messages, by the kind of message. */
  private static final Map<String, Map<Integer, String>> MESSAGES = Map.of(
      "Model", Map.of(7, "Graph", 8, "Opset", 14, "Entry"),
      "Graph", Map.of(1, "Node", 5, "Tensor", 11, "Value", 12, "Value", 13, "Value"),
      "Node", Map.of(5, "Attribute"),
      "Attribute", Map.of(5, "Tensor", 6, "Graph"),
      "Value", Map.of(2, "Type"),
      "Type", Map.of(1, "TensorType"),
      "TensorType", Map.of(2, "Shape"),
      "Shape", Map.of(1, "Dim"));

  /** Copies of copies would double it with each change. */
  private static final int MAX_FIELDS = 2000;

  private static final int VARINT = 0;
  private static final int LENGTH = 2;

  /** A field: an integer, the bytes of a number or a text, or the fields of a message. */
  private record Field(int number, int wire, long integer, byte[] bytes, List<Field> fields, boolean isMessage) {
    Field integer(long value) {
      return new Field(number, wire, value, bytes, fields, isMessage);
    }

    Field bytes(byte[] value) {
      return new Field(number, wire, integer, value, fields, isMessage);
    }

    Field copy() {
      return new Field(number, wire, integer, bytes, new ArrayList<>(fields.stream().map(Field::copy).toList()), isMessage);
    }
  }

  /** A field's place. */
  private record Place(List<Field> in, int index) {
    Field field() {
      return in.get(index);
    }

    void set(Field field) {
      in.set(index, field);
    }
  }

  private OnnxEdits() {}

  static byte[] apply(byte[] input) {
    ByteBuffer in = ByteBuffer.wrap(input);
    List<Field> model = file(in.remaining() > 1 ? in.getChar() : 0);
    while (in.remaining() >= 4) {
      List<Place> places = new ArrayList<>();
      collect(model, places);
      int kind = Byte.toUnsignedInt(in.get());
      int at = in.getChar();
      if (!places.isEmpty() && places.size() < MAX_FIELDS) {
        change(model, places, kind % 10, places.get(at % places.size()), Byte.toUnsignedInt(in.get()));
      }
    }
    return message(model);
  }

  private static List<Field> file(int index) {
    return parse(ByteBuffer.wrap(FILES.get(index % FILES.size())), "Model");
  }

  private static void change(List<Field> model, List<Place> places, int kind, Place place, int value) {
    Field field = place.field();
    switch (kind) {
      case 0 -> place.set(field.wire == VARINT
          ? field.integer(INTEGERS[value % INTEGERS.length])
          : field.bytes(interesting(field.bytes.length, value)));
      case 1 -> place.set(field.integer((byte) value));
      case 2 -> place.in.remove(place.index);
      case 3 -> place.in.add(place.index, field.copy());
      case 4 -> {
        Field other = places.get(value % places.size()).field();
        if (other.wire == field.wire && other.isMessage == field.isMessage) {
          place.set(new Field(field.number, field.wire, other.integer, other.bytes, other.copy().fields, field.isMessage));
        }
      }
      case 5 -> place.set(field.bytes(operator(value)));
      case 6 -> {
        byte[] changed = field.bytes.clone();
        if (changed.length > 0) {
          changed[value % changed.length] ^= (byte) (1 << (value >> 5));
          place.set(field.bytes(changed));
        }
      }
      case 7 -> place.set(field.bytes(Arrays.copyOf(field.bytes, value % (2 * field.bytes.length + 9))));
      case 8 -> place.set(field.bytes(NAMES[value % NAMES.length].getBytes(StandardCharsets.US_ASCII)));
      default -> append(model, value);
    }
  }

  /** An unusual integer or float, and zeros. */
  private static byte[] interesting(int length, int value) {
    ByteBuffer bytes = ByteBuffer.allocate(Math.max(length, 8)).order(ByteOrder.LITTLE_ENDIAN);
    if (value % 2 == 0) {
      return bytes.putLong(0, INTEGERS[value / 2 % INTEGERS.length]).array();
    }
    bytes.putFloat(0, FLOATS[value / 2 % FLOATS.length]);
    return Arrays.copyOf(bytes.array(), Math.max(length, 4));
  }

  private static byte[] operator(int index) {
    return node(file(index)).fields.stream().filter(field -> field.number == 4).findFirst().orElseThrow().bytes;
  }

  private static Field node(List<Field> model) {
    return graph(model).stream().filter(field -> field.number == 1).findFirst().orElseThrow();
  }

  private static List<Field> graph(List<Field> model) {
    return model.stream().filter(field -> field.number == 7 && field.isMessage).findFirst().map(Field::fields)
        .orElseGet(ArrayList::new);
  }

  /** Puts the node of another file behind this one's: its inputs become this one's outputs. */
  private static void append(List<Field> model, int index) {
    for (Field field : graph(file(index))) {
      if (field.number == 1 || field.number == 5) {
        int last = field.number == 1 ? 2 : 8;
        field.fields.replaceAll(
            each -> each.isMessage || each.number > 2 && each.number != last ? each : each.bytes(renamed(each.bytes)));
        graph(model).add(field);
      } else if (field.number == 12) {
        field.fields.replaceAll(each -> each.number == 1 ? each.bytes(renamed(each.bytes)) : each);
        graph(model).add(field);
      }
    }
  }

  private static byte[] renamed(byte[] name) {
    if (name.length == 2) {
      int letter = "xyc".indexOf(name[0]);
      name = letter < 0 ? name : new byte[] {(byte) "yzd".charAt(letter), name[1]};
    }
    return name;
  }

  private static void collect(List<Field> fields, List<Place> to) {
    for (int i = 0; i < fields.size(); i++) {
      to.add(new Place(fields, i));
      collect(fields.get(i).fields, to);
    }
  }

  private static List<Field> parse(ByteBuffer in, String kind) {
    List<Field> fields = new ArrayList<>();
    while (in.hasRemaining()) {
      long tag = varint(in);
      int number = (int) (tag >> 3);
      int wire = (int) (tag & 7);
      long integer = wire == VARINT ? varint(in) : 0;
      byte[] bytes = new byte[wire == VARINT ? 0 : wire == LENGTH ? (int) varint(in) : wire == 1 ? 8 : 4];
      in.get(bytes);
      String inner = MESSAGES.getOrDefault(kind, Map.of()).get(number);
      List<Field> nested = inner == null ? List.of() : parse(ByteBuffer.wrap(bytes), inner);
      fields.add(new Field(number, wire, integer, bytes, nested, inner != null));
    }
    return fields;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0;; shift += 7) {
      byte b = in.get();
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
  }

  private static byte[] message(List<Field> fields) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Field field : fields) {
      varint(out, (long) field.number << 3 | field.wire);
      if (field.wire == VARINT) {
        varint(out, field.integer);
      } else {
        byte[] bytes = field.isMessage ? message(field.fields) : field.bytes;
        if (field.wire == LENGTH) {
          varint(out, bytes.length);
        }
        out.writeBytes(field.wire == LENGTH ? bytes : Arrays.copyOf(bytes, field.wire == 1 ? 8 : 4));
      }
    }
    return out.toByteArray();
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    for (; (value & ~0x7fL) != 0; value >>>= 7) {
      out.write((int) value & 0x7f | 0x80);
    }
    out.write((int) value);
  }
}
