package dev.fovea.cpu.compile;

import dev.fovea.cpu.kernel.Layout;

/**
 * A tensor's memory in a program, before it has a place.
 *
 * @param size in floats
 * @param offset where it lies in its home; meaningless for {@link Home#ARENA} and {@link Home#KEPT}, which the plan places
 */
public record Buffer(int id, long size, Layout layout, Home home, int offset) {
  /** Whose memory it is. */
  public enum Home {
    /** The network's numbers. */
    PARAMETERS,
    /** The flat gradient. */
    GRADIENTS,
    /** Reused by others before its first and after its last use. */
    ARENA,
    /** The buffer's own from run to run: weights in another form. */
    KEPT
  }
}
