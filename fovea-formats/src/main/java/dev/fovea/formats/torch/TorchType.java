package dev.fovea.formats.torch;

import dev.fovea.format.FloatType;
import java.util.Locale;
import java.util.Optional;

/** PyTorch's element types with the bytes of an element; only floats are read. */
enum TorchType {
  FLOAT16(FloatType.F16, "Half"),
  BFLOAT16(FloatType.BF16, "BFloat16"),
  FLOAT32(FloatType.F32, "Float"),
  FLOAT64(FloatType.F64, "Double"),
  BOOL(1, "Bool"),
  UINT8(1, "Byte"),
  INT8(1, "Char"),
  INT16(2, "Short"),
  INT32(4, "Int"),
  INT64(8, "Long"),
  UINT16(2), UINT32(4), UINT64(8),
  COMPLEX32(4), COMPLEX64(8, "ComplexFloat"), COMPLEX128(16, "ComplexDouble"),
  FLOAT8_E4M3FN(FloatType.F8_E4M3),
  FLOAT8_E5M2(FloatType.F8_E5M2),
  FLOAT8_E4M3FNUZ(FloatType.F8_E4M3FNUZ),
  FLOAT8_E5M2FNUZ(FloatType.F8_E5M2FNUZ),
  FLOAT8_E8M0FNU(FloatType.F8_E8M0),
  QINT8(1, "QInt8"), QUINT8(1, "QUInt8"), QINT32(4, "QInt32"), QUINT4X2(1, "QUInt4x2"), QUINT2X4(1, "QUInt2x4"),
  /** Bytes whose type the tensor names. */
  UNTYPED(1, "Untyped");

  private final int bytes;
  private final Optional<FloatType> floats;
  private final Optional<String> storage;

  TorchType(FloatType floats, String storage) {
    this.bytes = floats.bytes();
    this.floats = Optional.of(floats);
    this.storage = Optional.of(storage + "Storage");
  }

  TorchType(FloatType floats) {
    this.bytes = floats.bytes();
    this.floats = Optional.of(floats);
    this.storage = Optional.empty();
  }

  TorchType(int bytes, String storage) {
    this.bytes = bytes;
    this.floats = Optional.empty();
    this.storage = Optional.of(storage + "Storage");
  }

  TorchType(int bytes) {
    this.bytes = bytes;
    this.floats = Optional.empty();
    this.storage = Optional.empty();
  }

  int bytes() {
    return bytes;
  }

  /** How its elements are read, if they are floats. */
  Optional<FloatType> floats() {
    return floats;
  }

  /** The name of the class of a storage with such elements, {@code FloatStorage}. */
  Optional<String> storage() {
    return storage;
  }

  /** PyTorch's name, such as {@code float32}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
