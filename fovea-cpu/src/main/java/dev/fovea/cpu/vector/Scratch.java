package dev.fovea.cpu.vector;

/** Memory in which one thread's part of one step lies; it stays with the thread, since a new array is zeroed at each step. */
final class Scratch {
  private static final ThreadLocal<float[]> FLOATS = ThreadLocal.withInitial(() -> new float[0]);

  private Scratch() {}

  /** At least so many floats, with what the last user left in them. */
  static float[] floats(int count) {
    float[] there = FLOATS.get();
    if (there.length < count) {
      there = new float[count];
      FLOATS.set(there);
    }
    return there;
  }
}
