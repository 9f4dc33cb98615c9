package dev.fovea.data.digits;

import java.util.Arrays;

/** The path of a pen: points in order; a point that {@code starts} a stroke is not connected to the previous one. */
final class DigitPath {
  private float[] x = new float[96];
  private float[] y = new float[96];
  private boolean[] starts = new boolean[96];
  private int size;

  void add(float px, float py, boolean start) {
    if (size == x.length) {
      x = Arrays.copyOf(x, 2 * size);
      y = Arrays.copyOf(y, 2 * size);
      starts = Arrays.copyOf(starts, 2 * size);
    }
    x[size] = px;
    y[size] = py;
    starts[size++] = start;
  }

  int size() {
    return size;
  }

  float x(int i) {
    return x[i];
  }

  float y(int i) {
    return y[i];
  }

  boolean starts(int i) {
    return starts[i];
  }

  void move(int i, float px, float py) {
    x[i] = px;
    y[i] = py;
  }
}
