package dev.fovea.images.webp;

/** A transform of VP8L's pixels (RFC 9649, section 4), and its inverse. */
sealed interface Vp8lTransform {
  int ALPHA = 0xff000000;

  /** The width of the image before the inverse. */
  int storedWidth();

  /** The pixels after the inverse; those given may be changed. */
  int[] invert(int[] pixels, int height);

  /** The number of blocks of 2^bits pixels. */
  static int blocks(int size, int bits) {
    return (size + (1 << bits) - 1) >> bits;
  }

  /** The sums of the four bytes of each, without carries. */
  static int add(int a, int b) {
    return ((a & 0xff00ff00) + (b & 0xff00ff00)) & 0xff00ff00 | ((a & 0x00ff00ff) + (b & 0x00ff00ff)) & 0x00ff00ff;
  }

  /** Section 4.1: pixels are differences from a prediction, whose mode is the green of the pixel's block. */
  @SuppressWarnings("ArrayRecordComponent")
  record Prediction(int storedWidth, int bits, int[] modes) implements Vp8lTransform {
    @Override
    public int[] invert(int[] pixels, int height) {
      int columns = blocks(storedWidth, bits);
      for (int i = 0; i < pixels.length; i++) {
        int x = i % storedWidth;
        int y = i / storedWidth;
        int predicted = x == 0 && y == 0 ? ALPHA
            : y == 0 ? pixels[i - 1]
                : x == 0 ? pixels[i - storedWidth]
                    : Predictor.of(modes[(y >> bits) * columns + (x >> bits)] >> 8 & 15, pixels[i - 1],
                        pixels[i - storedWidth], pixels[i - storedWidth - 1], pixels[i - storedWidth + 1]);
        pixels[i] = add(pixels[i], predicted);
      }
      return pixels;
    }
  }

  /** Section 4.2: red and blue are reduced by multiples of green, and blue by a multiple of red. */
  @SuppressWarnings("ArrayRecordComponent")
  record Colour(int storedWidth, int bits, int[] factors) implements Vp8lTransform {
    @Override
    public int[] invert(int[] pixels, int height) {
      int columns = blocks(storedWidth, bits);
      for (int i = 0; i < pixels.length; i++) {
        int factor = factors[((i / storedWidth) >> bits) * columns + ((i % storedWidth) >> bits)];
        byte green = (byte) (pixels[i] >> 8);
        int red = (pixels[i] >> 16) + times(factor, green);
        int blue = pixels[i] + times(factor >> 8, green) + times(factor >> 16, red);
        pixels[i] = pixels[i] & 0xff00ff00 | (red & 0xff) << 16 | blue & 0xff;
      }
      return pixels;
    }

    private static int times(int factor, int value) {
      return ((byte) factor * (byte) value) >> 5;
    }
  }

  /** Section 4.3: green is subtracted from red and blue. */
  record SubtractGreen(int storedWidth) implements Vp8lTransform {
    @Override
    public int[] invert(int[] pixels, int height) {
      for (int i = 0; i < pixels.length; i++) {
        int green = pixels[i] >> 8 & 0xff;
        pixels[i] = add(pixels[i], green << 16 | green);
      }
      return pixels;
    }
  }

  /**
   * Section 4.4: green is an index into a palette; small indices share a pixel.
   *
   * @param bits of the number of pixels that share one
   * @param colours as many as an index can name; those the file lacks are transparent
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Palette(int width, int bits, int[] colours) implements Vp8lTransform {
    /** Of colours that are the differences from the one before. */
    static Palette of(int width, int[] differences) {
      int bits = differences.length > 16 ? 0 : differences.length > 4 ? 1 : differences.length > 2 ? 2 : 3;
      int[] colours = new int[1 << (8 >> bits)];
      for (int i = 0, colour = 0; i < differences.length; i++) {
        colour = add(colour, differences[i]);
        colours[i] = colour;
      }
      return new Palette(width, bits, colours);
    }

    @Override
    public int storedWidth() {
      return blocks(width, bits);
    }

    @Override
    public int[] invert(int[] pixels, int height) {
      int[] inverted = bits == 0 ? pixels : new int[width * height];
      int perIndex = 8 >> bits;
      for (int y = 0, at = 0; y < height; y++) {
        for (int x = 0; x < width; x++, at++) {
          int shared = pixels[y * storedWidth() + (x >> bits)] >> 8 & 0xff;
          int within = x & ((1 << bits) - 1);
          inverted[at] = colours[shared >> (within * perIndex) & (colours.length - 1)];
        }
      }
      return inverted;
    }
  }
}
