package dev.fovea.images.webp;

/** The predictions of a pixel from its neighbours, byte by byte (RFC 9649, section 4.1). */
final class Predictor {
  private Predictor() {}

  static int of(int mode, int left, int top, int topLeft, int topRight) {
    return switch (mode) {
      case 1 -> left;
      case 2 -> top;
      case 3 -> topRight;
      case 4 -> topLeft;
      case 5 -> mean(mean(left, topRight), top);
      case 6 -> mean(left, topLeft);
      case 7 -> mean(left, top);
      case 8 -> mean(topLeft, top);
      case 9 -> mean(top, topRight);
      case 10 -> mean(mean(left, topLeft), mean(top, topRight));
      case 11 -> nearer(left, top, topLeft);
      case 12 -> perByte(left, top, topLeft, (l, t, tl) -> l + t - tl);
      case 13 -> perByte(mean(left, top), topLeft, 0, (m, tl, _) -> m + (m - tl) / 2);
      default -> Vp8lTransform.ALPHA;
    };
  }

  /** Of each byte, rounded down. */
  private static int mean(int a, int b) {
    return (((a ^ b) & 0xfefefefe) >>> 1) + (a & b);
  }

  /** Left or top: which is nearer to left + top - top left, over all bytes. */
  private static int nearer(int left, int top, int topLeft) {
    int toLeft = 0;
    int toTop = 0;
    for (int shift = 0; shift < 32; shift += 8) {
      int corner = topLeft >> shift & 0xff;
      toLeft += Math.abs((top >> shift & 0xff) - corner);
      toTop += Math.abs((left >> shift & 0xff) - corner);
    }
    return toLeft < toTop ? left : top;
  }

  private interface OfBytes {
    int of(int a, int b, int c);
  }

  private static int perByte(int a, int b, int c, OfBytes function) {
    int result = 0;
    for (int shift = 0; shift < 32; shift += 8) {
      int value = function.of(a >> shift & 0xff, b >> shift & 0xff, c >> shift & 0xff);
      result |= Math.clamp(value, 0, 255) << shift;
    }
    return result;
  }
}
