package dev.fovea.cpu.kernel;

/**
 * Elementwise work on a step's output that is fused into the step: the kernel applies it to the elements that it has just written,
 * while they are in the core's cache. An activation then needs no pass over memory of its own.
 */
@FunctionalInterface
public interface Epilogue {
  Epilogue NONE = (_, _, _) -> {};

  /**
   * Applies it to some elements.
   *
   * @param at the first element, in the output's array
   * @param count a multiple of the number of vector lanes
   */
  void run(Memory m, int at, int count);

  /** This epilogue, then the next. */
  default Epilogue then(Epilogue next) {
    return (m, at, count) -> {
      run(m, at, count);
      next.run(m, at, count);
    };
  }
}
