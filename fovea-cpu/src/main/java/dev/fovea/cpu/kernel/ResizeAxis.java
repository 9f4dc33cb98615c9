package dev.fovea.cpu.kernel;

import dev.fovea.graph.Op;

/**
 * One axis of an image that is enlarged or shrunk: for each place of the result the two places that it reads.
 *
 * @param in places of the image
 * @param share the second one's part of what is read
 */
@SuppressWarnings("ArrayRecordComponent") // Written once, here; kernels read them.
public record ResizeAxis(int in, int[] first, int[] second, float[] share) {

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
      axis.share[position] = (float) (at - (int) at);
    }
    return axis;
  }

  /** Places of the result. */
  public int size() {
    return first.length;
  }
}
