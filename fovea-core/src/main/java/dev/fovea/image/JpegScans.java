package dev.fovea.image;

import java.util.BitSet;

/**
 * What follows the header of a JPEG (ITU-T T.81), walked marker by marker as decoders do: the scans, up to the one that brings the
 * last coefficients. Behind it an end marker is due. Some cameras and web servers leave it out, and makers put data of their own
 * behind it or in its place: the image is whole all the same.
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

  /** Of each component the coefficients that no scan has brought to their last bit. */
  private final BitSet missing;

  private int count;

  /** Where the data of the last scan begin. */
  private int data;

  private int end;
  private boolean marked;

  private JpegScans(FileBytes file, JpegSegments.Frame frame) {
    this.file = file;
    this.frame = frame;
    this.missing = new BitSet();
    missing.set(0, frame.components().size() * COEFFICIENTS);
  }

  /** Walks from the first scan's marker on. */
  static JpegScans of(FileBytes file, JpegSegments.Frame frame, int from) {
    JpegScans scans = new JpegScans(file, frame);
    scans.walk(from);
    return scans;
  }

  int count() {
    return count;
  }

  /** Behind the last byte that is the scans'. */
  int end() {
    return end;
  }

  /** Whether an end marker stands there. */
  boolean marked() {
    return marked;
  }

  /** Whether every coefficient has its scan; of the last one it is only known that it begins. */
  boolean complete() {
    return missing.isEmpty() && end > data;
  }

  private void walk(int from) {
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

  /** A download that broke off may be filled up with zeros, which would be taken for codes; one zero may be a code. */
  private int withoutZeros() {
    int last = end;
    while (last > data && file.u8(last - 1) == 0) {
      last--;
    }
    return end - last < 2 ? end : file.u8(last - 1) == 0xff ? last + 1 : last;
  }

  /** The next marker that is none of those within a scan, or the end of the file. */
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
