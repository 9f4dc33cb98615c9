package dev.fovea.cpu.vector.microkernel;

import dev.fovea.cpu.kernel.Layout;

/**
 * Scratch memory of a thread for its units of one step; it is kept for the next steps, since a new array would have to be zeroed.
 */
public final class Scratch {
  private static final ThreadLocal<float[]> FLOATS = ThreadLocal.withInitial(() -> new float[0]);

  private Scratch() {}

  /** At least {@code count} floats from {@link Layout#CACHE_LINE_START} on; their content is undefined. */
  public static float[] floats(int count) {
    float[] scratch = FLOATS.get();
    if (scratch.length < Layout.CACHE_LINE_START + count) {
      scratch = new float[Layout.CACHE_LINE_START + count];
      FLOATS.set(scratch);
    }
    return scratch;
  }
}
