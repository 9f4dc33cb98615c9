package dev.fovea.cpu.kernel;

import dev.fovea.graph.Op;

/**
 * One axis of a picture that is enlarged or shrunk: for each place of the result the two places that it reads.
 *
 * @param in places of the picture
 * @param share the second one's part of what is read
 */
@SuppressWarnings("ArrayRecordComponent") // Written once, here; kernels read them.
public record ResizeAxis(int in, int[] first, int[] second, float[] share) {

  public static ResizeAxis of(Op.Interpolation how, int in, int out) {
    ResizeAxis axis = new ResizeAxis(in, new int[out], new int[out], new float[out]);
    for (int place = 0; place < out; place++) {
      double at = switch (how) {
        case NEAREST -> (double) (int) ((long) place * in / out);
        case BILINEAR -> Math.max(0, Math.min(in - 1.0, (place + 0.5) * in / out - 0.5));
        case BILINEAR_CORNERS -> out == 1 ? 0 : place * (in - 1.0) / (out - 1);
      };
      axis.first[place] = (int) at;
      axis.second[place] = Math.min(in - 1, (int) at + 1);
      axis.share[place] = (float) (at - (int) at);
    }
    return axis;
  }

  /** Places of the result. */
  public int size() {
    return first.length;
  }
}
