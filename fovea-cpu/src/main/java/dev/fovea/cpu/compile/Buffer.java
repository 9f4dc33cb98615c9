package dev.fovea.cpu.compile;

import dev.fovea.cpu.kernel.Layout;

/**
 * The memory of a tensor in a program, before it has an address.
 *
 * @param size in floats
 * @param offset in its storage; meaningless for {@link Storage#ARENA} and {@link Storage#PERSISTENT}, where the plan chooses it
 */
public record Buffer(int id, long size, Layout layout, Storage storage, int offset) {
  /** Which memory it is part of. */
  public enum Storage {
    /** The network's parameters. */
    PARAMETERS,
    /** The flat array of gradients. */
    GRADIENTS,
    /** Memory that other buffers use before its first and after its last use. */
    ARENA,
    /** Memory that keeps its content from run to run: packed weights. */
    PERSISTENT
  }
}
