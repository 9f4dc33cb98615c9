package dev.fovea.cpu.kernel;

/**
 * A kernel bound to its buffers. Its work is cut into units, each the sole owner of what it writes and with one order of its
 * sums, so that neither the number of threads nor who computes what can be seen in the result.
 */
public interface Task {
  int units();

  void run(Memory memory, int from, int to);

  /** What a task does with the units from {@code from} up to, not including, {@code to}. */
  @FunctionalInterface
  interface Body {
    void run(Memory memory, int from, int to);
  }

  static Task of(int units, Body body) {
    return new Task() {
      @Override
      public int units() {
        return units;
      }

      @Override
      public void run(Memory memory, int from, int to) {
        body.run(memory, from, to);
      }
    };
  }
}
