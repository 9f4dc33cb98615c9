package dev.fovea.data.digits;

import java.util.Arrays;

/**
 * Paper and pen: scales a path so that its ink fits exactly into a box of 20 x 20 pixels, inks it with a nib of varying width, and
 * renders the image with its centre of mass in the middle of 28 x 28.
 */
final class DigitRaster {
  private static final int SIDE = Digits.SIDE;
  private static final int BOX = 20;
  private static final int MARGIN = (SIDE - BOX) / 2;

  /** Distance of a pixel that is not near any stroke. */
  private static final float FAR = 9;

  private final DigitRandom random;
  private final DigitPath path;

  /** Distance in pixels of each pixel's centre to the edge of the ink, negative inside. */
  private final float[] distance = new float[SIDE * SIDE];

  DigitRaster(DigitPath path, DigitRandom random) {
    this.path = path;
    this.random = random;
    float radius = Math.clamp((float) (1.15 * StrictMath.exp(0.32 * random.normal())), 0.5f, 2.4f);
    fit(radius);
    Arrays.fill(distance, FAR);
    ink(radius);
    if (random.chance(0.06f)) {
      gaps();
    }
  }

  /** Scales and moves the path into the box, with a margin of the nib's radius. */
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

  /** Draws all segments; the nib is wider along one random direction, and its width grows or shrinks from start to end. */
  private void ink(float radius) {
    float axialWidth = 0.12f * random.normal();
    float diagonalWidth = 0.12f * random.normal();
    float swell = 0.15f * random.normal();
    int n = path.size();
    float before = radius;
    for (int i = 1; i < n; i++) {
      if (path.starts(i)) {
        continue;
      }
      float dx = path.x(i) - path.x(i - 1);
      float dy = path.y(i) - path.y(i - 1);
      float square = dx * dx + dy * dy + 1e-6f;
      float profile = axialWidth * (dx * dx - dy * dy) / square + diagonalWidth * 2 * dx * dy / square;
      float after = radius * (1 + profile + swell * (2f * i / n - 1));
      if (path.starts(i - 1)) {
        before = after;
      }
      segment(path.x(i - 1), path.y(i - 1), dx, dy, before, after);
      before = after;
    }
  }

  /** Updates the distances around a straight segment whose radius changes from r0 to r1. */
  private void segment(float x, float y, float dx, float dy, float r0, float r1) {
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

  /** Removes ink in one or two spots on the path, as if the pen had skipped. */
  private void gaps() {
    for (int k = random.below(2); k >= 0; k--) {
      int i = random.below(path.size());
      float size = random.uniform(0.6f, 1.6f);
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

  /** Converts distances to ink, adds specks of the paper and copies the image to {@code pixels}, centred. */
  void render(byte[] pixels) {
    float[] ink = new float[SIDE * SIDE];
    float soft = random.uniform(0.9f, 1.8f);
    float full = random.uniform(0.9f, 1.25f);
    float rough = random.uniform(0, 0.12f);
    float mass = 1e-6f;
    float massX = 0;
    float massY = 0;
    for (int row = 0; row < SIDE; row++) {
      for (int column = 0; column < SIDE; column++) {
        int at = row * SIDE + column;
        if (distance[at] < 1.5f) {
          float value = shade(distance[at] + rough * random.normal(), soft, full);
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
   * The shift in whole pixels that centres the centre of mass, as in MNIST; a normal term leaves some images a pixel off, and the
   * limit keeps the box inside the frame.
   */
  private int shift(float centre) {
    return Math.clamp(Math.round(SIDE / 2f - centre + 0.35f * random.normal()), -MARGIN, MARGIN);
  }

  /** Ink from 0 to 1 at a distance from the edge, which is {@code soft} pixels wide; clamped at full ink. */
  private static float shade(float edge, float soft, float full) {
    float t = Math.clamp(0.5f - edge / soft, 0f, 1f);
    return Math.min(1, full * t * t * (3 - 2 * t));
  }

  /** Adds a few bright points at random positions to one image of ten. */
  private void specks(float[] ink) {
    if (!random.chance(0.1f)) {
      return;
    }
    for (int k = 1 + random.below(4); k > 0; k--) {
      int at = random.below(ink.length);
      ink[at] = Math.max(ink[at], random.uniform(0.2f, 0.9f));
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
