package dev.fovea.data.digits;

import java.util.Arrays;

/**
 * Paper and pen: scales a path so that its ink just fits a box of 20 x 20 pixels, inks it with a nib of varying width, and
 * develops the image with its centre of mass in the middle of 28 x 28.
 */
final class DigitRaster {
  private static final int SIDE = Digits.SIDE;
  private static final int BOX = 20;
  private static final int MARGIN = (SIDE - BOX) / 2;

  /** Distance of a pixel that no stroke has come near. */
  private static final float FAR = 9;

  private final DigitRandom dice;
  private final DigitPath path;

  /** Distance in pixels of each pixel's centre to the edge of the ink, negative inside. */
  private final float[] distance = new float[SIDE * SIDE];

  DigitRaster(DigitPath path, DigitRandom dice) {
    this.path = path;
    this.dice = dice;
    float radius = Math.clamp((float) (1.15 * StrictMath.exp(0.32 * dice.normal())), 0.5f, 2.4f);
    fit(radius);
    Arrays.fill(distance, FAR);
    ink(radius);
    if (dice.chance(0.06f)) {
      gaps();
    }
  }

  /** Scales and moves the path into the box, the nib's radius left free around it. */
  private void fit(float radius) {
    float left = Float.MAX_VALUE;
    float top = Float.MAX_VALUE;
    float right = -Float.MAX_VALUE;
    float bottom = -Float.MAX_VALUE;
    for (int i = 0; i < path.size(); i++) {
      left = Math.min(left, path.x(i));
      right = Math.max(right, path.x(i));
      top = Math.min(top, path.y(i));
      bottom = Math.max(bottom, path.y(i));
    }
    float scale = (BOX - 2 * radius) / Math.max(right - left, bottom - top);
    float x0 = SIDE / 2f - scale * (left + right) / 2;
    float y0 = SIDE / 2f - scale * (top + bottom) / 2;
    for (int i = 0; i < path.size(); i++) {
      path.move(i, x0 + scale * path.x(i), y0 + scale * path.y(i));
    }
  }

  /** Draws all pieces; the nib is wider along one random direction, and swells or thins from the start to the end. */
  private void ink(float radius) {
    float broad = 0.12f * dice.normal();
    float turned = 0.12f * dice.normal();
    float swell = 0.15f * dice.normal();
    int n = path.size();
    float before = radius;
    for (int i = 1; i < n; i++) {
      if (path.starts(i)) {
        continue;
      }
      float dx = path.x(i) - path.x(i - 1);
      float dy = path.y(i) - path.y(i - 1);
      float square = dx * dx + dy * dy + 1e-6f;
      float profile = broad * (dx * dx - dy * dy) / square + turned * 2 * dx * dy / square;
      float after = radius * (1 + profile + swell * (2f * i / n - 1));
      if (path.starts(i - 1)) {
        before = after;
      }
      piece(path.x(i - 1), path.y(i - 1), dx, dy, before, after);
      before = after;
    }
  }

  /** Lowers the distances around one straight piece whose radius goes from r0 to r1. */
  private void piece(float x, float y, float dx, float dy, float r0, float r1) {
    float reach = Math.max(r0, r1) + 1.5f;
    int left = Math.max(0, (int) (Math.min(x, x + dx) - reach));
    int right = Math.min(SIDE - 1, (int) (Math.max(x, x + dx) + reach));
    int top = Math.max(0, (int) (Math.min(y, y + dy) - reach));
    int bottom = Math.min(SIDE - 1, (int) (Math.max(y, y + dy) + reach));
    float inverse = 1 / (dx * dx + dy * dy + 1e-6f);
    for (int row = top; row <= bottom; row++) {
      for (int column = left; column <= right; column++) {
        float px = column + 0.5f - x;
        float py = row + 0.5f - y;
        float t = Math.max(0, Math.min(1, (px * dx + py * dy) * inverse));
        float ex = px - t * dx;
        float ey = py - t * dy;
        float d = (float) Math.sqrt(ex * ex + ey * ey) - (r0 + t * (r1 - r0));
        int at = row * SIDE + column;
        distance[at] = Math.min(distance[at], d);
      }
    }
  }

  /** Takes ink away in one or two spots on the path, as where a pen skips. */
  private void gaps() {
    for (int k = dice.below(2); k >= 0; k--) {
      int i = dice.below(path.size());
      float size = dice.uniform(0.6f, 1.6f);
      for (int row = 0; row < SIDE; row++) {
        for (int column = 0; column < SIDE; column++) {
          float dx = column + 0.5f - path.x(i);
          float dy = row + 0.5f - path.y(i);
          int at = row * SIDE + column;
          distance[at] = Math.max(distance[at], size - (float) Math.sqrt(dx * dx + dy * dy));
        }
      }
    }
  }

  /** Turns distances into ink, adds the paper's specks and copies the image to {@code pixels}, centred. */
  void develop(byte[] pixels) {
    float[] ink = new float[SIDE * SIDE];
    float soft = dice.uniform(0.9f, 1.8f);
    float full = dice.uniform(0.9f, 1.25f);
    float rough = dice.uniform(0, 0.12f);
    float mass = 1e-6f;
    float massX = 0;
    float massY = 0;
    for (int row = 0; row < SIDE; row++) {
      for (int column = 0; column < SIDE; column++) {
        int at = row * SIDE + column;
        if (distance[at] < 1.5f) {
          float value = shade(distance[at] + rough * dice.normal(), soft, full);
          ink[at] = value;
          mass += value;
          massX += value * (column + 0.5f);
          massY += value * (row + 0.5f);
        }
      }
    }
    specks(ink);
    copy(ink, shift(massX / mass), shift(massY / mass), pixels);
  }

  /**
   * Whole pixels to move by so that the centre of mass comes to the middle, as in MNIST; the normal term leaves some images a
   * pixel off, and the limit keeps the box inside the frame.
   */
  private int shift(float centre) {
    return Math.clamp(Math.round(SIDE / 2f - centre + 0.35f * dice.normal()), -MARGIN, MARGIN);
  }

  /** Ink of 0 to 1 at that distance from the edge, which is {@code soft} pixels wide; more than full ink is cut off. */
  private static float shade(float edge, float soft, float full) {
    float t = Math.clamp(0.5f - edge / soft, 0f, 1f);
    return Math.min(1, full * t * t * (3 - 2 * t));
  }

  /** Lays a few bright points anywhere on one image of ten. */
  private void specks(float[] ink) {
    if (!dice.chance(0.1f)) {
      return;
    }
    for (int k = 1 + dice.below(4); k > 0; k--) {
      int at = dice.below(ink.length);
      ink[at] = Math.max(ink[at], dice.uniform(0.2f, 0.9f));
    }
  }

  private static void copy(float[] ink, int right, int down, byte[] pixels) {
    Arrays.fill(pixels, (byte) 0);
    for (int row = Math.max(0, down); row < Math.min(SIDE, SIDE + down); row++) {
      for (int column = Math.max(0, right); column < Math.min(SIDE, SIDE + right); column++) {
        pixels[row * SIDE + column] = (byte) (int) (255 * ink[(row - down) * SIDE + column - right] + 0.5f);
      }
    }
  }
}
