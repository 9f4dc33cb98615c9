package dev.fovea.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.tensor.Shape;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InkTest {
  private static final Preprocessing DIGIT = Preprocessing.of(Shape.of(1, 28, 28), Fit.INK);

  /** A seven, in a square of side 1: a bar, a slanted stem and a short stroke across it. */
  private static final double[][] SEVEN = {{0.15, 0.05, 0.85, 0.05}, {0.85, 0.05, 0.4, 0.95}, {0.4, 0.5, 0.8, 0.5}};

  /** The brightness of a page at a point, both from 0 to 1. */
  @FunctionalInterface
  private interface Light {
    double at(double x, double y);
  }

  /** A page of {@code width x height} with a seven of {@code side} pixels height at (left, top). */
  private record Page(int width, int height, int left, int top, double side, double pen) {
    Image drawn(Light light, double reflection, double noise) {
      SplittableRandom random = new SplittableRandom(7);
      byte[] pixels = new byte[width * height];
      for (int i = 0; i < pixels.length; i++) {
        int x = i % width;
        int y = i / width;
        double ink = ink((x + 0.5 - left) / side, (y + 0.5 - top) / side);
        double value = light.at((double) x / width, (double) y / height) * (1 - ink * (1 - reflection));
        pixels[i] = (byte) Math.clamp(Math.round(value + noise * (random.nextDouble() - 0.5)), 0L, 255L);
      }
      return new Image(width, height, 1, pixels);
    }

    /** 1 within the pen's width, 0 outside, with a ramp of one pixel between. */
    private double ink(double u, double v) {
      double nearest = 9;
      for (double[] s : SEVEN) {
        double dx = s[2] - s[0];
        double dy = s[3] - s[1];
        double t = Math.clamp(((u - s[0]) * dx + (v - s[1]) * dy) / (dx * dx + dy * dy), 0.0, 1.0);
        nearest = Math.min(nearest, Math.hypot(u - s[0] - t * dx, v - s[1] - t * dy));
      }
      return Math.clamp((pen / 2 - nearest) * side + 0.5, 0.0, 1.0);
    }
  }

  /** The seven in MNIST's normalisation: its box, including the pen, 20 pixels high, centred by its centre of mass. */
  private static Image expected() {
    Page page = new Page(28, 28, 0, 0, 20, 0.1);
    double sum = 0;
    double sumX = 0;
    double sumY = 0;
    for (int i = 0; i < 784; i++) {
      int row = i / 28;
      double ink = page.ink((i % 28 + 0.5) / 20, (row + 0.5) / 20);
      sum += ink;
      sumX += ink * (i % 28 + 0.5);
      sumY += ink * (row + 0.5);
    }
    Page centred = new Page(28, 28, (int) Math.round(14 - sumX / sum), (int) Math.round(14 - sumY / sum), 20, 0.1);
    return Ink.inverted(centred.drawn((x, y) -> 255, 0, 0));
  }

  private static double correlation(Image a, Image b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.pixels().length; i++) {
      int x = a.pixels()[i] & 0xff;
      int y = b.pixels()[i] & 0xff;
      ab += x * y;
      aa += x * x;
      bb += y * y;
    }
    return ab / Math.sqrt(aa * bb);
  }

  private static void assertSeven(Image page) {
    Image made = DIGIT.fit(page);
    double sum = 0;
    double sumX = 0;
    double sumY = 0;
    int top = 28;
    int bottom = -1;
    int maximum = 0;
    for (int i = 0; i < 784; i++) {
      int row = i / 28;
      int value = made.at(i % 28, row, 0);
      maximum = Math.max(maximum, value);
      sum += value;
      sumX += value * (i % 28 + 0.5);
      sumY += value * (row + 0.5);
      top = value > 20 ? Math.min(top, i / 28) : top;
      bottom = value > 20 ? i / 28 : bottom;
    }
    assertThat(maximum).isEqualTo(255);
    assertThat(sumX / sum).isBetween(13.0, 15.0);
    assertThat(sumY / sum).isBetween(13.0, 15.0);
    assertThat(bottom - top + 1).isBetween(18, 20);
    assertThat(correlation(made, expected())).isGreaterThan(0.85);
  }

  @ParameterizedTest(name = "{0}x{1}, {4} high, pen {5}")
  @CsvSource({
      "300, 200, 160, 40, 90, 0.1", "100, 100, 10, 10, 80, 0.12", "40, 40, 5, 6, 28, 0.12", "1600, 1200, 900, 300, 250, 0.08",
      "600, 600, 200, 150, 300, 0.03", "90, 100, 0, 2, 96, 0.12", "2000, 60, 1500, 10, 40, 0.1", "29, 29, 2, 2, 24, 0.12"
  })
  void writingIsFoundAnywhereOnThePage(int width, int height, int left, int top, double side, double pen) {
    Page page = new Page(width, height, left, top, side, pen);
    assertSeven(page.drawn((x, y) -> 255, 0, 0));
    assertSeven(page.drawn((x, y) -> 230, 0.3, 8));
    assertSeven(Ink.inverted(page.drawn((x, y) -> 255, 0, 0)));
    assertSeven(page.drawn((x, y) -> 250, 0.1, 4).rgb());
  }

  @Test
  void unevenLightIsRemoved() {
    Page page = new Page(640, 480, 250, 130, 220, 0.08);
    assertSeven(page.drawn((x, y) -> 240 - 150 * x, 0.35, 6));
    assertSeven(page.drawn((x, y) -> 90 + 150 * x * y, 0.35, 6));
    assertSeven(page.drawn((x, y) -> 230 - 260 * ((x - 0.4) * (x - 0.4) + (y - 0.5) * (y - 0.5)), 0.4, 6));
  }

  @Test
  void aShadowWithAnEdgeIsRemoved() {
    Page page = new Page(640, 480, 250, 130, 220, 0.08);
    assertSeven(page.drawn((x, y) -> x + y < 0.7 ? 150 : 235, 0.2, 6));
  }

  @Test
  void aPageInPoorLightIsStillAPage() {
    Page page = new Page(640, 480, 250, 130, 220, 0.08);
    assertSeven(page.drawn((x, y) -> 120 - 20 * y, 0.2, 4));
  }

  @Test
  void specksAndThePagesEdgeAreIgnored() {
    Image page = new Page(400, 300, 150, 60, 160, 0.1).drawn((x, y) -> 235, 0.2, 4);
    for (int i = 0; i < 9; i++) {
      page.pixels()[(20 + i / 3) * 400 + 30 + i % 3] = 20;
      page.pixels()[(280 + i / 3) * 400 + 370 + i % 3] = 20;
    }
    for (int y = 0; y < 300; y++) {
      for (int x = 390; x < 400; x++) {
        page.pixels()[y * 400 + x] = 30;
      }
    }
    assertSeven(page);
  }

  @Test
  void anImageOfTheRightSizeIsOnlyInvertedIfBright() {
    Image dark = Ink.inverted(new Page(28, 28, 2, 3, 20, 0.12).drawn((x, y) -> 255, 0, 0));
    assertThat(DIGIT.fit(dark)).isSameAs(dark);
    assertThat(DIGIT.fit(Ink.inverted(dark))).isEqualTo(dark);
    Preprocessing colour = Preprocessing.of(Shape.of(3, 28, 28), Fit.INK);
    assertThat(colour.fit(Ink.inverted(dark))).isEqualTo(dark.rgb());
  }

  @Test
  void emptyPagesBecomeBackground() {
    Image background = new Image(28, 28, 1, new byte[784]);
    Page empty = new Page(500, 400, -9000, 0, 100, 0.1);
    assertThat(DIGIT.fit(empty.drawn((x, y) -> 255, 0, 0))).isEqualTo(background);
    assertThat(DIGIT.fit(empty.drawn((x, y) -> 0, 0, 0))).isEqualTo(background);
    assertThat(DIGIT.fit(empty.drawn((x, y) -> 180, 0, 30))).isEqualTo(background);
    assertThat(DIGIT.fit(empty.drawn((x, y) -> 235 - 120 * x, 0, 8))).isEqualTo(background);
    Image specks = empty.drawn((x, y) -> 240, 0, 4);
    specks.pixels()[200 * 500 + 250] = 0;
    assertThat(DIGIT.fit(specks)).isEqualTo(background);
  }

  @Test
  void otsuSeparatesTwoClusters() {
    byte[] values = new byte[1000];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) (i < 900 ? i % 20 : 150 + i % 40);
    }
    assertThat(Ink.otsu(values, 0)).isBetween(19, 149);
  }
}
