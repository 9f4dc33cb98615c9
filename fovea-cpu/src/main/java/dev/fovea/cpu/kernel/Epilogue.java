package dev.fovea.cpu.kernel;

/**
 * What is still to be done to a step's output, element by element: a kernel applies it to the elements that it has just written,
 * while they are in the core's cache. An activation then takes no pass through memory of its own.
 */
@FunctionalInterface
public interface Epilogue {
  Epilogue NONE = (_, _, _) -> {};

  /**
   * Finishes some elements.
   *
   * @param at the first element, in the output's array
   * @param count a multiple of the number of vector lanes
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
