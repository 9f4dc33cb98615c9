package dev.fovea.formats.onnx.proto;

import dev.fovea.tensor.FoveaException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** Passes over a tensor's elements. */
final class Elements {
  /** The bytes that are read at a time; of a mapped file, their pages are given back before the next are read. */
  private static final int CHUNK = 1 << 20;

  private Elements() {}

  /** Gives each element's bits to the consumer, in order; those above the element's size mean nothing. */
  static void forEach(TensorData data, OnnxType type, long count, LongConsumer each) {
    switch (data) {
      case TensorData.Raw(Source source, MemorySegment bytes) -> {
        LongConsumer unpack = unpacking(type.bits(), count, each);
        chunks(source, bytes, chunk -> raw(chunk, type.bits(), unpack));
      }
      case TensorData.Fields(WireReader message, OnnxType.DataField field) ->
          fields(message.part(message.at(), message.end()), field, unpacking(type.bits(), count, each));
      case TensorData.Floats(float[] values, int offset) -> {
        for (int i = 0; i < count; i++) {
          float value = values[offset + i];
          each.accept(type == OnnxType.FLOAT16 ? Float.floatToFloat16(value) : Float.floatToRawIntBits(value));
        }
      }
      case TensorData.Longs(long[] values) -> {
        for (long value : values) {
          each.accept(value);
        }
      }
      case TensorData.Refused(String reason) -> throw new IllegalArgumentException(reason);
    }
  }

  /** Copies elements that are floats already. */
  static void copy(Source source, MemorySegment bytes, float[] to, int offset) {
    FloatBuffer target = FloatBuffer.wrap(to, offset, to.length - offset);
    chunks(source, bytes, chunk -> target.put(chunk.asFloatBuffer()));
  }

  /** A file's pages count as memory of this process while they are mapped and touched; reading a model must not take its size twice. */
  private static void chunks(Source source, MemorySegment bytes, Consumer<ByteBuffer> reader) {
    try {
      for (long at = 0; at < bytes.byteSize(); at += CHUNK) {
        MemorySegment chunk = bytes.asSlice(at, Math.min(CHUNK, bytes.byteSize() - at));
        reader.accept(chunk.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN));
        if (chunk.isMapped()) {
          chunk.unload();
        }
      }
    } catch (InternalError e) {
      throw changed(source, e);
    }
  }

  /** The error of a mapped file that has become shorter. */
  static FoveaException changed(Source source, InternalError e) {
    FoveaException changed = source.error(-1, "was changed while it was read; read it again");
    changed.initCause(e);
    return changed;
  }

  private static void raw(ByteBuffer bytes, int bits, LongConsumer each) {
    while (bytes.hasRemaining()) {
      each.accept(switch (bits) {
        case Long.SIZE -> bytes.getLong();
        case Integer.SIZE -> bytes.getInt();
        case Short.SIZE -> bytes.getShort();
        default -> bytes.get();
      });
    }
  }

  private static void fields(WireReader message, OnnxType.DataField field, LongConsumer each) {
    try {
      while (message.next()) {
        if (message.field() != field.number()) {
          message.skip();
        } else if (field.bytes() == 0) {
          message.integers(each);
        } else {
          message.fixed(field.bytes(), each);
        }
      }
    } catch (InternalError e) {
      throw changed(message.source(), e);
    }
  }

  /** Splits bytes into elements of less than a byte; others pass as they are. */
  private static LongConsumer unpacking(int bits, long count, LongConsumer each) {
    if (bits >= Byte.SIZE) {
      return each;
    }
    return new LongConsumer() {
      private long left = count;

      @Override
      public void accept(long packed) {
        for (int shift = 0; shift < Byte.SIZE && left > 0; shift += bits, left--) {
          each.accept(packed >> shift & (1 << bits) - 1);
        }
      }
    };
  }
}
