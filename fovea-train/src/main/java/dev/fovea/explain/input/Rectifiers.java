package dev.fovea.explain.input;

import dev.fovea.graph.Op;

/** The operators that pass what is positive: ReLU, and its clipped forms such as ReLU6. */
final class Rectifiers {
  private Rectifiers() {}

  static boolean isRectifier(Op op) {
    return op instanceof Op.Relu || op instanceof Op.Clip(float min, _) && min == 0;
  }
}
