package dev.fovea.image;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.CRC32;
import java.util.zip.InflaterInputStream;

/**
 * What of a PNG (ISO/IEC 15948) makes its pixels: the chunks marked as critical. The JDK's reader checks no checksum, and
 * stumbles over other chunks though it needs none; those are looked at for bombs and left out, a transparent colour too.
 */
final class PngChunks {
  private static final int LONGEST_TEXT = 1 << 20;
  private static final byte[] END = {0, 0, 0, 0, 'I', 'E', 'N', 'D', (byte) 0xae, 0x42, 0x60, (byte) 0x82};

  private final FileBytes file;

  PngChunks(FileBytes file) {
    this.file = file;
  }

  /** The file with its critical chunks alone, each whole and with the right checksum. */
  byte[] critical() {
    ByteArrayOutputStream kept = new ByteArrayOutputStream(file.size() + END.length);
    kept.write(file.data(), 0, 8);
    boolean anyData = false;
    long at = 8;
    while (!file.holds(at + 4, "IEND")) {
      boolean isData = file.holds(at + 4, "IDAT");
      if (!file.has(at, 12) || !file.has(at, 12 + file.u32be(at))) {
        if (anyData && !isData) {
          // The reader will tell if the picture needs more.
          break;
        }
        throw file.endsEarly();
      }
      int length = (int) file.u32be(at);
      boolean isCritical = (file.u8(at + 4) & 0x20) == 0;
      if (isCritical) {
        checkSum((int) at, length);
        kept.write(file.data(), (int) at, 12 + length);
      } else {
        checkPacked((int) at + 8, (int) at + 8 + length);
      }
      anyData |= isData;
      at += 12 + length;
    }
    kept.writeBytes(END);
    return kept.toByteArray();
  }

  private void checkSum(int at, int length) {
    CRC32 sum = new CRC32();
    sum.update(file.data(), at + 4, length + 4);
    if (sum.getValue() != file.u32be(at + 8 + length)) {
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
