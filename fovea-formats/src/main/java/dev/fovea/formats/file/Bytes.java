package dev.fovea.formats.file;

import dev.fovea.format.FloatType;
import dev.fovea.tensor.FoveaException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A range of bytes, in a file or in memory. Positions are counted from its start and must lie within it. */
public interface Bytes {
  /** The bytes that are converted at once. */
  int CHUNK = 1 << 20;

  /** Its number of bytes. */
  long size();

  /** Fills the buffer from its position to its limit with the bytes from {@code position} on, then flips it. */
  void read(long position, ByteBuffer to);

  /** The bytes from {@code position} on for reading in any order; of a file they are mapped until the arena is closed. */
  MemorySegment segment(long position, long length, Arena arena);

  /** Reads {@code count} consecutive elements from byte {@code position} on into {@code to} from {@code offset} on. */
  default void floats(long position, FloatType type, ByteOrder order, float[] to, int offset, int count) {
    int step = CHUNK / type.bytes();
    try (Arena arena = Arena.ofConfined()) {
      ByteBuffer chunk = arena.allocate((long) Math.min(count, step) * type.bytes(), Long.BYTES).asByteBuffer().order(order);
      for (int done = 0, n; done < count; done += n) {
        n = Math.min(step, count - done);
        read(position + (long) done * type.bytes(), chunk.clear().limit(n * type.bytes()));
        type.widen(chunk, to, offset + done, n);
      }
    }
  }

  /** All bytes in a new array. */
  default byte[] array(String source) {
    if (size() > Integer.MAX_VALUE - 8) {
      throw new FoveaException(source + ": has " + size() + " bytes; the limit is 2 GiB");
    }
    byte[] all = new byte[(int) size()];
    read(0, ByteBuffer.wrap(all));
    return all;
  }

  /** The bytes of an array, not copied. */
  static Bytes of(byte[] array) {
    return new InMemory(ByteBuffer.wrap(array).asReadOnlyBuffer());
  }

  /** Bytes on the heap. */
  record InMemory(ByteBuffer all) implements Bytes {
    @Override
    public long size() {
      return all.capacity();
    }

    @Override
    public void read(long position, ByteBuffer to) {
      int count = to.remaining();
      to.put(to.position(), all, Math.toIntExact(position), count);
      to.position(to.position() + count).flip();
    }

    @Override
    public MemorySegment segment(long position, long length, Arena arena) {
      return MemorySegment.ofBuffer(all).asSlice(position, length);
    }
  }
}
