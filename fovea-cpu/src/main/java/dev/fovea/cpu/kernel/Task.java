package dev.fovea.cpu.kernel;

/**
 * A kernel bound to its buffers. Its work is split into units; each unit is the only one that writes its part of the output, and
 * its sums have a fixed order. So the result depends neither on the number of threads nor on which thread runs which unit.
 */
public interface Task {
  int units();

  void run(Memory memory, int from, int to);

  /** Runs the units from {@code from} up to, not including, {@code to}. */
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
