package dev.fovea.formats.onnx.proto;

import dev.fovea.formats.onnx.proto.OnnxType.DataField;
import dev.fovea.tensor.FoveaException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads one TensorProto: everything but the elements, and whether those are all there. */
final class TensorReader {
  private final WireReader in;
  private final long from;
  private final List<Long> dims = new ArrayList<>();
  private final Map<String, String> external = new LinkedHashMap<>();
  private String name = "";
  private OnnxType type = OnnxType.UNDEFINED;
  private long typeNumber;
  private boolean isExternal;
  private @Nullable DataField field;
  private @Nullable MemorySegment only;
  private long count;

  private TensorReader(WireReader in) {
    this.in = in;
    this.from = in.at();
  }

  static OnnxTensor read(WireReader in) {
    return new TensorReader(in).read();
  }

  /** The sparse tensor's name and shape; its elements are refused. */
  static OnnxTensor sparse(WireReader in) {
    String name = "";
    OnnxType type = OnnxType.UNDEFINED;
    List<Long> dims = new ArrayList<>();
    while (in.next()) {
      switch (in.field()) {
        case 1 -> {
          OnnxTensor values = read(in.message("TensorProto"));
          name = values.name();
          type = values.type();
        }
        case 3 -> in.integers(dim -> addTo(dims, dim, in));
        default -> in.skip();
      }
    }
    checkedSize(in, name, dims);
    return new OnnxTensor(name, type, dims, new TensorData.Refused("is sparse, which is not supported; store it dense"));
  }

  private OnnxTensor read() {
    while (in.next()) {
      switch (in.field()) {
        case 1 -> in.integers(dim -> addTo(dims, dim, in));
        case 2 -> {
          typeNumber = in.int64();
          type = OnnxType.of(typeNumber);
        }
        case 3 -> throw in.error("a tensor in segments is not supported");
        case 4 -> field(DataField.FLOAT_DATA);
        case 5 -> field(DataField.INT32_DATA);
        case 6 -> field(DataField.STRING_DATA);
        case 7 -> field(DataField.INT64_DATA);
        case 8 -> name = in.text();
        case 9 -> field(DataField.RAW_DATA);
        case 10 -> field(DataField.DOUBLE_DATA);
        case 11 -> field(DataField.UINT64_DATA);
        case 13 -> ModelReader.entry(in.message("StringStringEntryProto"), external);
        case 14 -> isExternal = in.int64() == 1;
        default -> in.skip();
      }
    }
    return new OnnxTensor(name, type, dims, data(checkedSize(in, name, dims)));
  }

  /** Counts the elements of a field, which may occur several times. */
  private void field(DataField found) {
    if (field != null && field != found) {
      throw in.error("a tensor has both " + field + " and " + found);
    }
    boolean again = field != null;
    field = found;
    switch (found) {
      case RAW_DATA -> {
        only = in.segment();
        count = only.byteSize();
      }
      case STRING_DATA -> {
        in.skip();
        count++;
      }
      case INT32_DATA, INT64_DATA, UINT64_DATA -> count += in.count(0);
      case FLOAT_DATA, DOUBLE_DATA -> {
        long start = in.at();
        boolean packed = in.hasLength();
        count += in.count(found.bytes());
        only = packed && !again && count > 0 ? in.source().bytes().asSlice(in.at() - count * found.bytes(), count * found.bytes())
            : null;
        assert in.at() > start;
      }
    }
  }

  private TensorData data(long size) {
    if (type == OnnxType.UNDEFINED) {
      return new TensorData.Refused("has elements of type " + typeNumber + ", which is unknown");
    }
    if (size > (Long.MAX_VALUE - 7) / Math.max(1, type.bits())) {
      throw error("has dimensions that are too large");
    }
    long bytes = Math.ceilDiv(size * type.bits(), Byte.SIZE);
    if (isExternal) {
      return external(bytes);
    }
    DataField found = field;
    if (found == null) {
      return size == 0 ? new TensorData.Raw(in.source(), MemorySegment.NULL)
          : new TensorData.Refused("has no elements in the file");
    }
    if (found == DataField.RAW_DATA) {
      if (type.bits() == 0 || count != bytes) {
        throw error("needs " + bytes + " bytes of " + type + ", raw_data has " + count);
      }
      return new TensorData.Raw(in.source(), Objects.requireNonNull(only));
    }
    if (found != type.field()) {
      throw error("has elements of type " + type + " in " + found + ", which is for others");
    }
    long needed = needed(size, bytes);
    if (count != needed) {
      throw error("needs " + needed + " elements, " + found + " has " + count);
    }
    if (found == DataField.STRING_DATA) {
      return new TensorData.Refused("has strings, which are not supported");
    }
    return only == null ? new TensorData.Fields(in.part(from, in.end()), found) : new TensorData.Raw(in.source(), only);
  }

  /** The entries of a field that is not raw_data: complex numbers have two, types of less than a byte share one of a byte. */
  private long needed(long size, long bytes) {
    return switch (type) {
      case COMPLEX64, COMPLEX128 -> 2 * size;
      case STRING -> size;
      default -> type.bits() < Byte.SIZE ? bytes : size;
    };
  }

  private TensorData external(long bytes) {
    if (field != null || type.bits() == 0) {
      throw error("has external data and " + (field == null ? "elements of type " + type : field));
    }
    long offset = number("offset", 0);
    long length = number("length", bytes);
    if (length != bytes) {
      throw error("needs " + bytes + " bytes of " + type + ", its external data has " + length);
    }
    String where = OnnxTensor.where(name, dims);
    return new TensorData.Raw(in.source(), in.source().external(external.getOrDefault("location", ""), offset, length, where));
  }

  private long number(String key, long otherwise) {
    String text = external.get(key);
    try {
      return text == null ? otherwise : Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw error("has external data whose " + key + " is not a number");
    }
  }

  private FoveaException error(String what) {
    return in.error(OnnxTensor.where(name, dims) + " " + what);
  }

  /** The number of elements; the product of the dimensions must not overflow. */
  private static long checkedSize(WireReader in, String name, List<Long> dims) {
    long size = 1;
    boolean empty = dims.contains(0L);
    for (long dim : dims) {
      if (dim < 0 || !empty && size > Long.MAX_VALUE / Math.max(1, dim)) {
        throw in.error(OnnxTensor.where(name, dims) + " has dimensions that are negative or too large");
      }
      size = empty ? 0 : size * dim;
    }
    return size;
  }

  /** More axes than any tensor has would only take memory. */
  private static void addTo(List<Long> dims, long dim, WireReader in) {
    if (dims.size() == 1 << 10) {
      throw in.error("a tensor has more than " + (1 << 10) + " dimensions");
    }
    dims.add(dim);
  }
}
