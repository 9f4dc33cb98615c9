package dev.fovea.image;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.InflaterInputStream;

/**
 * Keeps the chunks of a PNG (ISO/IEC 15948) that define its pixels: the critical ones, and the opacities of a palette. The JDK's
 * reader verifies no checksum and fails on some other chunks although it needs none; those are checked for decompression bombs and
 * removed. So are EXIF and a transparent colour, which the reader compares with samples that it has scaled.
 */
final class PngChunks {
  private static final int MAX_TEXT_BYTES = 1 << 20;
  private static final byte[] END = {0, 0, 0, 0, 'I', 'E', 'N', 'D', (byte) 0xae, 0x42, 0x60, (byte) 0x82};

  private static final int GREY = 0;
  private static final int RGB = 2;
  private static final int PALETTE = 3;

  private final FileBytes file;
  private final byte[] kept;
  private int orientation = Orientation.UPRIGHT;
  private int[] transparent = {};

  PngChunks(FileBytes file) {
    this.file = file;
    this.kept = filter();
  }

  /** The file with the chunks for the JDK's reader, each complete and with a valid checksum. */
  byte[] kept() {
    return kept;
  }

  /** The EXIF orientation, 1 to 8. */
  int orientation() {
    return orientation;
  }

  /** The stored samples of the transparent colour; empty if there is none. */
  int[] transparent() {
    return transparent;
  }

  private byte[] filter() {
    ByteArrayOutputStream kept = new ByteArrayOutputStream(file.size() + END.length);
    kept.write(file.data(), 0, 8);
    boolean anyData = false;
    long at = 8;
    while (!file.holds(at + 4, "IEND")) {
      boolean isData = file.holds(at + 4, "IDAT");
      if (!file.has(at, 12) || !file.has(at, 12 + file.u32be(at))) {
        if (anyData && !isData) {
          // The reader reports if the image needs more.
          break;
        }
        throw file.endsEarly();
      }
      int length = (int) file.u32be(at);
      boolean isCritical = (file.u8(at + 4) & 0x20) == 0;
      boolean isTransparency = file.holds(at + 4, "tRNS") && !anyData;
      if (isCritical || isTransparency) {
        checkSum((int) at, length);
      } else {
        checkCompressed((int) at + 8, (int) at + 8 + length);
      }
      if (isCritical || (isTransparency && file.u8(25) == PALETTE)) {
        kept.write(file.data(), (int) at, 12 + length);
      } else if (isTransparency) {
        colour(at + 8, length);
      } else if (file.holds(at + 4, "eXIf") && hasSum((int) at, length)) {
        // Some writers put JPEG's block name before it.
        int from = (int) at + (file.holds(at + 8, "Exif\0\0") ? 14 : 8);
        orientation = Orientation.exif(file.data(), from, (int) at + 8 + length);
      }
      anyData |= isData;
      at += 12 + length;
    }
    kept.writeBytes(END);
    return kept.toByteArray();
  }

  /** Reads the transparent colour; images of fewer than 16 bits use the low bits. */
  private void colour(long at, int length) {
    int samples = file.u8(25) == GREY ? 1 : file.u8(25) == RGB ? 3 : 0;
    if (samples > 0 && length == 2 * samples) {
      int mask = (1 << file.u8(24)) - 1;
      transparent = IntStream.range(0, samples).map(c -> file.u16be(at + 2L * c) & mask).toArray();
    }
  }

  private boolean hasSum(int at, int length) {
    CRC32 sum = new CRC32();
    sum.update(file.data(), at + 4, length + 4);
    return sum.getValue() == file.u32be(at + 8 + length);
  }

  private void checkSum(int at, int length) {
    if (!hasSum(at, length)) {
      String type = "" + (char) file.u8(at + 4) + (char) file.u8(at + 5) + (char) file.u8(at + 6) + (char) file.u8(at + 7);
      throw file.error("damaged PNG: the checksum of chunk " + ImageFile.printable(type) + " is wrong; download it again");
    }
  }

  /** Refuses a colour profile with an unknown compression method, and a text that inflates without bound. */
  private void checkCompressed(int from, int to) {
    int method = from;
    while (method < to && file.u8(method) != 0) {
      method++;
    }
    method++;
    if (file.holds(from - 4, "iCCP") && method < to && file.u8(method) != 0) {
      throw file.error("damaged PNG: its colour profile has an unknown compression method (" + file.u8(method) + ")");
    }
    if (file.holds(from - 4, "zTXt")) {
      checkText(method + 1, to);
    }
  }

  private void checkText(int from, int to) {
    ByteArrayInputStream compressed = new ByteArrayInputStream(file.data(), from, Math.max(0, to - from));
    try (InflaterInputStream text = new InflaterInputStream(compressed)) {
      text.skipNBytes(MAX_TEXT_BYTES + 1L);
    } catch (IOException e) {
      return; // shorter, or damaged, which does not matter since the text is not used
    }
    throw file.error("a text chunk of " + (to - from) + " bytes in a PNG of " + file.u32be(16) + "x" + file.u32be(20)
        + " pixels inflates to more than " + MAX_TEXT_BYTES + " bytes, as a decompression bomb does; save it without the text");
  }
}
