package dev.fovea.cpu.kernel;

import dev.fovea.graph.Op;

/**
 * One axis of an interpolation: for each position of the result the two input positions that it reads.
 *
 * @param in the number of input positions
 * @param weight the interpolation weight of the second position; the first one's is {@code 1 - weight}
 */
@SuppressWarnings("ArrayRecordComponent") // Written once, here; kernels read them.
public record ResizeAxis(int in, int[] first, int[] second, float[] weight) {

  public static ResizeAxis of(Op.Interpolation how, int in, int out) {
    ResizeAxis axis = new ResizeAxis(in, new int[out], new int[out], new float[out]);
    for (int position = 0; position < out; position++) {
      double at = switch (how) {
        case NEAREST -> (double) (int) ((long) position * in / out);
        case BILINEAR -> Math.max(0, Math.min(in - 1.0, (position + 0.5) * in / out - 0.5));
        case BILINEAR_CORNERS -> out == 1 ? 0 : position * (in - 1.0) / (out - 1);
      };
      axis.first[position] = (int) at;
      axis.second[position] = Math.min(in - 1, (int) at + 1);
      axis.weight[position] = (float) (at - (int) at);
    }
    return axis;
  }

  /** The number of positions of the result. */
  public int size() {
    return first.length;
  }
}
