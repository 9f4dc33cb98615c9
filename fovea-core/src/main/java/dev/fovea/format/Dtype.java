package dev.fovea.format;

import dev.fovea.tensor.FoveaException;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The element types of a safetensors file, with the bits per element. Types smaller than a byte are packed. */
enum Dtype {
  BOOL(8), U8(8), I8(8), I16(16), U16(16), I32(32), U32(32), I64(64), U64(64), C64(64),
  F4(4), F6_E2M3(6), F6_E3M2(6),
  F8_E4M3(FloatType.F8_E4M3), F8_E5M2(FloatType.F8_E5M2), F8_E4M3FNUZ(FloatType.F8_E4M3FNUZ),
  F8_E5M2FNUZ(FloatType.F8_E5M2FNUZ), F8_E8M0(FloatType.F8_E8M0),
  F16(FloatType.F16), BF16(FloatType.BF16), F32(FloatType.F32), F64(FloatType.F64);

  private final int bits;
  private final Optional<FloatType> floats;

  Dtype(int bits) {
    this.bits = bits;
    this.floats = Optional.empty();
  }

  Dtype(FloatType floats) {
    this.bits = floats.bytes() * Byte.SIZE;
    this.floats = Optional.of(floats);
  }

  /** How its elements are read, if they are floats of a byte or more. */
  Optional<FloatType> floats() {
    return floats;
  }

  int bits() {
    return bits;
  }

  /** Whether its values can be read as floats. */
  boolean isFloat() {
    return floats.isPresent();
  }

  static Dtype named(String name, String source) {
    for (Dtype dtype : values()) {
      if (dtype.name().equals(name)) {
        return dtype;
      }
    }
    String known = Arrays.stream(values()).map(Dtype::name).collect(Collectors.joining(", "));
    throw new FoveaException(source + ": the dtype " + Quote.quote(name) + " is not one of " + known);
  }
}
