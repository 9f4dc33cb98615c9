package dev.fovea.cpu.vector.microkernel;

import dev.fovea.cpu.kernel.Layout;

/** Memory in which one thread's part of one step lies; it stays with the thread, since a new array is zeroed at each step. */
public final class Scratch {
  private static final ThreadLocal<float[]> FLOATS = ThreadLocal.withInitial(() -> new float[0]);

  private Scratch() {}

  /** At least so many floats from {@link Layout#CACHE_LINE_START} on, with what the last user left in them. */
  public static float[] floats(int count) {
    float[] there = FLOATS.get();
    if (there.length < Layout.CACHE_LINE_START + count) {
      there = new float[Layout.CACHE_LINE_START + count];
      FLOATS.set(there);
    }
    return there;
  }
}
