package dev.fovea.data.digits;

import dev.fovea.data.digits.DigitStyle.Knot;
import dev.fovea.data.digits.DigitStyle.Stroke;
import java.util.List;

/** A writer: converts a style into the path of the pen, with random tremble, slant, stretch, rotation and warp. */
final class DigitWriter {
  /** The number of line segments of a curve between two knots. */
  private static final int SEGMENTS = 6;

  private final DigitRandom random;

  DigitWriter(DigitRandom random) {
    this.random = random;
  }

  DigitPath write(DigitStyle style) {
    // Most writers are neat, some are not.
    float tremble = 0.014f + 0.044f * random.uniform(0, 1) * random.uniform(0, 1);
    DigitPath path = new DigitPath();
    boolean first = true;
    for (Stroke stroke : style.strokes()) {
      float lift = first ? 0 : 0.025f;
      trace(stroke.knots(), tremble, lift * random.normal(), lift * random.normal(), path);
      first = false;
    }
    distort(path);
    return path;
  }

  /** Appends a smooth curve through the knots, with tremble added; the whole stroke is displaced by (dx, dy). */
  private void trace(List<Knot> knots, float tremble, float dx, float dy, DigitPath path) {
    int n = knots.size();
    float[] x = new float[n];
    float[] y = new float[n];
    for (int i = 0; i < n; i++) {
      Knot knot = knots.get(i);
      x[i] = knot.x() + dx + tremble * random.normal();
      y[i] = knot.y() + dy + tremble * random.normal();
    }
    lengthen(x, y, 0, 1);
    lengthen(x, y, n - 1, n - 2);
    path.add(x[0], y[0], true);
    for (int i = 0; i + 1 < n; i++) {
      boolean free0 = i == 0 || knots.get(i).corner();
      boolean free1 = i + 2 == n || knots.get(i + 1).corner();
      curve(x, y, i, free0, free1, path);
    }
  }

  /** Extends or shortens a stroke at an end, along its last segment. */
  private void lengthen(float[] x, float[] y, int end, int before) {
    float by = 0.12f * random.normal();
    x[end] += by * (x[end] - x[before]);
    y[end] += by * (y[end] - y[before]);
  }

  /**
   * A cubic Hermite segment from knot i to i + 1. At a knot between two segments the tangent is parallel to the line between its
   * neighbours; at a free end it is the other end's tangent mirrored at the chord, which gives an arc.
   */
  private static void curve(float[] x, float[] y, int i, boolean free0, boolean free1, DigitPath path) {
    float cx = x[i + 1] - x[i];
    float cy = y[i + 1] - y[i];
    float chord = (float) Math.sqrt(cx * cx + cy * cy) + 1e-6f;
    float ux = cx / chord;
    float uy = cy / chord;
    float ax = free0 ? ux : tangent(x, y, i);
    float ay = free0 ? uy : tangent(y, x, i);
    float bx = free1 ? ux : tangent(x, y, i + 1);
    float by = free1 ? uy : tangent(y, x, i + 1);
    if (free0 && !free1) {
      float along = 2 * (bx * ux + by * uy);
      ax = along * ux - bx;
      ay = along * uy - by;
    } else if (free1 && !free0) {
      float along = 2 * (ax * ux + ay * uy);
      bx = along * ux - ax;
      by = along * uy - ay;
    }
    for (int k = 1; k <= SEGMENTS; k++) {
      float t = (float) k / SEGMENTS;
      float rest = 1 - t;
      float h = t * t * (3 - 2 * t);
      float ha = chord * t * rest * rest;
      float hb = -chord * t * t * rest;
      path.add(x[i] + h * cx + ha * ax + hb * bx, y[i] + h * cy + ha * ay + hb * by, false);
    }
  }

  /** First coordinate of the unit vector from knot i - 1 to i + 1. */
  private static float tangent(float[] a, float[] b, int i) {
    float da = a[i + 1] - a[i - 1];
    float db = b[i + 1] - b[i - 1];
    return da / ((float) Math.sqrt(da * da + db * db) + 1e-6f);
  }

  /** Warps, stretches, slants and rotates all points about the centre of the box. */
  private void distort(DigitPath path) {
    double angle = 0.13 * random.normal();
    float sin = (float) StrictMath.sin(angle);
    float cos = (float) StrictMath.cos(angle);
    float width = (float) StrictMath.exp(0.24 * random.normal());
    float slant = 0.12f + 0.27f * random.normal();
    Wave right = new Wave(random);
    Wave down = new Wave(random);
    for (int i = 0; i < path.size(); i++) {
      float px = path.x(i) - 0.5f;
      float py = path.y(i) - 0.5f;
      float wx = (px + right.at(px, py)) * width;
      float wy = py + down.at(px, py);
      wx -= slant * wy;
      path.move(i, cos * wx - sin * wy, sin * wx + cos * wy);
    }
  }

  /** A displacement that varies smoothly over the box: one wave of random direction, length and phase. */
  private static final class Wave {
    private final float amplitude;
    private final float kx;
    private final float ky;
    private final float phase;

    Wave(DigitRandom random) {
      amplitude = 0.04f * random.normal();
      kx = random.uniform(-6, 6);
      ky = random.uniform(-6, 6);
      phase = random.uniform(0, 6.2831855f);
    }

    float at(float x, float y) {
      return amplitude * (float) StrictMath.sin(kx * x + ky * y + phase);
    }
  }
}
