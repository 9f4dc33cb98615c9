package dev.fovea.explain;

import dev.fovea.image.Image;

/**
 * Colours for numbers, which people who see few colours distinguish, too: by lightness for numbers from 0 on, and by blue and orange for
 * those of both signs.
 */
public enum ColourScale {
  /** From dark to light: 0 to 1. */
  MAGNITUDE(new int[][] {{0x0B, 0x0B, 0x2B}, {0x4A, 0x14, 0x78}, {0xA5, 0x2C, 0x60}, {0xE6, 0x65, 0x2A}, {0xF9, 0xB3, 0x1C},
      {0xFB, 0xF7, 0xC5}}),
  /** Blue, light grey, orange: -1 to 1. */
  SIGNED(new int[][] {{0x0A, 0x3C, 0x86}, {0x5B, 0x94, 0xCE}, {0xF4, 0xF4, 0xF2}, {0xE9, 0x9A, 0x4E}, {0x9C, 0x3B, 0x02}});

  private final int[][] stops;

  ColourScale(int[][] stops) {
    this.stops = stops;
  }

  /** The smallest number that it shows. */
  public double lowest() {
    return this == SIGNED ? -1 : 0;
  }

  /** One of red, green and blue, of a number; smaller and larger ones have the colours of the ends. */
  public byte channel(double value, int channel) {
    double share = (Math.clamp(value, lowest(), 1) - lowest()) / (1 - lowest());
    double place = share * (stops.length - 1);
    int below = Math.min((int) place, stops.length - 2);
    double above = place - below;
    return (byte) Math.round(stops[below][channel] * (1 - above) + stops[below + 1][channel] * above);
  }

  /** An image of numbers, row by row. */
  public Image image(int width, int height, double[] values) {
    byte[] pixels = new byte[3 * width * height];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = channel(values[i / 3], i % 3);
    }
    return new Image(width, height, 3, pixels);
  }
}
