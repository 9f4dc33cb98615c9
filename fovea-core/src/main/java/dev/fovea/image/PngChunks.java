package dev.fovea.image;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.InflaterInputStream;

/**
 * What of a PNG (ISO/IEC 15948) makes its pixels: the chunks marked as critical, and the opacities of a palette. The JDK's reader
 * checks no checksum, and stumbles over other chunks though it needs none; those are looked at for bombs and left out. So are a
 * transparent colour, which it compares with samples that it has scaled, and EXIF.
 */
final class PngChunks {
  private static final int LONGEST_TEXT = 1 << 20;
  private static final byte[] END = {0, 0, 0, 0, 'I', 'E', 'N', 'D', (byte) 0xae, 0x42, 0x60, (byte) 0x82};

  private static final int GREY = 0;
  private static final int RGB = 2;
  private static final int PALETTE = 3;

  private final FileBytes file;
  private final byte[] kept;
  private int orientation = Orientation.UPRIGHT;
  private int[] clear = {};

  PngChunks(FileBytes file) {
    this.file = file;
    this.kept = walk();
  }

  /** The file with the chunks that the JDK's reader is to see, each whole and with the right checksum. */
  byte[] kept() {
    return kept;
  }

  /** How the image is to be turned: EXIF's 1 to 8. */
  int orientation() {
    return orientation;
  }

  /** The stored samples of the one colour that is transparent, empty where there is none. */
  int[] clear() {
    return clear;
  }

  private byte[] walk() {
    ByteArrayOutputStream kept = new ByteArrayOutputStream(file.size() + END.length);
    kept.write(file.data(), 0, 8);
    boolean anyData = false;
    long at = 8;
    while (!file.holds(at + 4, "IEND")) {
      boolean isData = file.holds(at + 4, "IDAT");
      if (!file.has(at, 12) || !file.has(at, 12 + file.u32be(at))) {
        if (anyData && !isData) {
          // The reader will tell if the image needs more.
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
        checkPacked((int) at + 8, (int) at + 8 + length);
      }
      if (isCritical || (isTransparency && file.u8(25) == PALETTE)) {
        kept.write(file.data(), (int) at, 12 + length);
      } else if (isTransparency) {
        colour(at + 8, length);
      } else if (file.holds(at + 4, "eXIf") && hasSum((int) at, length)) {
        // Some writers put JPEG's name of the block before it.
        int from = (int) at + (file.holds(at + 8, "Exif\0\0") ? 14 : 8);
        orientation = Orientation.exif(file.data(), from, (int) at + 8 + length);
      }
      anyData |= isData;
      at += 12 + length;
    }
    kept.writeBytes(END);
    return kept.toByteArray();
  }

  /** The colour that is transparent, of which an image of fewer than 16 bits has the lower ones. */
  private void colour(long at, int length) {
    int samples = file.u8(25) == GREY ? 1 : file.u8(25) == RGB ? 3 : 0;
    if (samples > 0 && length == 2 * samples) {
      int mask = (1 << file.u8(24)) - 1;
      clear = IntStream.range(0, samples).map(c -> file.u16be(at + 2L * c) & mask).toArray();
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
      throw file.error("damaged PNG: the checksum of chunk " + ImageFile.printable(type) + " is wrong; fetch it again");
    }
  }

  /** Refuses a colour profile that no decoder can unpack, and a text that no memory can hold. */
  private void checkPacked(int from, int to) {
    int method = from;
    while (method < to && file.u8(method) != 0) {
      method++;
    }
    method++;
    if (file.holds(from - 4, "iCCP") && method < to && file.u8(method) != 0) {
      throw file.error("damaged PNG: its colour profile is packed by an unknown method (" + file.u8(method) + ")");
    }
    if (file.holds(from - 4, "zTXt")) {
      checkText(method + 1, to);
    }
  }

  private void checkText(int from, int to) {
    ByteArrayInputStream packed = new ByteArrayInputStream(file.data(), from, Math.max(0, to - from));
    try (InflaterInputStream text = new InflaterInputStream(packed)) {
      text.skipNBytes(LONGEST_TEXT + 1L);
    } catch (IOException e) {
      return; // shorter, or damaged, which does not matter as nobody reads it
    }
    throw file.error("a text chunk of " + (to - from) + " bytes in a PNG of " + file.u32be(16) + "x" + file.u32be(20)
        + " pixels inflates to more than " + LONGEST_TEXT + ": a decompression bomb is not read");
  }
}
