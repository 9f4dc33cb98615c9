package dev.fovea.formats.onnx.proto;

import java.lang.foreign.MemorySegment;

/** Where a tensor's elements are. That there are as many as the dimensions say is checked when the file is opened. */
sealed interface TensorData {
  /** Elements one after the other, little-endian; smaller than a byte, they are packed. */
  record Raw(Source source, MemorySegment bytes) implements TensorData {}

  /** The occurrences of a field of a TensorProto, packed or not, in the part of the message that the reader has before it. */
  record Fields(WireReader message, OnnxType.DataField field) implements TensorData {}

  /** Floats in memory, of a tensor that is to be written as FLOAT or, rounded, as FLOAT16. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Floats(float[] values, int offset) implements TensorData {}

  /** Integers in memory, of a tensor that is to be written. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Longs(long[] values) implements TensorData {}

  /** Elements that cannot be read; the reason completes "tensor 'x' ...". */
  record Refused(String reason) implements TensorData {}
}
