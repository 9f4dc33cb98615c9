package dev.fovea.format;

import dev.fovea.tensor.FoveaException;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The element types of a safetensors file, with the bits per element. Types smaller than a byte are packed. */
enum Dtype {
  BOOL(8), U8(8), I8(8), I16(16), U16(16), I32(32), U32(32), I64(64), U64(64), C64(64),
  F4(4), F6_E2M3(6), F6_E3M2(6),
  F8_E4M3(Float8.E4M3), F8_E5M2(Float8.E5M2), F8_E4M3FNUZ(Float8.E4M3FNUZ), F8_E5M2FNUZ(Float8.E5M2FNUZ), F8_E8M0(Float8.E8M0),
  F16(16), BF16(16), F32(32), F64(64);

  private final int bits;
  private final Optional<Float8> small;

  Dtype(int bits) {
    this.bits = bits;
    this.small = Optional.empty();
  }

  Dtype(Float8 small) {
    this.bits = Byte.SIZE;
    this.small = Optional.of(small);
  }

  /** How its elements are read, if they are floats of 8 bits. */
  Optional<Float8> small() {
    return small;
  }

  int bits() {
    return bits;
  }

  /** Whether its values can be read as floats. */
  boolean isFloat() {
    return this == F32 || this == F64 || this == F16 || this == BF16 || small.isPresent();
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
