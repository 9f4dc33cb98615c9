package dev.fovea.cpu.kernel;

/**
 * What is still to be done to a step's numbers, each alone: a kernel applies it to those that it has just written, while they lie in
 * the core's cache. So an activation costs no walk through memory of its own.
 */
@FunctionalInterface
public interface Epilogue {
  Epilogue NONE = (_, _, _) -> {};

  /**
   * Finishes some numbers.
   *
   * @param at the first number, in the output's array
   * @param count a multiple of the vectors' lanes
   */
  void run(Memory m, int at, int count);

  /** This one, then that one. */
  default Epilogue then(Epilogue next) {
    return (m, at, count) -> {
      run(m, at, count);
      next.run(m, at, count);
    };
  }
}
