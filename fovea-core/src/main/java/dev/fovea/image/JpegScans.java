package dev.fovea.image;

import java.util.BitSet;

/**
 * The scans after the header of a JPEG (ITU-T T.81), read marker by marker as decoders do, up to the one that completes the last
 * coefficients. An end marker should follow. Some cameras and web servers omit it, and vendors append data of their own or put it
 * in its place; the image is complete all the same.
 */
final class JpegScans {
  private static final int TEM = 0x01;
  private static final int DHT = 0xc4;
  private static final int DAC = 0xcc;
  private static final int RST0 = 0xd0;
  private static final int RST7 = 0xd7;
  private static final int SOS = 0xda;
  private static final int DQT = 0xdb;
  private static final int DNL = 0xdc;
  private static final int DRI = 0xdd;
  private static final int APP0 = 0xe0;
  private static final int APP15 = 0xef;
  private static final int COM = 0xfe;
  private static final int COEFFICIENTS = 64;

  private final FileBytes file;
  private final JpegSegments.Frame frame;

  /** For each component the coefficients that no scan has completed to the last bit. */
  private final BitSet missing;

  private int count;

  /** The offset of the last scan's data. */
  private int data;

  private int end;
  private boolean marked;

  private JpegScans(FileBytes file, JpegSegments.Frame frame) {
    this.file = file;
    this.frame = frame;
    this.missing = new BitSet();
    missing.set(0, frame.components().size() * COEFFICIENTS);
  }

  /** Reads from the first scan's marker on. */
  static JpegScans of(FileBytes file, JpegSegments.Frame frame, int from) {
    JpegScans scans = new JpegScans(file, frame);
    scans.read(from);
    return scans;
  }

  int count() {
    return count;
  }

  /** The offset after the last byte of the scans. */
  int end() {
    return end;
  }

  /** Whether an end marker is there. */
  boolean marked() {
    return marked;
  }

  /** Whether every coefficient has its scan; of the last scan it is only known that it starts. */
  boolean complete() {
    return missing.isEmpty() && end > data;
  }

  private void read(int from) {
    data = from;
    end = marker(from);
    while (!missing.isEmpty() && file.has(end, 4) && isSegment(file.u8(end + 1)) && file.has(end + 2, file.u16be(end + 2))) {
      int next = end + 2 + file.u16be(end + 2);
      if (file.u8(end + 1) == SOS) {
        scan(end + 4);
        data = next;
      }
      end = marker(next);
    }
    marked = file.holds(end, "\u00ff\u00d9");
    if (!marked) {
      end = withoutZeros();
    }
  }

  /** An interrupted download may be padded with zeros, which would be read as codes; a single zero may be a code. */
  private int withoutZeros() {
    int last = end;
    while (last > data && file.u8(last - 1) == 0) {
      last--;
    }
    return end - last < 2 ? end : file.u8(last - 1) == 0xff ? last + 1 : last;
  }

  /** The next marker except those inside a scan, or the end of the file. */
  private int marker(int from) {
    for (int at = from; at < file.size() - 1; at++) {
      if (file.u8(at) == 0xff && !isWithin(file.u8(at + 1))) {
        return at;
      }
    }
    return file.size();
  }

  private static boolean isWithin(int code) {
    return code == 0 || code == TEM || (code >= RST0 && code <= RST7) || code == 0xff;
  }

  private static boolean isSegment(int marker) {
    return switch (marker) {
      case DHT, DAC, SOS, DQT, DNL, DRI, COM -> true;
      default -> marker >= APP0 && marker <= APP15;
    };
  }

  private void scan(int at) {
    count++;
    int components = file.u8(at);
    int bands = at + 1 + 2 * components;
    int first = frame.progressive() ? file.u8(bands) : 0;
    int last = frame.progressive() ? file.u8(bands + 1) : COEFFICIENTS - 1;
    boolean lowBitLeft = frame.progressive() && (file.u8(bands + 2) & 0xf) != 0;
    for (int i = 0; i < components && !lowBitLeft; i++) {
      for (int c = 0; c < frame.components().size(); c++) {
        if (frame.components().get(c) == file.u8(at + 1 + 2 * i) && first <= last && last < COEFFICIENTS) {
          missing.clear(c * COEFFICIENTS + first, c * COEFFICIENTS + last + 1);
        }
      }
    }
  }
}
