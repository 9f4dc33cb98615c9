package dev.fovea.formats.torch.pickle;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes pickles for tests, opcode by opcode. */
public final class Pickles {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** A pickle of protocol 2. */
  public static Pickles start() {
    return new Pickles().op(0x80, 2);
  }

  /** Opcodes and their bytes. */
  public Pickles op(int... bytes) {
    for (int b : bytes) {
      out.write(b);
    }
    return this;
  }

  public Pickles op(char opcode) {
    return op((int) opcode);
  }

  public Pickles raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  public Pickles raw(String text) {
    return raw(text.getBytes(StandardCharsets.UTF_8));
  }

  public Pickles i4(int value) {
    return raw(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
  }

  public Pickles i8(long value) {
    return raw(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
  }

  public Pickles text(String text) {
    return op('X').i4(text.getBytes(StandardCharsets.UTF_8).length).raw(text);
  }

  public Pickles integer(long value) {
    return op(0x8a, 8).i8(value);
  }

  public Pickles global(String module, String name) {
    return op('c').raw(module + "\n" + name + "\n");
  }

  /** A tuple of integers. */
  public Pickles tuple(long... values) {
    op('(');
    for (long value : values) {
      integer(value);
    }
    return op('t');
  }

  public byte[] end() {
    return op('.').out.toByteArray();
  }
}
