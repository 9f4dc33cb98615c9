package dev.fovea.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Locale;

/** Writes tar archives: ustar headers, and any extension before them. */
public final class Tar {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  public Tar file(String name, byte[] content) {
    return entry(name, '0', content.length, content);
  }

  public Tar file(String name, String content) {
    return file(name, content.getBytes(UTF_8));
  }

  /** A pax header with one attribute. */
  Tar pax(String key, String value) {
    String rest = " " + key + "=" + value + "\n";
    int length = rest.length() + 1;
    while (String.valueOf(length).length() + rest.length() != length) {
      length++;
    }
    byte[] record = (length + rest).getBytes(UTF_8);
    return entry("PaxHeaders/x", 'x', record.length, record);
  }

  /** Any entry; {@code size} is what its header says. */
  Tar entry(String name, char type, long size, byte[] content) {
    byte[] header = new byte[512];
    put(header, 0, name.substring(0, Math.min(100, name.length())));
    put(header, 100, "0000644\0" + "0000000\0" + "0000000\0" + String.format(Locale.ROOT, "%011o\0", size) + "00000000000\0");
    header[156] = (byte) type;
    put(header, 257, "ustar\0" + "00");
    return block(header).raw(content);
  }

  /** A header with its checksum set. */
  Tar block(byte[] header) {
    Arrays.fill(header, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    put(header, 148, String.format(Locale.ROOT, "%06o\0 ", sum));
    out.writeBytes(header);
    return this;
  }

  /** Content, filled up to a whole block. */
  private Tar raw(byte[] content) {
    out.writeBytes(content);
    out.writeBytes(new byte[(512 - content.length % 512) % 512]);
    return this;
  }

  static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  /** With the two blocks of zeros at the end. */
  public byte[] bytes() {
    byte[] all = out.toByteArray();
    return Arrays.copyOf(all, all.length + 1024);
  }

  /** Without them. */
  byte[] open() {
    return out.toByteArray();
  }
}
